-- What a call turned out to be by an agent's last word (E01), so that reports divide by it (K11).
ALTER TABLE call ADD COLUMN flow text;
COMMENT ON COLUMN call.flow IS 'as *21 names it: emergency, enquiry, referral, complaint; NULL: nobody has said';
UPDATE call SET flow = said.flow
FROM (SELECT DISTINCT ON (call) call, body ->> 'flow' AS flow
      FROM fact
      WHERE kind = 'CallClassified'
      ORDER BY call, at DESC, seq DESC) AS said
WHERE call.call_id = said.call;

CREATE OR REPLACE VIEW call_records AS
SELECT call_id, arrived_at, queue, first_offer_at, picked_up_at, answered_at, ended_at,
       wait_ms, ring_ms, talk_ms, hold_ms, wrap_up_ms,
       trunk, caller, called, entry, kind, terminal, elders, agent, seat,
       outcome, offers, synthetic, recording, promise_broken_at, incident_at,
       direction, reference, precedence, repeat, rating_scale, rating,
       (SELECT case_id FROM cases WHERE cases.calls @> ARRAY[call.call_id]
        ORDER BY opened_at DESC LIMIT 1) AS case_id,
       response,
       rating_source, rating_by,
       disposition, test_kind, test_staff,
       flow
FROM call;

-- How many calls an operator carries at once, so that a trunk that fills up is told of before it is
-- full (H10, T30).
ALTER TABLE trunks ADD COLUMN lines integer CHECK (lines BETWEEN 1 AND 10000);
COMMENT ON COLUMN trunks.lines IS 'calls at once by the operator''s contract; NULL: unknown';
