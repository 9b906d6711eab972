-- Whether the directory has an agent, or a supervisor, of a number.
SELECT EXISTS (SELECT FROM agents WHERE id = $1)
