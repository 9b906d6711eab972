-- What a call turned out to be stands in the facts alone again. How many lines a trunk has is lost.
ALTER TABLE trunks DROP COLUMN lines;
DROP VIEW case_calls;
DROP VIEW call_records;
ALTER TABLE call DROP COLUMN flow;
CREATE VIEW call_records AS
SELECT call_id, arrived_at, queue, first_offer_at, picked_up_at, answered_at, ended_at,
       wait_ms, ring_ms, talk_ms, hold_ms, wrap_up_ms,
       trunk, caller, called, entry, kind, terminal, elders, agent, seat,
       outcome, offers, synthetic, recording, promise_broken_at, incident_at,
       direction, reference, precedence, repeat, rating_scale, rating,
       (SELECT case_id FROM cases WHERE cases.calls @> ARRAY[call.call_id]
        ORDER BY opened_at DESC LIMIT 1) AS case_id,
       response,
       rating_source, rating_by,
       disposition, test_kind, test_staff
FROM call;
COMMENT ON VIEW call_records IS
    'one row per call; answered_at is when an agent''s audio reached the caller (C01, C03)';

CREATE VIEW case_calls AS
SELECT cases.case_id, position, its.call_id, record.arrived_at, record.caller, record.called,
       record.direction, record.agent, record.outcome, record.answered_at, record.ended_at,
       record.recording
FROM cases
CROSS JOIN LATERAL unnest(cases.calls) WITH ORDINALITY AS its (call_id, position)
JOIN call_records record ON record.call_id = its.call_id;
COMMENT ON VIEW case_calls IS 'the calls of each case, in order';
