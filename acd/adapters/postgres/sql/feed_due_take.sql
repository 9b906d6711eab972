-- Takes away what may have changed, the longest waiting first. Days are left until they are over.
DELETE FROM feed_due
WHERE due_id IN (
    SELECT due_id FROM feed_due WHERE feed <> 'days' OR what < $2 ORDER BY due_id LIMIT $1)
RETURNING feed, what
