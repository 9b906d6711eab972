-- The facts still tell of them.
DROP TABLE message;
