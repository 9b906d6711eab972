-- Writes a note of a call down; no row when there is no such call.
INSERT INTO call_notes (call_id, agent, category, words)
SELECT $1, $2, $3, $4 WHERE EXISTS (SELECT FROM call WHERE call.call_id = $1)
RETURNING at, agent, category, words, erased_at
