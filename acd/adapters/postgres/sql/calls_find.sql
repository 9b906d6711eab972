-- Calls by any of caller, entry, agent, terminal and time, newest first.
SELECT call_id, arrived_at, queue, first_offer_at, picked_up_at, answered_at, ended_at,
       wait_ms, ring_ms, talk_ms, hold_ms, wrap_up_ms, trunk, caller, called, entry, kind,
       terminal, elders, agent, seat, outcome, offers, synthetic, recording,
       promise_broken_at, incident_at, direction, reference, precedence, repeat,
       rating_scale, rating, rating_source, rating_by, case_id, response, disposition,
       test_kind, test_staff, flow
FROM call_records
WHERE ($1::text IS NULL OR caller = $1)
  AND ($2::text IS NULL OR called = $2)
  AND ($3::text IS NULL OR agent = $3)
  AND ($4::text IS NULL OR terminal = $4)
  AND ($5::timestamptz IS NULL OR arrived_at >= $5)
  AND ($6::timestamptz IS NULL OR arrived_at < $6)
ORDER BY arrived_at DESC, call_id DESC
LIMIT $7
