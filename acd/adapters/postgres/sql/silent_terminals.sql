-- Terminals in use from which no call has come since a moment, and of which no test has been owed or
-- made since: a night's share, in the order of their ids. None before the record itself goes back so
-- far, nor for one that was installed later.
WITH silent AS (
    SELECT id FROM terminals
    WHERE state = 'in_use' AND (installed IS NULL OR installed < $1::timestamptz::date)
      AND NOT EXISTS (
          SELECT FROM call
          WHERE call.terminal = terminals.id AND arrived_at >= $1
            AND synthetic IS NOT TRUE AND direction = 'inbound')
      AND NOT EXISTS (
          SELECT FROM obligation
          WHERE why = 'terminal_test' AND body ->> 'terminal' = terminals.id
            AND (closed_at IS NULL OR closed_at >= $1))
      AND (SELECT min(arrived_at) FROM call) < $1
    ORDER BY id LIMIT $2)
SELECT id AS terminal,
       (SELECT min(number) FROM known_numbers WHERE terminal = silent.id) AS number,
       ARRAY(SELECT elders.id::text FROM elders WHERE elders.terminal = silent.id
             ORDER BY elders.id) AS elders,
       (SELECT max(arrived_at) FROM call
        WHERE call.terminal = silent.id AND synthetic IS NOT TRUE AND direction = 'inbound') AS last
FROM silent ORDER BY id
