-- Puts a recording on legal hold; one on hold already keeps its first reason.
UPDATE recording SET held_at = $2, held_by = $3, held_why = $4
WHERE recording_id = $1 AND held_at IS NULL AND state <> 'deleted'
RETURNING recording_id
