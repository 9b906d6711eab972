-- Notes what an agent has learnt of an elder, field by field, beside what the directory says now.
-- Returns how many fields; none when there is no such elder.
WITH filed AS (
    SELECT to_jsonb(elders) || jsonb_build_object('contacts', filed_contacts(id)) AS words
    FROM elders WHERE id = $1
), added AS (
    INSERT INTO elder_changes (elder, field, filed, noted, agent, case_id)
    SELECT $1, one.key, filed.words -> one.key, one.value, $3, $4
    FROM filed CROSS JOIN jsonb_each($2::text::jsonb) AS one (key, value)
    ORDER BY one.key
    RETURNING 1
)
SELECT count(*) FROM added
