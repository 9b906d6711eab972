-- Back to a directory without a past.
DROP TABLE directory_version_tables;
DROP TABLE directory_contents;
DROP TABLE directory_versions;
