-- A version's rows of {table}, into the table that a file's would be copied into.
INSERT INTO staged_{table} ({columns})
SELECT {columns} FROM json_populate_recordset(NULL::{table}, (
    SELECT rows::json FROM directory_version_tables JOIN directory_contents USING (sha256)
    WHERE version = $1 AND table_name = $2))
