-- All versions, the newest first.
SELECT version, made_at, made_by, why FROM directory_versions ORDER BY version DESC
