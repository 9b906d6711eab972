-- Outbound volume: attempts to reach an outside number, those that were answered, and their talk.
SELECT count(*) AS attempts, count(answered_at) AS answered,
       coalesce(sum(extract(epoch FROM leg.ended_at - answered_at) * 1000), 0)::bigint AS talk_ms
FROM leg
WHERE arrived_at >= $1 AND arrived_at < $2 AND role = 'outside'
