-- How far each feed has come.
SELECT told.feed, counted.*,
       (SELECT max(at) FROM feed_acknowledgement AS said WHERE said.feed = told.feed)
           AS acknowledged_at
FROM unnest($1::text[]) WITH ORDINALITY AS told (feed, place)
CROSS JOIN LATERAL (
    SELECT count(*) AS records, count(*) FILTER (WHERE acknowledged_at IS NULL) AS unacknowledged,
           min(changed_at) FILTER (WHERE acknowledged_at IS NULL) AS oldest_at
    FROM feed_record WHERE feed_record.feed = told.feed) AS counted
ORDER BY place
