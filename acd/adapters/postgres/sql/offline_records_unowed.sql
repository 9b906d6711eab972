-- Records of what is still open, or was an emergency, for which nothing is or was ever owed, the oldest first.
SELECT record_id, written_at, agent, number, emergency, settled
FROM offline_records
WHERE (emergency OR NOT settled)
  AND NOT EXISTS (SELECT FROM obligation
                  WHERE why = 'offline' AND body ->> 'about' = offline_records.record_id)
ORDER BY written_at, record_id
LIMIT $1
