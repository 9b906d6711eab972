-- What has ended and waits to be compressed, oldest first, and whether its line was up for longer
-- than a second: then there was sound, and there must be a file.
SELECT recording_id, recording.started_at,
       coalesce(
           recording.ended_at
               - CASE WHEN leg.role = 'outside' THEN leg.answered_at
                      ELSE least(call.picked_up_at, call.answered_at) END
               > interval '1 second',
           false) AS taken_up
FROM recording
LEFT JOIN call ON call.call_id = recording.call_id AND call.arrived_at = recording.arrived_at
LEFT JOIN leg ON leg.call_id = recording.call_id AND leg.arrived_at = recording.arrived_at
             AND leg.leg_id = recording.leg_id
WHERE recording.state = 'finished' AND recording.ended_at <= $1
ORDER BY recording.ended_at LIMIT $2
