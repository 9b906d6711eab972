-- Erases the words of notes that are older than $1, at $2, except of a call whose recording is held (C19).
-- Returns how many were.
WITH erased AS (
    UPDATE call_notes SET words = NULL, erased_at = $2
    WHERE at < $1 AND words IS NOT NULL
      AND NOT EXISTS (SELECT FROM recording
                      WHERE recording.call_id = call_notes.call_id AND held_at IS NOT NULL)
    RETURNING 1
)
SELECT count(*) FROM erased
