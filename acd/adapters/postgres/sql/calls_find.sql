-- Calls by any of caller, entry, agent, terminal and time, newest first, each with its newest note.
WITH found AS (
    SELECT * FROM call_records
    WHERE ($1::text IS NULL OR caller = $1)
      AND ($2::text IS NULL OR called = $2)
      AND ($3::text IS NULL OR agent = $3)
      AND ($4::text IS NULL OR terminal = $4)
      AND ($5::timestamptz IS NULL OR arrived_at >= $5)
      AND ($6::timestamptz IS NULL OR arrived_at < $6)
    ORDER BY arrived_at DESC, call_id DESC
    LIMIT $7
)
SELECT call_id, arrived_at, queue, first_offer_at, picked_up_at, answered_at, ended_at,
       wait_ms, ring_ms, talk_ms, hold_ms, wrap_up_ms, trunk, caller, called, entry, kind,
       terminal, elders, agent, seat, outcome, offers, synthetic, recording,
       promise_broken_at, incident_at, direction, reference, precedence, repeat,
       rating_scale, rating, rating_source, rating_by, case_id, response, disposition,
       test_kind, test_staff, flow, note, note_category, noted_by, noted_at
FROM found
LEFT JOIN LATERAL (SELECT words AS note, category AS note_category, agent AS noted_by, at AS noted_at
                   FROM call_notes WHERE call_notes.call_id = found.call_id
                   ORDER BY note_id DESC LIMIT 1) AS newest ON true
ORDER BY arrived_at DESC, call_id DESC
