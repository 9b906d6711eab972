-- What the check found.  A recording deleted meanwhile stays deleted.
UPDATE recording SET state = $2, verified_at = $3
WHERE recording_id = $1 AND state IN ('finished', 'compressed', 'verified', 'altered', 'missing')
