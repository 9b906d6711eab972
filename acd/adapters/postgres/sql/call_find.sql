-- One call by its id.
SELECT call_id, arrived_at, queue, first_offer_at, picked_up_at, answered_at, ended_at,
       wait_ms, ring_ms, talk_ms, hold_ms, wrap_up_ms, trunk, caller, called, entry, kind,
       terminal, elders, agent, seat, outcome, offers, synthetic, recording,
       promise_broken_at, incident_at, direction, reference, precedence, repeat,
       rating_scale, rating, rating_source, rating_by, case_id, response, disposition,
       test_kind, test_staff, flow
FROM call_records WHERE call_id = $1
ORDER BY arrived_at DESC LIMIT 1
