-- What a waiting caller hears, by queue (V07–V10, V12, C14).

CREATE TABLE queue_treatments (
    queue            identifier PRIMARY KEY REFERENCES queues DEFERRABLE,
    greets           boolean NOT NULL,
    recording_notice text,
    comfort          text,
    comfort_every_ms integer NOT NULL CHECK (comfort_every_ms BETWEEN 0 AND 600000),
    tells_position   boolean NOT NULL,
    tells_agent      boolean NOT NULL
);
COMMENT ON TABLE queue_treatments IS 'what is heard besides the acknowledgement and the music';
COMMENT ON COLUMN queue_treatments.comfort_every_ms IS
    'from the end of one announcement to the next; 0 is never';
-- Queues that are there already go on as they did: music alone.
INSERT INTO queue_treatments SELECT id, false, NULL, NULL, 0, false, false FROM queues;

CREATE TRIGGER directory_inserted AFTER INSERT ON queue_treatments
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION directory_changed('staffing');
CREATE TRIGGER directory_updated AFTER UPDATE ON queue_treatments
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION directory_changed('staffing');
CREATE TRIGGER directory_deleted AFTER DELETE ON queue_treatments
    REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION directory_changed('staffing');
CREATE TRIGGER directory_truncated AFTER TRUNCATE ON queue_treatments
    FOR EACH STATEMENT EXECUTE FUNCTION directory_changed('staffing');
