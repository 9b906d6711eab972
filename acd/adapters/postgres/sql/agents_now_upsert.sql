-- Replaces what agents are doing.
INSERT INTO agent_state_now (agent, from_at, state, seat, reason, call_id)
SELECT agent, from_at, state, seat, reason, call_id
FROM jsonb_to_recordset($1::text::jsonb) AS batch (
    agent text, from_at timestamptz, state text, seat text, reason text, call_id text)
ON CONFLICT (agent) DO UPDATE SET
    from_at = excluded.from_at, state = excluded.state, seat = excluded.seat,
    reason = excluded.reason, call_id = excluded.call_id
