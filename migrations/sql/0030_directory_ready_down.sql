-- Back to versions of which nobody knows whether the switch was ready.
ALTER TABLE directory_versions DROP COLUMN ready_at;
