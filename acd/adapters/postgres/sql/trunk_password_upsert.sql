-- $1 the trunk, $2 its password at the operator.
INSERT INTO trunk_passwords (trunk, password)
SELECT id, $2 FROM trunks WHERE id = $1 AND account_user IS NOT NULL
ON CONFLICT (trunk) DO UPDATE SET password = excluded.password
RETURNING trunk
