-- What has been done or closed, the newest first.
SELECT body::text FROM obligation
WHERE closed_at IS NOT NULL
  AND ($1::text IS NULL OR state = $1)
  AND ($2::text IS NULL OR kind = $2)
  AND ($3::text IS NULL OR queue = $3)
ORDER BY closed_at DESC, obligation_id DESC
LIMIT $4
