-- Inbound calls by week and hour of the week (0: Monday 00:00 in the given zone), counted back from
-- $2; weeks and hours without a call have no row.  Proofs do not count.
SELECT floor(extract(epoch FROM $2::timestamptz - arrived_at) / 604800)::integer AS weeks_ago,
       ((extract(isodow FROM arrived_at AT TIME ZONE $3) - 1) * 24
        + extract(hour FROM arrived_at AT TIME ZONE $3))::integer AS hour,
       count(*) AS calls
FROM call_records
WHERE arrived_at >= $1 AND arrived_at < $2
  AND synthetic IS NOT TRUE AND direction = 'inbound'
GROUP BY 1, 2
