-- Ends a legal hold.
UPDATE recording SET held_at = NULL, held_by = NULL, held_why = NULL
WHERE recording_id = $1 AND held_at IS NOT NULL
RETURNING recording_id
