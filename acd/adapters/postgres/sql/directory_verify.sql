-- Checks the deferred constraints now, while the error can still be told from a lost connection.
SET CONSTRAINTS ALL IMMEDIATE
