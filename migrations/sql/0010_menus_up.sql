-- Self-service before the queue (V02, V03, V05), and what is promised to who does not wait (V06, V11).

CREATE TABLE menus (
    id               identifier PRIMARY KEY,
    prompt           text NOT NULL,
    otherwise        text NOT NULL,
    otherwise_target text NOT NULL,
    answer_ms        integer NOT NULL CHECK (answer_ms BETWEEN 1000 AND 60000),
    tries_max        smallint NOT NULL CHECK (tries_max BETWEEN 1 AND 10),
    CHECK (otherwise IN ('queue', 'menu', 'information', 'voicemail', 'callback', 'task'))
);
COMMENT ON COLUMN menus.otherwise IS 'what happens when no key that means anything came';

CREATE TABLE menu_choices (
    menu     identifier NOT NULL REFERENCES menus DEFERRABLE,
    key      text NOT NULL CHECK (key ~ '^[0-9*#]$'),
    leads_to text NOT NULL,
    target   text NOT NULL,
    PRIMARY KEY (menu, key),
    CHECK (leads_to IN ('queue', 'menu', 'information', 'voicemail', 'callback', 'task')),
    -- Nobody is kept from people: 0 is a person in every menu.
    CHECK (key <> '0' OR leads_to = 'queue')
);

CREATE TRIGGER directory_inserted AFTER INSERT ON menus REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION directory_changed('staffing');
CREATE TRIGGER directory_updated AFTER UPDATE ON menus REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION directory_changed('staffing');
CREATE TRIGGER directory_deleted AFTER DELETE ON menus REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION directory_changed('staffing');
CREATE TRIGGER directory_truncated AFTER TRUNCATE ON menus
    FOR EACH STATEMENT EXECUTE FUNCTION directory_changed('staffing');

CREATE TRIGGER directory_inserted AFTER INSERT ON menu_choices REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION directory_changed('staffing');
CREATE TRIGGER directory_updated AFTER UPDATE ON menu_choices REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION directory_changed('staffing');
CREATE TRIGGER directory_deleted AFTER DELETE ON menu_choices REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION directory_changed('staffing');
CREATE TRIGGER directory_truncated AFTER TRUNCATE ON menu_choices
    FOR EACH STATEMENT EXECUTE FUNCTION directory_changed('staffing');

ALTER TABLE entries ADD COLUMN menu identifier REFERENCES menus DEFERRABLE,
    ADD CONSTRAINT entries_menu_check CHECK (menu IS NULL OR kind = 'enquiry');  -- C13

ALTER TABLE queue_treatments
    ADD COLUMN callback_from_ms integer CHECK (callback_from_ms BETWEEN 0 AND 86400000),
    ADD COLUMN reply_within_ms integer NOT NULL DEFAULT 7200000 CHECK (reply_within_ms >= 60000);
COMMENT ON COLUMN queue_treatments.callback_from_ms IS
    'a callback is offered to whoever will wait so long, or has; NULL is never';
