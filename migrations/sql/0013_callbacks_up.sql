-- When whoever gave up is called back, by queue (C02, W16).  Emergencies have rules of their own (E34).

CREATE TABLE queue_callbacks (
    queue         identifier PRIMARY KEY REFERENCES queues DEFERRABLE,
    within_ms     integer NOT NULL CHECK (within_ms BETWEEN 60000 AND 86400000),
    first_ms      integer NOT NULL CHECK (first_ms BETWEEN 0 AND 3600000),
    spacing_ms    integer NOT NULL CHECK (spacing_ms BETWEEN 30000 AND 86400000),
    attempts_max  smallint NOT NULL CHECK (attempts_max BETWEEN 1 AND 20),
    escalation_ms integer NOT NULL CHECK (escalation_ms BETWEEN 60000 AND 86400000),
    short_ms      integer NOT NULL CHECK (short_ms BETWEEN 0 AND 60000),
    CHECK (first_ms < within_ms)
);
COMMENT ON TABLE queue_callbacks IS 'when whoever gave up is called back; from the end of their call';
COMMENT ON COLUMN queue_callbacks.within_ms IS 'to the deadline';
COMMENT ON COLUMN queue_callbacks.first_ms IS 'to the first attempt, as soon as an agent is free';
COMMENT ON COLUMN queue_callbacks.attempts_max IS 'after so many the matter is a person''s';
COMMENT ON COLUMN queue_callbacks.escalation_ms IS 'from one person being told to the next';
COMMENT ON COLUMN queue_callbacks.short_ms IS 'who gives up sooner has dialled by mistake';
-- Queues that are there already go on as they did.
INSERT INTO queue_callbacks SELECT id, 900000, 10000, 600000, 3, 600000, 3000 FROM queues;

CREATE TRIGGER directory_inserted AFTER INSERT ON queue_callbacks
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION directory_changed('staffing');
CREATE TRIGGER directory_updated AFTER UPDATE ON queue_callbacks
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION directory_changed('staffing');
CREATE TRIGGER directory_deleted AFTER DELETE ON queue_callbacks
    REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION directory_changed('staffing');
CREATE TRIGGER directory_truncated AFTER TRUNCATE ON queue_callbacks
    FOR EACH STATEMENT EXECUTE FUNCTION directory_changed('staffing');
