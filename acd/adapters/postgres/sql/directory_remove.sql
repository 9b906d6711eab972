-- Removes from {table} what the file does not have.
DELETE FROM {table} AS standing
WHERE NOT EXISTS (SELECT FROM staged_{table} AS staged WHERE {same_key})
