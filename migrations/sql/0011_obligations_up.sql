-- What is owed to whom (C02, W15, W16): one row each, as it was last known.  Not partitioned: an
-- open one may be old, and a service that starts reads them all.
CREATE TABLE obligation (
    obligation_id text PRIMARY KEY,
    noted_at      timestamptz NOT NULL,
    state         text NOT NULL,
    kind          text NOT NULL,
    why           text NOT NULL,
    queue         text,
    emergency     boolean NOT NULL,
    number        text,
    call_id       text,
    owed_at       timestamptz NOT NULL,
    deadline_at   timestamptz NOT NULL,
    closed_at     timestamptz,
    closing       text,
    late          boolean NOT NULL,
    level         integer NOT NULL,
    body          jsonb NOT NULL
);
COMMENT ON COLUMN obligation.noted_at IS 'of the fact that says so; an older one changes nothing';
COMMENT ON COLUMN obligation.level IS 'how far it was escalated: 1 the shift leader, then supervisors';
COMMENT ON COLUMN obligation.body IS 'the whole obligation, as the service takes it in at a start';
CREATE INDEX obligation_open ON obligation (deadline_at) WHERE closed_at IS NULL;
CREATE INDEX obligation_owed_at ON obligation (owed_at);
CREATE INDEX obligation_number ON obligation (number, owed_at);
