-- One export, or the newest.
SELECT export_id, asked_at, asked_by, why, recordings, decided_at, decided_by, agreed
FROM export WHERE $1::bigint IS NULL OR export_id = $1
ORDER BY export_id DESC LIMIT $2
