-- Dialled numbers and where their calls go.
SELECT id, kind, queue FROM entries ORDER BY id
