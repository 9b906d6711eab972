-- Writes finished stretches of agents' days.
INSERT INTO agent_state (agent, from_at, to_at, state, seat, reason, call_id)
SELECT agent, from_at, to_at, state, seat, reason, call_id
FROM jsonb_to_recordset($1::text::jsonb) AS batch (
    agent text, from_at timestamptz, to_at timestamptz, state text, seat text, reason text,
    call_id text)
