-- Recordings that have begun.  One that was found on the disk first now learns whose it is.
INSERT INTO recording AS standing (recording_id, call_id, arrived_at, leg_id, started_at)
SELECT recording_id, call_id, arrived_at, leg_id, started_at
FROM jsonb_to_recordset($1::text::jsonb) AS batch (
    recording_id text, call_id text, arrived_at timestamptz, leg_id text, started_at timestamptz)
ON CONFLICT (recording_id) DO UPDATE SET
    call_id = excluded.call_id, arrived_at = excluded.arrived_at, leg_id = excluded.leg_id
WHERE standing.call_id IS NULL
