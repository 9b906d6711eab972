-- Every number of a terminal that is installed, with its elders in one text, how far they go before
-- others, the skills that are named like a language they speak, in their order, the area that help
-- comes from, and whom to call for them: relatives (first telephones by grade, then second ones),
-- helpers, and the organisations around them.  Contacts are those that an agent has noted since, unless
-- the directory says something else by now.
WITH newest AS (
    SELECT DISTINCT ON (elder) elder, filed, noted FROM elder_changes
    WHERE field = 'contacts' ORDER BY elder, change_id DESC
), noted AS (
    SELECT elder, noted FROM newest WHERE filed = filed_contacts(elder)
), known AS (
    SELECT elder, grade, phones FROM contacts
    WHERE NOT EXISTS (SELECT FROM noted WHERE noted.elder = contacts.elder)
    UNION ALL
    SELECT elder, (one ->> 'grade')::smallint,
           ARRAY(SELECT jsonb_array_elements_text(one -> 'phones'))
    FROM noted CROSS JOIN jsonb_array_elements(noted.noted) AS one
), relatives AS (
    SELECT elders.terminal, string_agg(phone, ' ' ORDER BY place, grade, elders.id) AS phones
    FROM known JOIN elders ON elders.id = known.elder
    CROSS JOIN LATERAL unnest(known.phones) WITH ORDINALITY AS called (phone, place)
    WHERE elders.terminal IS NOT NULL
    GROUP BY elders.terminal)
SELECT number, numbers.terminal,
       coalesce(string_agg(elders.id, ' ' ORDER BY elders.id), '') AS elders,
       greatest(terminals.precedence, max(elders.precedence)) AS precedence,
       coalesce(string_agg(
           (SELECT string_agg(skills.id, ' ' ORDER BY spoken.place)
            FROM unnest(elders.languages) WITH ORDINALITY AS spoken (name, place)
            JOIN skills ON skills.name = spoken.name),
           ' ' ORDER BY elders.id), '') AS languages,
       terminals.area, terminals.model,
       coalesce(relatives.phones, '') AS relatives,
       coalesce(string_agg(elders.helper_phone, ' ' ORDER BY elders.id), '') AS helpers,
       coalesce(string_agg(
           concat_ws(' ', committee, service_centre, property, district_office),
           ' ' ORDER BY elders.id), '') AS organisations
FROM known_numbers AS numbers
JOIN terminals ON terminals.id = numbers.terminal AND state <> 'removed'
LEFT JOIN elders ON elders.terminal = terminals.id
LEFT JOIN relatives ON relatives.terminal = terminals.id
GROUP BY number, numbers.terminal, terminals.id, relatives.phones
