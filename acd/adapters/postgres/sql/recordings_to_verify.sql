-- What was not checked since a moment, never checked first, then the longest unchecked.
SELECT recording_id, state, file, bytes, sha256 FROM recording
WHERE state IN ('compressed', 'verified', 'altered', 'missing') AND file IS NOT NULL
  AND (verified_at IS NULL OR verified_at < $1)
ORDER BY verified_at NULLS FIRST, started_at
LIMIT $2
