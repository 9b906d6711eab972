-- Cases by any of elder, terminal, number and time of opening, the newest first.
SELECT body::text FROM cases
WHERE ($1::text IS NULL OR elders @> ARRAY[$1])
  AND ($2::text IS NULL OR terminal = $2)
  AND ($3::text IS NULL OR number = $3)
  AND ($4::timestamptz IS NULL OR opened_at >= $4)
  AND ($5::timestamptz IS NULL OR opened_at < $5)
ORDER BY opened_at DESC, case_id DESC
LIMIT $6
