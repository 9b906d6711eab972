-- Nobody told us of the end, but the file has come to rest.
UPDATE recording SET state = 'finished', ended_at = $2
WHERE recording_id = $1 AND state = 'recording'
