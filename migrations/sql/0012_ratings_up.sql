-- How content callers are (V17, C04, C28): asked by the queue's policy, kept in the scale's own words.

ALTER TABLE queue_treatments ADD COLUMN rating text CHECK (rating IN ('s0', 's2'));
COMMENT ON COLUMN queue_treatments.rating IS
    'in whose words callers with keys are asked after an enquiry; NULL is never';

ALTER TABLE call ADD COLUMN rating_scale text, ADD COLUMN rating text;
COMMENT ON COLUMN call.rating_scale IS 's0 or s2: which standard''s words';
COMMENT ON COLUMN call.rating IS 'what the caller said, in the scale''s own word';

CREATE OR REPLACE VIEW call_records AS
SELECT call_id, arrived_at, queue, first_offer_at, picked_up_at, answered_at, ended_at,
       wait_ms, ring_ms, talk_ms, hold_ms, wrap_up_ms,
       trunk, caller, called, entry, kind, terminal, elders, agent, seat,
       outcome, offers, synthetic, recording, promise_broken_at, incident_at,
       direction, reference, precedence, repeat, rating_scale, rating
FROM call;
