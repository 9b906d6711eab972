-- The regulator's feeds (L3, G02): what may have changed is noted with the change itself, taken up by the
-- desk as records, each under an id and a version, and acknowledged by whoever fetches them.

-- What may have changed and has not been looked at. A row comes in the transaction of the change and goes
-- in that of the record, so nothing is missed, whoever writes at once, late or again: no number and no
-- clock has to say what was committed after what. Nothing here is unique: who writes waits for nobody.
CREATE TABLE feed_due (
    due_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    feed   text NOT NULL,
    what   text NOT NULL
);
CREATE INDEX feed_due_days ON feed_due (what) WHERE feed = 'days';
COMMENT ON COLUMN feed_due.what IS
    'the id; of quarters the beginning of a quarter of an hour in which something happened';

-- Records as they are handed over, the newest version of each. Only who holds the feeds' lock writes
-- here, so positions are committed in their order: whoever has read up to one has missed none before it.
CREATE SEQUENCE feed_position;
CREATE TABLE feed_record (
    feed            text NOT NULL,
    record_id       text NOT NULL,
    version         integer NOT NULL DEFAULT 1,
    position        bigint NOT NULL DEFAULT nextval('feed_position'),
    changed_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    acknowledged_at timestamptz,
    body            jsonb NOT NULL,
    PRIMARY KEY (feed, record_id)
);
CREATE UNIQUE INDEX feed_record_position ON feed_record (feed, position);
CREATE INDEX feed_record_waiting ON feed_record (feed, changed_at) WHERE acknowledged_at IS NULL;
COMMENT ON COLUMN feed_record.acknowledged_at IS 'of this version';

-- Rows are added and never changed.
CREATE TABLE feed_acknowledgement (
    feed      text NOT NULL,
    record_id text NOT NULL,
    version   integer NOT NULL,
    at        timestamptz NOT NULL DEFAULT clock_timestamp(),
    who       text NOT NULL,
    PRIMARY KEY (feed, record_id, version),
    FOREIGN KEY (feed, record_id) REFERENCES feed_record
);
CREATE INDEX feed_acknowledgement_newest ON feed_acknowledgement (feed, at);

-- Under it numbers, elders and terminals become pseudonyms (L2). It keeps them from who is handed the
-- feeds, and not from who has this database, which holds them anyhow; here every desk of a house has
-- the same, and a house that was restored goes on with it.
CREATE TABLE feed_key (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    key    bytea NOT NULL CHECK (length(key) = 32)
);
INSERT INTO feed_key (key)
VALUES (decode(replace(concat(gen_random_uuid(), gen_random_uuid()), '-', ''), 'hex'));

-- Whom the directory or an agent says something else of: elders, and the terminals of elders.
CREATE FUNCTION feed_users_due() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    CASE TG_TABLE_NAME
        WHEN 'elders' THEN
            INSERT INTO feed_due (feed, what) SELECT 'users', id FROM changed;
        WHEN 'elder_changes' THEN
            INSERT INTO feed_due (feed, what) SELECT 'users', elder FROM changed;
        ELSE
            INSERT INTO feed_due (feed, what)
            SELECT 'users', elders.id FROM elders JOIN changed ON elders.terminal = changed.id
            UNION ALL SELECT 'devices', id FROM changed;
    END CASE;
    RETURN NULL;
END $$;
CREATE TRIGGER feed_inserted AFTER INSERT ON elders
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION feed_users_due();
CREATE TRIGGER feed_updated AFTER UPDATE ON elders
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION feed_users_due();
CREATE TRIGGER feed_deleted AFTER DELETE ON elders
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION feed_users_due();
CREATE TRIGGER feed_inserted AFTER INSERT ON terminals
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION feed_users_due();
CREATE TRIGGER feed_updated AFTER UPDATE ON terminals
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION feed_users_due();
CREATE TRIGGER feed_deleted AFTER DELETE ON terminals
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION feed_users_due();
CREATE TRIGGER feed_inserted AFTER INSERT ON elder_changes
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION feed_users_due();

-- What a record is made of is found by these.
CREATE INDEX obligation_case ON obligation ((body ->> 'case')) WHERE body ->> 'case' IS NOT NULL;
CREATE INDEX obligation_device ON obligation ((body ->> 'terminal')) WHERE why = 'device';
CREATE INDEX fact_device_report ON fact ((body ->> 'terminal'), at) WHERE kind = 'DeviceReported';

-- What is there already is handed over too.
INSERT INTO feed_due (feed, what)
SELECT 'users', id FROM elders
UNION ALL SELECT 'devices', id FROM terminals
UNION ALL SELECT 'calls', call_id FROM call WHERE ended_at IS NOT NULL AND synthetic IS NOT TRUE
UNION ALL SELECT 'emergencies', case_id FROM cases
UNION ALL SELECT 'obligations', obligation_id FROM obligation
UNION ALL
SELECT DISTINCT 'quarters', (floor(extract(epoch FROM arrived_at) / 900) * 900)::bigint::text FROM call;

-- The authority's own program fetches the feeds and may do nothing else.
ALTER TABLE api_token DROP CONSTRAINT api_token_role_check;
ALTER TABLE api_token ADD CONSTRAINT api_token_role_check CHECK (role IN (
    'agent', 'supervisor', 'administrator', 'regulator', 'collector', 'monitor'));
