-- Back to every ten seconds everywhere.
ALTER TABLE queue_treatments DROP COLUMN hold_notice_ms;
