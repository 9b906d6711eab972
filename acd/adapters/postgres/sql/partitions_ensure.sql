-- Makes the partitions of a moment's month and of the next.
SELECT ensure_partitions($1, 1)
