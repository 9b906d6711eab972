-- Recordings and who listened to them (T21, T22, C19, L2).
-- Not partitioned: a recording goes on changing for years (checked each night, held, deleted), and
-- five million of them (36 months of 5,000 calls a day) are few for an index.

CREATE TABLE recording (
    recording_id  text PRIMARY KEY,
    call_id       text,
    arrived_at    timestamptz,
    leg_id        text,
    started_at    timestamptz NOT NULL,
    ended_at      timestamptz,
    state         text NOT NULL DEFAULT 'recording' CHECK (state IN (
        'recording', 'finished', 'empty', 'compressed', 'verified', 'altered', 'missing',
        'deleted')),
    file          text,
    duration_ms   bigint,
    bytes         bigint,
    sha256        text CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    compressed_at timestamptz,
    verified_at   timestamptz,
    held_at       timestamptz,
    held_by       text,
    held_why      text,
    deleted_at    timestamptz,
    deleted_why   text,
    CHECK ((held_at IS NULL) = (held_why IS NULL)),
    CHECK ((state = 'deleted') = (deleted_at IS NOT NULL)),
    CHECK (state <> 'deleted' OR held_at IS NULL)
);
COMMENT ON COLUMN recording.recording_id IS 'the recorded channel''s unique id in Asterisk';
COMMENT ON COLUMN recording.call_id IS 'null: found on the disk, and no call says it is its own';
COMMENT ON COLUMN recording.file IS 'below the archive''s folder, once compressed';
COMMENT ON COLUMN recording.sha256 IS 'of the compressed file';
COMMENT ON COLUMN recording.held_at IS 'legal hold: never deleted until it is released (C19)';
CREATE INDEX recording_call ON recording (call_id, arrived_at);
CREATE INDEX recording_started_at ON recording (started_at);
CREATE INDEX recording_open ON recording (ended_at) WHERE state IN ('recording', 'finished');
CREATE INDEX recording_unverified ON recording (verified_at NULLS FIRST, started_at)
    WHERE state IN ('compressed', 'verified', 'altered', 'missing');
CREATE INDEX recording_state ON recording (state) WHERE state IN ('altered', 'missing', 'deleted');

-- Who looked at or listened to what (L2, X10).  Rows are added and never changed.
CREATE TABLE audit (
    audit_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    who      text NOT NULL CHECK (who <> ''),
    address  text,
    action   text NOT NULL,
    subject  text,
    details  jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX audit_at ON audit (at);
CREATE INDEX audit_subject ON audit (subject, at);
CREATE INDEX audit_who ON audit (who, at);

CREATE FUNCTION audit_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit is only added to';
END $$;
CREATE TRIGGER audit_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_kept();
