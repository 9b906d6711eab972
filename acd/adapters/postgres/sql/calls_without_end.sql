-- Calls of which nobody has written the end, oldest first.
SELECT call_id, arrived_at, caller, called, entry, kind, queue, terminal, elders,
       coalesce(synthetic, false) AS synthetic, answered_at, first_offer_at, agent,
       direction, reference
FROM call
WHERE ended_at IS NULL AND arrived_at > now() - interval '2 days'
ORDER BY arrived_at, call_id
