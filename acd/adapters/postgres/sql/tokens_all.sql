-- Every token there has been, the newest first.
SELECT token_id AS id, person, role, agent, made_at, expires_at, revoked_at FROM api_token
ORDER BY made_at DESC, token_id DESC
