-- Every recording that has its final file, in the order of their ids, behind one of them.
SELECT recording_id, state, file, bytes, sha256 FROM recording
WHERE state IN ('compressed', 'verified', 'altered', 'missing') AND file IS NOT NULL
  AND sha256 IS NOT NULL AND recording_id > $1
ORDER BY recording_id
LIMIT $2
