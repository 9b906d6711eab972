-- How it became known how content somebody was, and who wrote it down (C28).

ALTER TABLE call
    ADD COLUMN rating_source text
        CHECK (rating_source IN ('digits', 'agent', 'revisit', 'sms')),
    ADD COLUMN rating_by text;
UPDATE call SET rating_source = 'digits' WHERE rating IS NOT NULL;
COMMENT ON COLUMN call.rating_source IS
    'digits: the caller''s own key, which stands whatever people write down besides';
COMMENT ON COLUMN call.rating_by IS 'the agent who wrote it down; NULL for digits';

CREATE OR REPLACE VIEW call_records AS
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
