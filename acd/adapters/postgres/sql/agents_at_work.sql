-- Who was at work when nothing more was written, and the conversation they were in or after.
SELECT now.agent, now.seat, now.state, now.reason, now.from_at,
       call.call_id, call.arrived_at, call.queue, call.entry, call.talk_ms,
       call.answered_at,
       coalesce(call.synthetic, false) AS synthetic
FROM agent_state_now AS now
LEFT JOIN call ON call.call_id = now.call_id AND call.arrived_at > now() - interval '2 days'
WHERE now.state <> 'logged_out' AND now.seat IS NOT NULL
ORDER BY now.from_at, now.agent
