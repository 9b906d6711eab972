-- The rows of one table in one version, as JSON.
SELECT rows FROM directory_version_tables JOIN directory_contents USING (sha256)
WHERE version = $1 AND table_name = $2
