-- How long calls that agents placed to outside numbers were talked since $1, by the hour of the end.
SELECT floor(extract(epoch FROM ended_at) / 3600)::bigint AS hour, sum(talk_ms)::bigint AS spent_ms
FROM call_records
WHERE direction = 'outbound' AND kind = 'outbound' AND agent IS NOT NULL AND synthetic IS NOT TRUE AND talk_ms > 0
  AND arrived_at >= $1 AND ended_at >= $1
GROUP BY 1 ORDER BY 1
