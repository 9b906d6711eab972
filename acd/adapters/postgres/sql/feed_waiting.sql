-- Since when each feed has waited for an acknowledgement; none that nobody has ever acknowledged, for
-- nobody fetches that.
SELECT feed,
       (SELECT min(changed_at) FROM feed_record
        WHERE feed_record.feed = told.feed AND acknowledged_at IS NULL) AS oldest_at
FROM unnest($1::text[]) AS told (feed)
WHERE EXISTS (SELECT FROM feed_acknowledgement AS said WHERE said.feed = told.feed)
