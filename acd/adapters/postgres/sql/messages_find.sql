-- Messages by id, number, terminal, queue and time, newest first, each with what is owed for it: the
-- matter of its number that was open then, or of its call where no number is known.
SELECT message_id, message.call_id, left_at, message.number, message.queue, terminal, duration_ms,
       due_at, owed.obligation_id AS obligation, owed.state, owed.closed_at
FROM message
LEFT JOIN LATERAL (
    SELECT obligation_id, state, closed_at FROM obligation
    WHERE (obligation.number = message.number
           AND message.left_at >= owed_at AND (closed_at IS NULL OR message.left_at <= closed_at))
       OR obligation.call_id = message.call_id
    ORDER BY owed_at DESC LIMIT 1
) AS owed ON true
WHERE ($1::text IS NULL OR message_id = $1)
  AND ($2::text IS NULL OR message.number = $2)
  AND ($3::text IS NULL OR terminal = $3)
  AND ($4::text IS NULL OR message.queue = $4)
  AND ($5::timestamptz IS NULL OR left_at >= $5)
  AND ($6::timestamptz IS NULL OR left_at < $6)
ORDER BY left_at DESC, message_id DESC
LIMIT $7
