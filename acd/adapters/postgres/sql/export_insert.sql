-- Somebody asks for an export.
INSERT INTO export (asked_by, why, recordings) VALUES ($1, $2, $3) RETURNING export_id
