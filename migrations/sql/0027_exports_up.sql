-- Recordings that leave the house: asked for by one person and agreed to by another (L2).
CREATE TABLE export (
    export_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    asked_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    asked_by   text NOT NULL CHECK (asked_by <> ''),
    why        text NOT NULL CHECK (why <> ''),
    recordings text[] NOT NULL CHECK (cardinality(recordings) BETWEEN 1 AND 100),
    decided_at timestamptz,
    decided_by text,
    agreed     boolean,
    CHECK (decided_by <> asked_by),
    CHECK ((decided_at IS NULL) = (decided_by IS NULL)),
    CHECK ((decided_at IS NULL) = (agreed IS NULL))
);
CREATE INDEX export_asked_at ON export (asked_at);
