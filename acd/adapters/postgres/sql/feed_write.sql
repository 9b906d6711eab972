-- Writes records; one that stands as it is keeps its version and its place. In the order of their ids, in
-- which acknowledgements lock them too.
INSERT INTO feed_record AS standing (feed, record_id, body)
SELECT $1, told.key, told.value FROM jsonb_each($2::text::jsonb) AS told ORDER BY told.key
ON CONFLICT (feed, record_id) DO UPDATE SET
    version = standing.version + 1,
    position = excluded.position,
    changed_at = excluded.changed_at,
    acknowledged_at = NULL,
    body = excluded.body
WHERE standing.body <> excluded.body
