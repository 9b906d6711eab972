-- A table to copy the file's rows of {table} into.
CREATE TEMPORARY TABLE staged_{table} (LIKE {table} INCLUDING DEFAULTS) ON COMMIT DROP
