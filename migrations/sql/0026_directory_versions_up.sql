-- What the directory was after each change, so that one can go back.
-- Tables that did not change are kept once. Phones' passwords are not in it.
CREATE TABLE directory_versions (
    version bigint PRIMARY KEY CHECK (version > 0),
    made_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    made_by text NOT NULL CHECK (made_by <> ''),
    why     text NOT NULL CHECK (why <> '')
);
CREATE TABLE directory_contents (
    sha256 bytea PRIMARY KEY CHECK (length(sha256) = 32),
    rows   text NOT NULL
);
CREATE TABLE directory_version_tables (
    version    bigint NOT NULL REFERENCES directory_versions ON DELETE CASCADE,
    table_name text NOT NULL,
    columns    text[] NOT NULL,
    sha256     bytea NOT NULL REFERENCES directory_contents,
    PRIMARY KEY (version, table_name)
);
CREATE INDEX directory_version_tables_sha256 ON directory_version_tables (sha256);
COMMENT ON COLUMN directory_version_tables.columns IS
    'those that the table had then; one that came later gets its default when one goes back';
