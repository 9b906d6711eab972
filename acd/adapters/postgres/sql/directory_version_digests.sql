-- The digests of the newest version, or of the one that is asked for.
SELECT table_name, sha256, columns FROM directory_version_tables
WHERE version = coalesce($1, (SELECT max(version) FROM directory_versions))
