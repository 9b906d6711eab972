-- When somebody has to be asked again in an emergency that has a case, by queue (F10-F13, F18, F19).

CREATE TABLE queue_emergencies (
    queue          identifier PRIMARY KEY REFERENCES queues DEFERRABLE,
    ask_medical_ms integer NOT NULL CHECK (ask_medical_ms BETWEEN 30000 AND 3600000),
    ask_car_ms     integer NOT NULL CHECK (ask_car_ms BETWEEN 60000 AND 3600000),
    call_elder_ms  integer NOT NULL CHECK (call_elder_ms BETWEEN 60000 AND 3600000),
    ask_contact_ms integer NOT NULL CHECK (ask_contact_ms BETWEEN 60000 AND 3600000),
    report_hour    smallint NOT NULL CHECK (report_hour BETWEEN 0 AND 23),
    revisit_days   smallint NOT NULL CHECK (revisit_days BETWEEN 1 AND 30)
);
COMMENT ON TABLE queue_emergencies IS 'when somebody has to be asked again until help is at the door';
COMMENT ON COLUMN queue_emergencies.ask_medical_ms IS '120, while it has sent no car';
COMMENT ON COLUMN queue_emergencies.ask_car_ms IS '120, where its car is';
COMMENT ON COLUMN queue_emergencies.call_elder_ms IS 'the elder, while 110 or 119 is on its way';
COMMENT ON COLUMN queue_emergencies.ask_contact_ms IS 'a contact who is going there';
COMMENT ON COLUMN queue_emergencies.report_hour IS 'of the next day: the report is due';
COMMENT ON COLUMN queue_emergencies.revisit_days IS 'from the opening to the revisit';
-- Queues that are there already go on as they did.
INSERT INTO queue_emergencies SELECT id, 120000, 420000, 900000, 600000, 17, 3 FROM queues;

CREATE TRIGGER directory_inserted AFTER INSERT ON queue_emergencies
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION directory_changed('staffing');
CREATE TRIGGER directory_updated AFTER UPDATE ON queue_emergencies
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION directory_changed('staffing');
CREATE TRIGGER directory_deleted AFTER DELETE ON queue_emergencies
    REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION directory_changed('staffing');
CREATE TRIGGER directory_truncated AFTER TRUNCATE ON queue_emergencies
    FOR EACH STATEMENT EXECUTE FUNCTION directory_changed('staffing');
