-- Keeps acknowledgements; the first one of a version stands. Returns how many are new.
WITH told AS (
    SELECT * FROM unnest($2::text[], $3::integer[]) AS told (record_id, version)
), kept AS (
    INSERT INTO feed_acknowledgement (feed, record_id, version, who)
    SELECT $1, record_id, version, $4 FROM told ORDER BY record_id, version
    ON CONFLICT DO NOTHING
    RETURNING record_id, version, at
), stand AS (
    UPDATE feed_record SET acknowledged_at = kept.at
    FROM kept
    WHERE feed_record.feed = $1 AND feed_record.record_id = kept.record_id
      AND feed_record.version = kept.version
)
SELECT count(*) FROM kept
