-- The legs of a call in the order in which they began.
SELECT leg_id, role, number, agent, started_at, rang_at, answered_at, joined_at, ended_at, why,
       cause
FROM leg WHERE call_id = $1 AND arrived_at = $2 ORDER BY started_at, leg_id
