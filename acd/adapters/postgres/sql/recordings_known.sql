-- The states of some recordings.
SELECT recording_id, state, file FROM recording WHERE recording_id = ANY($1::text[])
