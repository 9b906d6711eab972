-- Has the feeds for this transaction; false where another desk has them.
SELECT pg_try_advisory_xact_lock(hashtext('huling.feeds'))
