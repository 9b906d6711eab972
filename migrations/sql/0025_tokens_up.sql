-- Tokens of the HTTP APIs: whose, with which role, until when (L2, X10, X12).
-- A token is 256 bits of chance, so its plain digest cannot be guessed; the token itself is shown
-- once, when it is made, and is kept nowhere.
CREATE TABLE api_token (
    token_id   text PRIMARY KEY CHECK (token_id ~ '^t[0-9]+$'),
    sha256     bytea NOT NULL UNIQUE CHECK (length(sha256) = 32),
    person     text NOT NULL CHECK (person <> ''),
    role       text NOT NULL CHECK (role IN (
        'agent', 'supervisor', 'administrator', 'regulator', 'monitor')),
    agent      text CHECK (agent <> ''),
    made_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    CHECK (expires_at > made_at),
    CHECK (role <> 'agent' OR agent IS NOT NULL)
);
COMMENT ON COLUMN api_token.agent IS 'the agent''s or supervisor''s number that the person is';
CREATE SEQUENCE api_token_number;

CREATE FUNCTION api_token_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NOTIFY huling_tokens;
    RETURN NULL;
END $$;
CREATE TRIGGER api_token_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON api_token
    FOR EACH STATEMENT EXECUTE FUNCTION api_token_changed();
