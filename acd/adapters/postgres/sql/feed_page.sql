-- The records behind a position, in their order.
SELECT record_id, version, position, changed_at, body::text FROM feed_record
WHERE feed = $1 AND position > $2
ORDER BY position LIMIT $3
