-- Notes that days may have changed, once each.
INSERT INTO feed_due (feed, what)
SELECT 'days', day FROM unnest($1::text[]) AS told (day)
WHERE NOT EXISTS (SELECT FROM feed_due WHERE feed = 'days' AND what = day)
