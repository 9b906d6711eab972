-- Versions older than the newest $1 go.
DELETE FROM directory_versions
WHERE version <= (SELECT max(version) FROM directory_versions) - $1
