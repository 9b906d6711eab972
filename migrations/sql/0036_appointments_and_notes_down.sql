-- Queues have no hours. What agents have written down of calls, and whose record they went through, is
-- lost.
DROP TABLE elder_verifications;
DROP TABLE call_notes;
ALTER TABLE queues
    DROP COLUMN working_from_min, DROP COLUMN working_until_min,
    DROP COLUMN off_from_min, DROP COLUMN off_until_min;
