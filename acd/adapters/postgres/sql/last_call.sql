-- When the last inbound call came and when the first did, proofs aside; both null before the first.
SELECT (SELECT max(arrived_at) FROM call_records
        WHERE arrived_at >= $1 AND synthetic IS NOT TRUE AND direction = 'inbound') AS last,
       (SELECT min(arrived_at) FROM call_records
        WHERE arrived_at >= $1 AND synthetic IS NOT TRUE AND direction = 'inbound') AS first
