-- What no version has any more goes.
DELETE FROM directory_contents AS content
WHERE NOT EXISTS (SELECT FROM directory_version_tables AS kept WHERE kept.sha256 = content.sha256)
