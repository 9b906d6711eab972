-- What a version has in one table.
INSERT INTO directory_version_tables (version, table_name, columns, sha256) VALUES ($1, $2, $3, $4)
