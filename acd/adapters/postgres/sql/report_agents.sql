-- What agents did within a span, by agent and state.  No state but logged out lasts a month, so only
-- the partitions of the span and the month before are read.
SELECT agent, state, sum(ms)::bigint AS ms
FROM (
    SELECT agent, seat, state,
           extract(epoch FROM least(coalesce(to_at, $3), $2) - greatest(from_at, $1)) * 1000 AS ms
    FROM agent_state_records
    WHERE from_at >= $1::timestamptz - interval '1 month' AND from_at < $2::timestamptz
      AND coalesce(to_at, $3::timestamptz) > $1 AND state <> 'logged_out'
      -- The robot of the service's own calls is nobody at work.
      AND agent NOT IN (
          SELECT has.agent::text FROM agent_skills AS has GROUP BY has.agent
          HAVING bool_and(has.skill IN (
              SELECT needs.skill FROM queue_needs AS needs JOIN entries USING (queue)
              GROUP BY needs.skill HAVING bool_and(entries.kind = 'synthetic'))))
      AND ($4::text IS NULL OR agent = $4)
      AND ($5::text IS NULL OR seat = $5)
) AS stretches
WHERE ms > 0
GROUP BY agent, state
ORDER BY agent, state
