-- What the regulator is told of elders (L1, L3): the living of an agent's newest word, unless the
-- directory says something else by now.
SELECT elders.id, district, street, born, category,
       coalesce((SELECT CASE WHEN newest.filed = to_jsonb(elders.living) THEN newest.noted #>> '{}' END
                 FROM elder_changes AS newest
                 WHERE newest.elder = elders.id AND field = 'living'
                 ORDER BY change_id DESC LIMIT 1), living) AS living,
       status, elders.terminal, terminals.installed, terminals.state AS terminal_state
FROM elders LEFT JOIN terminals ON terminals.id = elders.terminal
WHERE elders.id = ANY ($1::text[])
