-- Recordings end with their leg; most legs have none.
UPDATE recording SET ended_at = batch.ended_at, state = 'finished'
FROM jsonb_to_recordset($1::text::jsonb) AS batch (
    leg_id text, call_id text, arrived_at timestamptz, ended_at timestamptz)
WHERE recording.call_id = batch.call_id AND recording.arrived_at = batch.arrived_at
  AND recording.leg_id = batch.leg_id AND recording.state = 'recording'
