-- Makes a token known; returns its id.
INSERT INTO api_token (token_id, sha256, person, role, agent, expires_at)
VALUES ('t' || nextval('api_token_number'), $1, $2, $3, $4, $5)
RETURNING token_id
