-- Ends one token, or all of a person's; returns those that this has ended.
UPDATE api_token SET revoked_at = clock_timestamp()
WHERE revoked_at IS NULL AND (token_id = $1 OR person = $2)
RETURNING token_id
