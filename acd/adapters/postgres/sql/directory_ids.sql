-- The ids of some sections of the directory.
SELECT section, id FROM (
    SELECT 'organisations' AS section, id::text FROM organisations
    UNION ALL SELECT 'areas', id::text FROM areas
    UNION ALL SELECT 'trunks', id::text FROM trunks
    UNION ALL SELECT 'skills', id::text FROM skills
    UNION ALL SELECT 'queues', id::text FROM queues
    UNION ALL SELECT 'menus', id::text FROM menus
    UNION ALL SELECT 'entries', id::text FROM entries
    UNION ALL SELECT 'agents', id::text FROM agents
    UNION ALL SELECT 'seats', id::text FROM seats
    UNION ALL SELECT 'duty_phones', id::text FROM duty_phones
    UNION ALL SELECT 'terminal_models', id FROM terminal_models
    UNION ALL SELECT 'terminals', id::text FROM terminals
    UNION ALL SELECT 'elders', id::text FROM elders
) AS everything
WHERE section = ANY($1::text[])
