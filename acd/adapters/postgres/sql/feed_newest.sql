-- The position of a feed's newest record.
SELECT max(position) FROM feed_record WHERE feed = $1
