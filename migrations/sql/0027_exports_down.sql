-- Back to a desk that exports nothing.
DROP TABLE export;
