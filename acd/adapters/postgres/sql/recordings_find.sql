-- Recordings by call, agent, terminal and time, newest first.  An agent is whoever was joined to the
-- call, not only who answered it first.
SELECT recording_id, recording.call_id, recording.arrived_at, leg_id, started_at,
       recording.ended_at, state, file, duration_ms, bytes, sha256, verified_at, held_at, held_by,
       held_why, deleted_at, deleted_why, call.caller, call.called, call.queue, call.terminal,
       ARRAY(SELECT DISTINCT leg.agent FROM leg
             WHERE leg.call_id = recording.call_id AND leg.arrived_at = recording.arrived_at
               AND leg.agent IS NOT NULL AND leg.joined_at IS NOT NULL
             ORDER BY leg.agent) AS agents
FROM recording
LEFT JOIN call ON call.call_id = recording.call_id AND call.arrived_at = recording.arrived_at
WHERE ($1::text[] IS NULL OR recording_id = ANY ($1))
  AND ($2::text IS NULL OR recording.call_id = $2)
  AND ($3::text IS NULL OR EXISTS (
        SELECT FROM leg
        WHERE leg.call_id = recording.call_id AND leg.arrived_at = recording.arrived_at
          AND leg.agent = $3 AND leg.joined_at IS NOT NULL))
  AND ($4::text IS NULL OR call.terminal = $4)
  AND ($5::timestamptz IS NULL OR started_at >= $5)
  AND ($6::timestamptz IS NULL OR started_at < $6)
ORDER BY started_at DESC, recording_id DESC
LIMIT $7
