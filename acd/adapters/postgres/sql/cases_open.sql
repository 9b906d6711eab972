-- Cases that have not been closed, the oldest first.
SELECT body::text FROM cases WHERE closed_at IS NULL ORDER BY opened_at, case_id
