-- A recording has its final form.
UPDATE recording
SET state = 'compressed', file = $2, duration_ms = $3, bytes = $4, sha256 = $5,
    compressed_at = $6
WHERE recording_id = $1 AND state = 'finished'
