-- Which version each record has now; they are locked in the order in which records are written.
SELECT record_id, version FROM feed_record
WHERE feed = $1 AND record_id = ANY ($2::text[])
ORDER BY record_id FOR NO KEY UPDATE
