-- How many calls of a span were tests by an agent's last word (W48): they stand in no other figure.
SELECT count(*) FROM call
WHERE arrived_at >= $1 AND arrived_at < $2 AND synthetic IS NOT TRUE
  AND direction = 'inbound' AND disposition = 'test'
  AND ($3::text IS NULL OR agent = $3)
  AND ($4::text IS NULL OR seat = $4)
  AND ($5::text[] IS NULL OR queue = ANY ($5))
  AND ($6::text IS NULL OR entry = $6)
  AND ($7::text IS NULL OR $7 = coalesce(
      flow, CASE WHEN call_id IN (SELECT unnest(calls) FROM cases) THEN 'emergency' END))
