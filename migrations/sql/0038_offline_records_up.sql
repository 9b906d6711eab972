-- What agents wrote down while the system was away, and handed in when it was back (D19, X14). The browser
-- makes the id, by which a record is taken once. Rows are added and never changed, but that the words are
-- erased when recordings as old as they are deleted.
CREATE TABLE offline_records (
    record_id    text PRIMARY KEY CHECK (record_id ~ '^[0-9a-f]{32}$'),
    written_at   timestamptz NOT NULL,
    handed_in_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    handed_in_by text NOT NULL,
    agent        identifier NOT NULL,
    emergency    boolean NOT NULL,
    settled      boolean NOT NULL,
    number       text CHECK (length(number) <= 40),
    name         text CHECK (length(name) <= 100),
    address      text CHECK (length(address) <= 200),
    need         text CHECK (need <> '' AND length(need) <= 2000),
    handled      text CHECK (length(handled) <= 2000),
    erased_at    timestamptz,
    CHECK ((need IS NULL) = (erased_at IS NOT NULL)),
    CHECK (erased_at IS NULL OR num_nonnulls(number, name, address, handled) = 0)
);
CREATE INDEX offline_records_written ON offline_records (written_at DESC, record_id);
CREATE INDEX offline_records_to_erase ON offline_records (handed_in_at) WHERE erased_at IS NULL;
COMMENT ON COLUMN offline_records.written_at IS 'by the clock of the browser';
COMMENT ON COLUMN offline_records.agent IS 'who wrote it; handed_in_by is whose token handed it in';
COMMENT ON COLUMN offline_records.need IS 'NULL: erased, with number, name, address and handled';

-- What is owed for one has its id in "about".
CREATE INDEX obligation_of_offline_record ON obligation ((body ->> 'about')) WHERE why = 'offline';
