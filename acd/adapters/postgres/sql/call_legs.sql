-- The legs of a call in the order in which they began.
SELECT leg_id, role, number, agent, started_at, rang_at, answered_at, joined_at, ended_at, why,
       cause, packets_received, packets_lost, jitter_us, packets_sent, far_packets_lost,
       far_jitter_us, round_trip_us
FROM leg WHERE call_id = $1 AND arrived_at = $2 ORDER BY started_at, leg_id
