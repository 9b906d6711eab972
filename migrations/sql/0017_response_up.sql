-- Whether anybody responded in a call (E33), by an agent's word or an outcome, whatever was heard.

ALTER TABLE call ADD COLUMN response text CHECK (response IN ('responded', 'no_response'));
COMMENT ON COLUMN call.response IS
    'of emergencies that were connected, and of lines found silent; NULL where it is not asked';

CREATE OR REPLACE VIEW call_records AS
SELECT call_id, arrived_at, queue, first_offer_at, picked_up_at, answered_at, ended_at,
       wait_ms, ring_ms, talk_ms, hold_ms, wrap_up_ms,
       trunk, caller, called, entry, kind, terminal, elders, agent, seat,
       outcome, offers, synthetic, recording, promise_broken_at, incident_at,
       direction, reference, precedence, repeat, rating_scale, rating,
       (SELECT case_id FROM cases WHERE cases.calls @> ARRAY[call.call_id]
        ORDER BY opened_at DESC LIMIT 1) AS case_id,
       response
FROM call;
