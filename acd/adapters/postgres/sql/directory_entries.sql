-- Dialled numbers and where their calls go.
SELECT id, kind, queue, agent FROM entries ORDER BY id
