-- Writes the file's rows of {table}; a row that stands there already as it is counts as no change.
INSERT INTO {table} AS standing ({columns})
SELECT {columns} FROM staged_{table}
ON CONFLICT ({key}) DO UPDATE SET ({changing}) = ROW ({changing_new})
WHERE ROW ({changing_old}) IS DISTINCT FROM ROW ({changing_new})
