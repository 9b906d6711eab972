-- Tokens that have not been revoked, the expired ones too: whoever holds one sees when it ends.
SELECT token_id AS id, sha256, person, role, agent, expires_at FROM api_token
WHERE revoked_at IS NULL
