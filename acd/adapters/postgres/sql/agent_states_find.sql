-- What agents did, by agent and by seat, within a span of time; oldest first.
SELECT agent, seat, state, reason, call_id, from_at, to_at, lasted_ms
FROM agent_state_records
WHERE ($1::text IS NULL OR agent = $1)
  AND ($2::text IS NULL OR seat = $2)
  AND (to_at IS NULL OR to_at > $3::timestamptz)
  AND from_at < $4::timestamptz
ORDER BY from_at, agent
LIMIT $5
