-- The offers of a call in the order in which they were made.
SELECT offer_id, agent, seat, phone, leg_id, made_at, slack_ms, free, idle_ms, selection, rank,
       next, skipped::text, reach, ring_limit_ms, phones, tier, overflow, preferred, ended_at, result, ring_ms, why
FROM offer WHERE call_id = $1 AND arrived_at = $2 ORDER BY made_at, offer_id
