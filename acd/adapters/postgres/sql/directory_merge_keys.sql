-- Writes the file's rows of {table}, which are nothing but their key.
INSERT INTO {table} ({columns})
SELECT {columns} FROM staged_{table}
ON CONFLICT ({key}) DO NOTHING
