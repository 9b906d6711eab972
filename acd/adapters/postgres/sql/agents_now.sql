-- What the agents of a batch are doing according to the record, held until the batch is written.
SELECT agent, from_at, state, seat, reason, call_id
FROM agent_state_now WHERE agent = ANY($1::text[]) ORDER BY agent FOR UPDATE
