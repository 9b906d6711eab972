-- A file that no call has claimed: made while the service was away.
INSERT INTO recording (recording_id, started_at, ended_at, state) VALUES ($1, $2, $3, 'finished')
ON CONFLICT DO NOTHING
