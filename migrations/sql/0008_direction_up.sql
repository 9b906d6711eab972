-- Calls that we place (T19) stand in the same table: an agent's day and an elder's history are both.
-- Every figure of what came in asks for direction = 'inbound' (K04).
ALTER TABLE call
    ADD COLUMN direction text NOT NULL DEFAULT 'inbound',
    ADD COLUMN reference text;
COMMENT ON COLUMN call.direction IS 'inbound or outbound';
COMMENT ON COLUMN call.reference IS 'the case or the order an outbound call was about';
COMMENT ON COLUMN call.called IS 'the number that was dialled: by the caller, or by us';

CREATE OR REPLACE VIEW call_records AS
SELECT call_id, arrived_at, queue, first_offer_at, picked_up_at, answered_at, ended_at,
       wait_ms, ring_ms, talk_ms, hold_ms, wrap_up_ms,
       trunk, caller, called, entry, kind, terminal, elders, agent, seat,
       outcome, offers, synthetic, recording, promise_broken_at, incident_at,
       direction, reference
FROM call;
