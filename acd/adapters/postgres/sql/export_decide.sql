-- Another person decides, once; nothing comes back when that may not be any more.
UPDATE export SET decided_at = $4, decided_by = $2, agreed = $3
WHERE export_id = $1 AND decided_at IS NULL AND asked_by <> $2 AND asked_at > $5
RETURNING export_id
