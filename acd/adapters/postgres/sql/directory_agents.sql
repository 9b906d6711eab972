-- Agents with their skills; one pass over agent_skills, however many agents there are.
SELECT id, name, role, team,
       coalesce(array_agg(skill::text ORDER BY skill) FILTER (WHERE skill IS NOT NULL), '{}')
           AS skills,
       coalesce(array_agg(level ORDER BY skill) FILTER (WHERE skill IS NOT NULL), '{}') AS levels
FROM agents LEFT JOIN agent_skills ON agent = id
GROUP BY id ORDER BY id
