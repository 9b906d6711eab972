-- How many recordings wait, are lost or were altered, and since when the oldest waits.
SELECT state, count(*)::bigint AS recordings, min(ended_at) AS oldest
FROM recording WHERE state IN ('recording', 'finished', 'altered', 'missing')
GROUP BY state ORDER BY state
