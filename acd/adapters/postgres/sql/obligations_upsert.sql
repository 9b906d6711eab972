-- Writes what was last known of obligations; what is older than what stands changes nothing.
INSERT INTO obligation AS standing (
    obligation_id, noted_at, state, kind, why, queue, emergency, number, call_id, owed_at,
    deadline_at, closed_at, closing, late, level, body)
SELECT obligation_id, noted_at, state, kind, why, queue, emergency, number, call_id, owed_at,
       deadline_at, closed_at, closing, late, level, body
FROM jsonb_to_recordset($1::text::jsonb) AS batch (
    obligation_id text, noted_at timestamptz, state text, kind text, why text, queue text,
    emergency boolean, number text, call_id text, owed_at timestamptz, deadline_at timestamptz,
    closed_at timestamptz, closing text, late boolean, level integer, body jsonb)
ON CONFLICT (obligation_id) DO UPDATE SET
    noted_at = excluded.noted_at,
    state = excluded.state,
    deadline_at = excluded.deadline_at,
    closed_at = excluded.closed_at,
    closing = excluded.closing,
    late = excluded.late,
    level = excluded.level,
    body = excluded.body
WHERE standing.closed_at IS NULL AND excluded.noted_at >= standing.noted_at
