-- Records that were written offline, by id and by when they were written, the newest first.
SELECT record_id AS record, written_at, handed_in_at, handed_in_by, agent, emergency, settled,
       number, name, address, need, handled, erased_at
FROM offline_records
WHERE ($1::text IS NULL OR record_id = $1)
  AND ($2::timestamptz IS NULL OR written_at >= $2)
  AND ($3::timestamptz IS NULL OR written_at < $3)
ORDER BY written_at DESC, record_id
LIMIT $4
