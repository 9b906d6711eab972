-- Adds what a batch says of offers to what stands there.
INSERT INTO offer AS standing (
    offer_id, call_id, arrived_at, agent, seat, phone, leg_id, made_at, slack_ms, free, idle_ms,
    selection, rank, next, skipped, reach, ring_limit_ms, phones, tier, overflow, preferred,
    ended_at, result, ring_ms, why)
SELECT
    offer_id, call_id, arrived_at, agent, seat, phone, leg_id, made_at, slack_ms, free, idle_ms,
    selection, rank, next, skipped, reach, ring_limit_ms, phones, tier, overflow, preferred,
    ended_at, result, ring_ms, why
FROM jsonb_to_recordset($1::text::jsonb) AS batch (
    offer_id text, call_id text, arrived_at timestamptz, agent text, seat text, phone text,
    leg_id text, made_at timestamptz, slack_ms bigint, free integer, idle_ms bigint,
    selection text, rank bigint, next text[], skipped jsonb, reach text, ring_limit_ms bigint,
    phones integer, tier smallint, overflow text, preferred text, ended_at timestamptz, result text, ring_ms bigint, why text)
ON CONFLICT (call_id, offer_id, arrived_at) DO UPDATE SET
    seat = coalesce(excluded.seat, standing.seat),
    phone = coalesce(excluded.phone, standing.phone),
    leg_id = coalesce(excluded.leg_id, standing.leg_id),
    made_at = coalesce(excluded.made_at, standing.made_at),
    slack_ms = coalesce(excluded.slack_ms, standing.slack_ms),
    free = coalesce(excluded.free, standing.free),
    idle_ms = coalesce(excluded.idle_ms, standing.idle_ms),
    selection = coalesce(excluded.selection, standing.selection),
    rank = coalesce(excluded.rank, standing.rank),
    next = coalesce(excluded.next, standing.next),
    skipped = coalesce(excluded.skipped, standing.skipped),
    reach = coalesce(excluded.reach, standing.reach),
    ring_limit_ms = coalesce(excluded.ring_limit_ms, standing.ring_limit_ms),
    phones = coalesce(excluded.phones, standing.phones),
    tier = coalesce(excluded.tier, standing.tier),
    overflow = coalesce(excluded.overflow, standing.overflow),
    preferred = coalesce(excluded.preferred, standing.preferred),
    ended_at = coalesce(excluded.ended_at, standing.ended_at),
    result = coalesce(excluded.result, standing.result),
    ring_ms = coalesce(excluded.ring_ms, standing.ring_ms),
    why = coalesce(excluded.why, standing.why)
