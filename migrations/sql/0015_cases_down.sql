-- The cases are forgotten; the facts still have them.
DROP VIEW case_calls;
DROP VIEW call_records;
CREATE VIEW call_records AS
SELECT call_id, arrived_at, queue, first_offer_at, picked_up_at, answered_at, ended_at,
       wait_ms, ring_ms, talk_ms, hold_ms, wrap_up_ms,
       trunk, caller, called, entry, kind, terminal, elders, agent, seat,
       outcome, offers, synthetic, recording, promise_broken_at, incident_at,
       direction, reference, precedence, repeat, rating_scale, rating
FROM call;
COMMENT ON VIEW call_records IS
    'one row per call; answered_at is when an agent''s audio reached the caller (C01, C03)';
DROP TABLE cases;
