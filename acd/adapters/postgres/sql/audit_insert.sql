-- Notes who did what.
INSERT INTO audit (who, address, action, subject, details)
VALUES ($1, $2, $3, $4, $5::text::jsonb)
