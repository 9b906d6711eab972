-- The next version: who made it, and why.
INSERT INTO directory_versions (version, made_by, why)
SELECT coalesce(max(version), 0) + 1, $1, $2 FROM directory_versions
RETURNING version
