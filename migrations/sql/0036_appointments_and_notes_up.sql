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

-- What agents write down of calls: key details and a category (D06). Rows are added and never changed,
-- and the newest of a call is its note; words are erased when recordings as old as they are deleted.
CREATE TABLE call_notes (
    note_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    call_id   text NOT NULL,
    at        timestamptz NOT NULL DEFAULT clock_timestamp(),
    agent     identifier NOT NULL,
    category  text NOT NULL CHECK (category IN ('emergency', 'enquiry', 'referral', 'complaint')),
    words     text CHECK (words <> '' AND length(words) <= 2000),
    erased_at timestamptz,
    CHECK ((words IS NULL) = (erased_at IS NOT NULL))
);
CREATE INDEX call_notes_newest ON call_notes (call_id, note_id DESC);
CREATE INDEX call_notes_to_erase ON call_notes (at) WHERE words IS NOT NULL;
COMMENT ON COLUMN call_notes.category IS 'what the call turned out to be, as *21 names it';
COMMENT ON COLUMN call_notes.words IS 'NULL: erased';

-- That an agent went through an elder's whole record and each of their contacts, as when a terminal is
-- installed (W46). Rows are added and never changed.
CREATE TABLE elder_verifications (
    verification_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    elder    identifier NOT NULL,
    agent    identifier NOT NULL,
    call_id  text,
    contacts smallint[] NOT NULL
);
CREATE INDEX elder_verifications_newest ON elder_verifications (elder, verification_id DESC);
COMMENT ON COLUMN elder_verifications.contacts IS 'the grades of those who were known then, all of them';
