-- Takes a record that was written offline, once: handed in again it stays as it was. No row when another one
-- has this id.
INSERT INTO offline_records (record_id, written_at, handed_in_by, agent, emergency, settled,
                             number, name, address, need, handled)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
ON CONFLICT (record_id) DO UPDATE SET record_id = excluded.record_id
    WHERE offline_records.agent = excluded.agent AND offline_records.written_at = excluded.written_at
RETURNING handed_in_at
