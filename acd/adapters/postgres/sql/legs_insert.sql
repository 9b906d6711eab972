-- Writes legs that have ended.  A second end of one leg (after a recovery) changes nothing.
INSERT INTO leg (leg_id, call_id, arrived_at, role, number, agent, started_at, rang_at, answered_at,
                 joined_at, ended_at, why, cause, packets_received, packets_lost, jitter_us,
                 packets_sent, far_packets_lost, far_jitter_us, round_trip_us)
SELECT leg_id, call_id, arrived_at, role, number, agent, started_at, rang_at, answered_at,
       joined_at, ended_at, why, cause, packets_received, packets_lost, jitter_us, packets_sent,
       far_packets_lost, far_jitter_us, round_trip_us
FROM jsonb_to_recordset($1::text::jsonb) AS batch (
    leg_id text, call_id text, arrived_at timestamptz, role text, number text, agent text,
    started_at timestamptz, rang_at timestamptz, answered_at timestamptz, joined_at timestamptz,
    ended_at timestamptz, why text, cause integer, packets_received bigint, packets_lost bigint,
    jitter_us bigint, packets_sent bigint, far_packets_lost bigint, far_jitter_us bigint,
    round_trip_us bigint)
ON CONFLICT DO NOTHING
