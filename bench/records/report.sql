-- A month's figures by day, by queue and by agent (K07, K09, C01): one pass over the month.
SELECT
    CASE WHEN grouping(day) = 0 THEN 'day' WHEN grouping(queue) = 0 THEN 'queue'
         WHEN grouping(agent) = 0 THEN 'agent' ELSE 'month' END AS by,
    coalesce(day::text, queue, agent) AS what,
    count(*) AS offered,
    count(*) FILTER (WHERE outcome = 'answered') AS answered,
    count(*) FILTER (WHERE outcome = 'abandoned') AS abandoned,
    count(*) FILTER (WHERE outcome = 'answered' AND wait_ms <= 10000) AS within_10_s,
    count(*) FILTER (WHERE outcome = 'answered' AND wait_ms <= 15000) AS within_15_s,
    count(*) FILTER (WHERE outcome = 'answered' AND wait_ms <= 20000) AS within_20_s,
    round(avg(wait_ms) FILTER (WHERE outcome = 'answered')) AS speed_of_answer_ms,
    round(avg(talk_ms) FILTER (WHERE outcome = 'answered')) AS talk_ms,
    round(avg(talk_ms + hold_ms + wrap_up_ms) FILTER (WHERE outcome = 'answered')) AS handle_ms
FROM (
    SELECT (arrived_at AT TIME ZONE 'Asia/Shanghai')::date AS day, queue, agent, outcome,
           wait_ms, talk_ms, hold_ms, wrap_up_ms
    FROM call_records
    WHERE arrived_at >= $1 AND arrived_at < $2 AND NOT synthetic
      AND direction = 'inbound'
) AS calls
GROUP BY GROUPING SETS ((), (day), (queue), (agent))
ORDER BY 1, 2
