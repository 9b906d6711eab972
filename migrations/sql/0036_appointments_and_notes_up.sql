-- When the people of a queue can be spoken to (W34): minutes of the day where the callers live. A queue
-- without any is there at all times; one with hours on one kind of day is not there on the other.
ALTER TABLE queues
    ADD COLUMN working_from_min smallint,
    ADD COLUMN working_until_min smallint,
    ADD COLUMN off_from_min smallint,
    ADD COLUMN off_until_min smallint,
    ADD CHECK (num_nulls(working_from_min, working_until_min) IN (0, 2)),
    ADD CHECK (num_nulls(off_from_min, off_until_min) IN (0, 2)),
    ADD CHECK (0 <= working_from_min AND working_from_min < working_until_min
               AND working_until_min <= 1440),
    ADD CHECK (0 <= off_from_min AND off_from_min < off_until_min AND off_until_min <= 1440);
COMMENT ON COLUMN queues.working_from_min IS 'on working days, made-up weekends among them';
COMMENT ON COLUMN queues.off_from_min IS 'on weekends and holidays';
