-- Dialled numbers, where their calls go, and the menu before that.
SELECT id, kind, queue, agent, menu FROM entries ORDER BY id
