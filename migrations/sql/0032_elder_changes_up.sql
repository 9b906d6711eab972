-- What an agent has learnt of an elder, beside what the directory's file says (E12, E17, E38).
-- Rows are added and never changed. The newest of a field holds for as long as the file goes on saying
-- what it said then: a load neither undoes what an agent has noted, nor is it held up by it.
CREATE TABLE elder_changes (
    change_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at        timestamptz NOT NULL DEFAULT clock_timestamp(),
    elder     identifier NOT NULL,
    field     text NOT NULL CHECK (field IN (
        'living', 'entrance', 'gate_code', 'key_place', 'route', 'lift', 'blood_group', 'rhesus',
        'history', 'allergies', 'medication', 'mobility', 'hearing', 'speech', 'cognition',
        'hospital', 'insurance', 'pets', 'notes', 'contacts')),
    filed     jsonb NOT NULL,
    noted     jsonb NOT NULL,
    agent     identifier NOT NULL,
    case_id   text
);
CREATE INDEX elder_changes_newest ON elder_changes (elder, field, change_id DESC);
COMMENT ON COLUMN elder_changes.filed IS 'what the directory said when it was noted';
COMMENT ON COLUMN elder_changes.noted IS 'what is so, by the agent''s word';

-- An elder's contacts as the directory has them, in the form in which they are shown and noted.
CREATE FUNCTION filed_contacts(of identifier) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT coalesce(jsonb_agg(
        jsonb_build_object('grade', grade, 'name', name, 'relation', relation, 'phones', phones,
                           'distance_m', distance_m, 'has_key', has_key) ORDER BY grade), '[]')
    FROM contacts WHERE elder = of
$$;

-- Whom to call is read with the callers: a running switch follows.
CREATE TRIGGER directory_inserted AFTER INSERT ON elder_changes
    REFERENCING NEW TABLE AS changed
    FOR EACH ROW WHEN (NEW.field = 'contacts') EXECUTE FUNCTION directory_changed('callers');
