-- Marks a recording as deleted, unless somebody has put it on hold meanwhile; tells whether it did.
UPDATE recording SET state = 'deleted', deleted_at = $2, deleted_why = $3
WHERE recording_id = $1 AND held_at IS NULL
  AND state IN ('compressed', 'verified', 'altered', 'missing')
RETURNING recording_id
