-- Removes the record and everything in it.
DROP VIEW agent_state_records, call_records;
DROP TABLE agent_state_now, agent_state, offer, leg, call, fact;
DROP FUNCTION ensure_partitions(timestamptz, integer);
DROP SEQUENCE writer_epoch;
