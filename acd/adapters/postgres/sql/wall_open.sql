-- What is not ended: cases and obligations.  $1: now.
SELECT
    (SELECT count(*) FROM cases WHERE closed_at IS NULL) AS cases,
    (SELECT (extract(epoch FROM $1::timestamptz - min(opened_at)) * 1000)::bigint
     FROM cases WHERE closed_at IS NULL) AS oldest_case_ms,
    count(*) AS owed,
    count(*) FILTER (WHERE deadline_at < $1) AS late,
    count(*) FILTER (WHERE appointed_at > $1) AS appointments,
    min(appointed_at) FILTER (WHERE appointed_at > $1) AS next_appointment
FROM (SELECT deadline_at, to_timestamp((body ->> 'appointed_ms')::bigint / 1000.0) AS appointed_at
      FROM obligation WHERE closed_at IS NULL) AS owed;
