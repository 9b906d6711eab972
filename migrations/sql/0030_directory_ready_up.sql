-- When the switch was first ready under this version of the directory; null: never, as far as known.
ALTER TABLE directory_versions ADD COLUMN ready_at timestamptz;
