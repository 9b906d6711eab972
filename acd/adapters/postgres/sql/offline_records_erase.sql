-- Erases the words of records that were handed in before $1, at $2 (C19). Returns of how many.
WITH erased AS (
    UPDATE offline_records
    SET number = NULL, name = NULL, address = NULL, need = NULL, handled = NULL, erased_at = $2
    WHERE handed_in_at < $1 AND erased_at IS NULL
    RETURNING 1
)
SELECT count(*) FROM erased
