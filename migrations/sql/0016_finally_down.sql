-- Reports look through all of what was owed again.
DROP INDEX obligation_call;
