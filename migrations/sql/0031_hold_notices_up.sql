-- How often a caller on hold is told that nobody has forgotten them, by queue (F06, C08).
ALTER TABLE queue_treatments
    ADD COLUMN hold_notice_ms integer NOT NULL DEFAULT 10000
        CHECK (hold_notice_ms BETWEEN 5000 AND 60000);
