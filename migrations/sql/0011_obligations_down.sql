-- What was owed is forgotten; the facts still have it.
DROP TABLE obligation;
