-- What the regulator is told of calls (L3): those that are over, and no proofs. The far end's number is
-- the caller's, or the one that was called.
SELECT call_id AS call, direction,
       CASE direction WHEN 'outbound' THEN called ELSE caller END AS number,
       entry, kind, queue, trunk, terminal, elders, agent, seat,
       arrived_at, first_offer_at, answered_at, ended_at, wait_ms, ring_ms, talk_ms, hold_ms,
       wrap_up_ms, outcome, response, disposition, test_kind, flow, rating_scale, rating,
       rating_source, recording, case_id AS "case"
FROM call_records
WHERE call_id = ANY ($1::text[]) AND ended_at IS NOT NULL AND synthetic IS NOT TRUE
