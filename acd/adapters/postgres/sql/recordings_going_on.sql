-- What is being recorded as far as the record knows, and began before a moment.
SELECT recording_id, started_at FROM recording
WHERE state = 'recording' AND started_at < $1
ORDER BY started_at LIMIT $2
