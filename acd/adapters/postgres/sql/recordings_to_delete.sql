-- What is older than the time for which it is kept, unless it is held (C19).
SELECT recording_id, file FROM recording
WHERE started_at < $1 AND held_at IS NULL
  AND state IN ('compressed', 'verified', 'altered', 'missing')
ORDER BY started_at LIMIT $2
