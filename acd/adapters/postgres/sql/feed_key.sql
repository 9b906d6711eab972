-- The key of the feeds' pseudonyms.
SELECT key FROM feed_key
