-- Nobody asks for tests of terminals any more.
DROP INDEX obligation_terminal_test;
