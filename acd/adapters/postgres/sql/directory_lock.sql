-- One load at a time; foreign keys are checked when everything stands.
SELECT pg_advisory_xact_lock(hashtext('huling.directory'));
SET CONSTRAINTS ALL DEFERRED
