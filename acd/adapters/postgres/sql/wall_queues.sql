-- What the queues are called.
SELECT id::text, name FROM queues ORDER BY priority, id
