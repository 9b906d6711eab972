-- Each part of the directory with the number of its last change.
SELECT part, revision FROM directory_revisions
