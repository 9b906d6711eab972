-- What agents have written down of a call, the newest first.
SELECT at, agent, category, words, erased_at FROM call_notes WHERE call_id = $1 ORDER BY note_id DESC
