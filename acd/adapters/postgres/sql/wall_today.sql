-- Today's calls, as they stand now: for all, by hour and by queue.  A call counts against a level
-- once it is known whether it was answered within it: who has waited for a second has not missed it.
SELECT
    CASE WHEN grouping(hour) = 0 THEN 'hour' WHEN grouping(queue) = 0 THEN 'queue'
         ELSE 'all' END AS by,
    coalesce(hour, queue) AS what,
    count(*) AS offered,
    count(*) FILTER (WHERE answered) AS answered,
    count(*) FILTER (WHERE decided OR waited >= interval '10 s') AS judged_10_s,
    count(*) FILTER (WHERE decided OR waited >= interval '15 s') AS judged_15_s,
    count(*) FILTER (WHERE decided OR waited >= interval '20 s') AS judged_20_s,
    count(*) FILTER (WHERE answered AND wait_ms <= 10000) AS within_10_s,
    count(*) FILTER (WHERE answered AND wait_ms <= 15000) AS within_15_s,
    count(*) FILTER (WHERE answered AND wait_ms <= 20000) AS within_20_s,
    count(*) FILTER (WHERE outcome = 'abandoned') AS abandoned
FROM (
    -- Who is being talked to has been answered, though the call has no outcome yet.
    SELECT queue, wait_ms, outcome, answered_at IS NOT NULL AS answered,
           answered_at IS NOT NULL OR outcome IS NOT NULL AS decided, $2 - arrived_at AS waited,
           to_char(arrived_at AT TIME ZONE $3, 'HH24') AS hour
    FROM call_records
    WHERE arrived_at >= $1 AND arrived_at < $2 AND synthetic IS NOT TRUE
      AND direction = 'inbound' AND disposition IS DISTINCT FROM 'test'
) AS calls
GROUP BY GROUPING SETS ((), (hour), (queue))
ORDER BY 1, 2
