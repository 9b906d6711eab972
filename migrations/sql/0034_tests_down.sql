-- Back to calls whose outcome by an agent's word stands in the facts alone. Which swapped device has
-- which number is lost where the directory's file does not say it.
DROP INDEX fact_emergency_report;
DROP VIEW case_calls;
DROP VIEW call_records;
DROP VIEW known_numbers;
DROP TABLE noted_numbers;
ALTER TABLE call DROP COLUMN disposition, DROP COLUMN test_kind, DROP COLUMN test_staff;
CREATE VIEW call_records AS
SELECT call_id, arrived_at, queue, first_offer_at, picked_up_at, answered_at, ended_at,
       wait_ms, ring_ms, talk_ms, hold_ms, wrap_up_ms,
       trunk, caller, called, entry, kind, terminal, elders, agent, seat,
       outcome, offers, synthetic, recording, promise_broken_at, incident_at,
       direction, reference, precedence, repeat, rating_scale, rating,
       (SELECT case_id FROM cases WHERE cases.calls @> ARRAY[call.call_id]
        ORDER BY opened_at DESC LIMIT 1) AS case_id,
       response,
       rating_source, rating_by
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
