-- Adds what a batch says of calls to what stands there.
INSERT INTO call AS standing (
    call_id, arrived_at, trunk, caller, called, entry, kind, queue, terminal, elders, synthetic,
    recording, picked_up_at, first_offer_at, answered_at, ended_at, agent, seat, outcome, offers,
    wait_ms, ring_ms, talk_ms, hold_ms, wrap_up_ms, promise_broken_at, incident_at,
    direction, reference, precedence, repeat, rating_scale, rating, rating_source,
    rating_by, response, disposition, test_kind, test_staff, flow)
SELECT
    call_id, arrived_at, trunk, caller, called, entry, kind, queue, terminal,
    coalesce(elders, '{}'), synthetic,
    recording, picked_up_at, first_offer_at, answered_at, ended_at, agent, seat, outcome, offers,
    wait_ms, ring_ms, talk_ms, hold_ms, coalesce(wrap_up_ms, 0), promise_broken_at, incident_at,
    coalesce(direction, 'inbound'), reference, precedence, repeat,
    rating_scale, rating, rating_source, rating_by, response, disposition, test_kind, test_staff,
    flow
FROM jsonb_to_recordset($1::text::jsonb) AS batch (
    call_id text, arrived_at timestamptz, trunk text, caller text, called text, entry text,
    kind text, queue text, terminal text, elders text[], synthetic boolean, recording text,
    picked_up_at timestamptz, first_offer_at timestamptz, answered_at timestamptz,
    ended_at timestamptz, agent text, seat text, outcome text, offers integer,
    wait_ms bigint, ring_ms bigint, talk_ms bigint, hold_ms bigint, wrap_up_ms bigint,
    promise_broken_at timestamptz, incident_at timestamptz, direction text, reference text,
    precedence smallint, repeat boolean, rating_scale text, rating text,
    rating_source text, rating_by text, response text,
    disposition text, test_kind text, test_staff text, flow text)
ON CONFLICT (call_id, arrived_at) DO UPDATE SET
    trunk = coalesce(excluded.trunk, standing.trunk),
    caller = coalesce(excluded.caller, standing.caller),
    called = coalesce(excluded.called, standing.called),
    entry = coalesce(excluded.entry, standing.entry),
    kind = coalesce(excluded.kind, standing.kind),
    queue = coalesce(excluded.queue, standing.queue),
    terminal = coalesce(excluded.terminal, standing.terminal),
    elders = CASE excluded.elders WHEN '{}' THEN standing.elders ELSE excluded.elders END,
    synthetic = coalesce(excluded.synthetic, standing.synthetic),
    recording = coalesce(excluded.recording, standing.recording),
    picked_up_at = coalesce(standing.picked_up_at, excluded.picked_up_at),
    first_offer_at = coalesce(standing.first_offer_at, excluded.first_offer_at),
    answered_at = coalesce(standing.answered_at, excluded.answered_at),
    ended_at = coalesce(excluded.ended_at, standing.ended_at),
    agent = coalesce(standing.agent, excluded.agent),
    seat = coalesce(standing.seat, excluded.seat),
    outcome = coalesce(excluded.outcome, standing.outcome),
    offers = coalesce(excluded.offers, standing.offers),
    wait_ms = coalesce(excluded.wait_ms, standing.wait_ms),
    ring_ms = coalesce(excluded.ring_ms, standing.ring_ms),
    talk_ms = coalesce(excluded.talk_ms, standing.talk_ms),
    hold_ms = coalesce(excluded.hold_ms, standing.hold_ms),
    wrap_up_ms = standing.wrap_up_ms + excluded.wrap_up_ms,
    promise_broken_at = coalesce(standing.promise_broken_at, excluded.promise_broken_at),
    incident_at = coalesce(standing.incident_at, excluded.incident_at),
    direction = CASE excluded.direction WHEN 'inbound' THEN standing.direction
        ELSE excluded.direction END,
    reference = coalesce(excluded.reference, standing.reference),
    precedence = coalesce(excluded.precedence, standing.precedence),
    repeat = coalesce(excluded.repeat, standing.repeat),
    -- The caller's own key stands, whatever people write down besides (C28).
    (rating_scale, rating, rating_source, rating_by) = (
        SELECT said.scale, said.rating, said.source, said.by
        FROM (VALUES
            (1, standing.rating_scale, standing.rating, standing.rating_source,
             standing.rating_by),
            (2, excluded.rating_scale, excluded.rating, excluded.rating_source,
             excluded.rating_by)) AS said (place, scale, rating, source, by)
        ORDER BY said.rating IS NULL, said.source <> 'digits', said.place DESC LIMIT 1),
    response = coalesce(excluded.response, standing.response),
    disposition = coalesce(excluded.disposition, standing.disposition),
    test_kind = coalesce(excluded.test_kind, standing.test_kind),
    test_staff = coalesce(excluded.test_staff, standing.test_staff),
    flow = coalesce(excluded.flow, standing.flow)
