-- Messages that callers have left.
INSERT INTO message (message_id, call_id, arrived_at, left_at, number, queue, terminal, duration_ms,
                     due_at)
SELECT message_id, call_id, arrived_at, left_at, number, queue, terminal, duration_ms, due_at
FROM jsonb_to_recordset($1::text::jsonb) AS batch (
    message_id text, call_id text, arrived_at timestamptz, left_at timestamptz, number text,
    queue text, terminal text, duration_ms bigint, due_at timestamptz)
ON CONFLICT DO NOTHING
