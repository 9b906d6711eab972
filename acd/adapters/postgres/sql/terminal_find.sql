-- One terminal: what the directory says of it, which of its numbers are an agent's word, when it last
-- called and when it was last tested, with its newest tests. Proofs are no calls of it.
SELECT jsonb_build_object(
    'id', terminals.id, 'device', device, 'model', model, 'state', state, 'installed', installed,
    'numbers', coalesce((SELECT jsonb_agg(number ORDER BY number) FROM known_numbers
                         WHERE terminal = terminals.id), '[]'),
    'noted', coalesce(
        (SELECT jsonb_agg(jsonb_build_object(
             'number', one.number, 'agent', one.agent, 'staff', one.staff, 'at', one.at,
             'call', one.call_id) ORDER BY one.number)
         FROM noted_numbers AS one JOIN known_numbers USING (number, terminal)
         WHERE one.terminal = terminals.id AND is_noted), '[]'),
    'elders', coalesce((SELECT jsonb_agg(elders.id ORDER BY elders.id) FROM elders
                        WHERE elders.terminal = terminals.id), '[]'),
    'last_call', (SELECT max(arrived_at) FROM call
                  WHERE call.terminal = terminals.id AND synthetic IS NOT TRUE
                    AND direction = 'inbound'),
    'tests', coalesce(
        (SELECT jsonb_agg(jsonb_build_object(
             'at', arrived_at, 'call', call_id, 'kind', test_kind, 'staff', test_staff,
             'agent', agent, 'number', caller) ORDER BY arrived_at DESC)
         FROM (SELECT * FROM call
               WHERE call.terminal = terminals.id AND disposition = 'test'
                 AND synthetic IS NOT TRUE
               ORDER BY arrived_at DESC LIMIT 20) AS newest), '[]'))
FROM terminals WHERE terminals.id = $1
