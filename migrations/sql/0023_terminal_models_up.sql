-- What terminals say of themselves by DTMF: low battery, fault, test (T27), by their model.

CREATE TABLE terminal_models (
    id text PRIMARY KEY CHECK (id <> '')
);
COMMENT ON COLUMN terminal_models.id IS 'as terminals.model names it';

CREATE TABLE terminal_model_codes (
    model     text NOT NULL REFERENCES terminal_models DEFERRABLE,
    digits    text NOT NULL CHECK (digits ~ '^[0-9A-D*#]{2,8}$'),
    meaning   text NOT NULL CHECK (meaning IN
              ('low_battery', 'fault', 'test', 'mains_lost', 'mains_back', 'tampered', 'other')),
    task      text NOT NULL,
    within_ms bigint NOT NULL CHECK (within_ms BETWEEN 60000 AND 7776000000),
    PRIMARY KEY (model, digits)
);
COMMENT ON COLUMN terminal_model_codes.task IS 'what somebody has to do about it; empty: nothing';
COMMENT ON COLUMN terminal_model_codes.within_ms IS 'from the code to the deadline of the task';

CREATE TRIGGER directory_inserted AFTER INSERT ON terminal_model_codes
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION directory_changed('callers');
CREATE TRIGGER directory_updated AFTER UPDATE ON terminal_model_codes
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION directory_changed('callers');
CREATE TRIGGER directory_deleted AFTER DELETE ON terminal_model_codes
    REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION directory_changed('callers');
CREATE TRIGGER directory_truncated AFTER TRUNCATE ON terminal_model_codes
    FOR EACH STATEMENT EXECUTE FUNCTION directory_changed('callers');
