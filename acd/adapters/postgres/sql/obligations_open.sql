-- What is still owed, in the order in which it was promised.
SELECT body::text FROM obligation WHERE closed_at IS NULL ORDER BY deadline_at, obligation_id
