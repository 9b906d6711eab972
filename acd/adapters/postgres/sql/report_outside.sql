-- Calls that we placed within a span, by what became of them (K01); None is "no outcome yet".
SELECT outcome, count(*) AS calls,
       coalesce(sum(talk_ms) FILTER (WHERE outcome = 'answered'), 0)::bigint AS talk_ms
FROM call_records
WHERE arrived_at >= $1 AND arrived_at < $2 AND synthetic IS NOT TRUE AND direction = 'outbound'
  AND ($3::text IS NULL OR agent = $3)
  AND ($4::text IS NULL OR seat = $4)
GROUP BY outcome
ORDER BY outcome
