-- Every number of a terminal that is installed, with its elders in one text, how far they go before
-- others, and the skills that are named like a language they speak, in their order.
SELECT number, terminal_numbers.terminal,
       coalesce(string_agg(elders.id, ' ' ORDER BY elders.id), '') AS elders,
       greatest(terminals.precedence, max(elders.precedence)) AS precedence,
       coalesce(string_agg(
           (SELECT string_agg(skills.id, ' ' ORDER BY spoken.place)
            FROM unnest(elders.languages) WITH ORDINALITY AS spoken (name, place)
            JOIN skills ON skills.name = spoken.name),
           ' ' ORDER BY elders.id), '') AS languages
FROM terminal_numbers
JOIN terminals ON terminals.id = terminal_numbers.terminal AND state <> 'removed'
LEFT JOIN elders ON elders.terminal = terminals.id
GROUP BY number, terminals.precedence
