-- Queues have no hours. What agents have written down of calls is lost.
DROP TABLE call_notes;
ALTER TABLE queues
    DROP COLUMN working_from_min, DROP COLUMN working_until_min,
    DROP COLUMN off_from_min, DROP COLUMN off_until_min;
