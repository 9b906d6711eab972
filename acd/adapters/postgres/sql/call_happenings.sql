-- What was done with a call while it went on, in order: the facts that no row of it holds.
SELECT at, kind, body::text
FROM fact
WHERE call = $1 AND kind = ANY ($2::text[])
ORDER BY at, epoch, seq
