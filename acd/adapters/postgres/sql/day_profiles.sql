-- Calls by day and half hour of the given zone, how long they were, and how many were emergencies.
SELECT (arrived_at AT TIME ZONE $3)::date AS day,
       (extract(hour FROM arrived_at AT TIME ZONE $3) * 2
        + floor(extract(minute FROM arrived_at AT TIME ZONE $3) / 30))::integer AS half_hour,
       count(*) AS calls,
       count(*) FILTER (WHERE kind = 'emergency') AS emergencies,
       count(talk_ms) FILTER (WHERE talk_ms > 0) AS talks,
       coalesce(sum(talk_ms), 0)::bigint AS talk_ms,
       count(wrap_up_ms) FILTER (WHERE wrap_up_ms > 0) AS wrap_ups,
       coalesce(sum(wrap_up_ms), 0)::bigint AS wrap_up_ms
FROM call_records
WHERE arrived_at >= $1 AND arrived_at < $2 AND synthetic IS NOT TRUE AND kind <> 'outbound'
GROUP BY 1, 2
ORDER BY 1, 2
