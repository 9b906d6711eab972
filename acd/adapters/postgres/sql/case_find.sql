-- One case by its id.
SELECT body::text FROM cases WHERE case_id = $1
