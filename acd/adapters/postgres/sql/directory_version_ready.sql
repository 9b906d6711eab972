-- The switch is ready under the newest version, unless the directory has been changed since it was
-- read at revision $1.
UPDATE directory_versions SET ready_at = coalesce(ready_at, now())
WHERE version = (SELECT max(version) FROM directory_versions)
  AND (SELECT max(revision) FROM directory_revisions) = $1
