-- A feed's newest acknowledgements, or those of one record.
SELECT record_id, version, at, who FROM feed_acknowledgement
WHERE feed = $1 AND ($2::text IS NULL OR record_id = $2)
ORDER BY at DESC, record_id, version DESC LIMIT $3
