-- All versions, the newest first.
SELECT version, made_at, made_by, why, ready_at FROM directory_versions ORDER BY version DESC
