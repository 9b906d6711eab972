-- Keeps the facts of a batch and returns the numbers of those that were not there yet.
INSERT INTO fact (epoch, seq, at, kind, call, body)
SELECT $1, seq, at, kind, call, body
FROM jsonb_to_recordset($2::text::jsonb)
     AS batch (seq bigint, at timestamptz, kind text, call text, body jsonb)
ON CONFLICT DO NOTHING
RETURNING seq
