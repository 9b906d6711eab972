-- Every number of a terminal that is installed, with its elders in one text.
SELECT number, terminal_numbers.terminal,
       coalesce(string_agg(elders.id, ' ' ORDER BY elders.id), '') AS elders
FROM terminal_numbers
JOIN terminals ON terminals.id = terminal_numbers.terminal AND state <> 'removed'
LEFT JOIN elders ON elders.terminal = terminals.id
GROUP BY number
