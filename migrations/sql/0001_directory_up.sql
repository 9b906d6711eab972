-- The directory: who may call, who answers, and how.  L1-nn is a field of requirements L1.
-- Foreign keys are deferrable, so that one file can be loaded in any order and is checked whole.

CREATE DOMAIN identifier AS text CHECK (VALUE ~ '^[A-Za-z0-9][A-Za-z0-9:._-]{0,63}$');
CREATE DOMAIN directory_number AS text CHECK (VALUE ~ '^[0-9]{3,20}$');
-- Names of SIP endpoints.  They begin with a letter: a caller's number can never be one.
CREATE DOMAIN endpoint AS text CHECK (VALUE ~ '^[a-z][a-z0-9-]{0,63}$');

-- ── organisations, areas, trunks ──────────────────────────────────────────────────────────

CREATE TABLE organisations (
    id      identifier PRIMARY KEY,
    kind    text NOT NULL
            CHECK (kind IN ('committee', 'service_centre', 'property', 'district_office')),
    name    text NOT NULL,
    phone   directory_number,
    contact text,
    address text
);

CREATE TABLE areas (
    id   identifier PRIMARY KEY,
    name text NOT NULL
);

-- 110, 119 and 120 of an area.  Tests, drills and proofs may dial simulators only.
CREATE TABLE rescue_numbers (
    area    identifier NOT NULL REFERENCES areas DEFERRABLE,
    service text NOT NULL CHECK (service IN ('police', 'fire', 'medical')),
    number  directory_number NOT NULL,
    kind    text NOT NULL CHECK (kind IN ('real', 'simulator')),
    PRIMARY KEY (area, service),
    -- A simulator never has the number of the real service, nor the other way round.
    CHECK ((kind = 'real') OR (number NOT IN ('110', '119', '120')))
);

CREATE TABLE trunks (
    id                  endpoint PRIMARY KEY,
    provider            text NOT NULL,
    area_code           text CHECK (area_code ~ '^0[1-9][0-9]{1,2}$'),
    trusts_asserted     boolean NOT NULL,
    outbound_caller_ids text[] NOT NULL,
    state               text NOT NULL CHECK (state IN ('in_service', 'out_of_service'))
);
COMMENT ON COLUMN trunks.trusts_asserted IS
    'whether P-Asserted-Identity of this operator is believed (RFC 3325)';

CREATE TABLE trunk_addresses (
    trunk   endpoint NOT NULL REFERENCES trunks DEFERRABLE,
    network cidr NOT NULL,
    PRIMARY KEY (network),
    -- An address belongs to one operator, or nobody could tell whose call it is.
    EXCLUDE USING gist (network inet_ops WITH &&) DEFERRABLE
);

CREATE TABLE trunk_areas (
    trunk endpoint NOT NULL REFERENCES trunks DEFERRABLE,
    area  identifier NOT NULL REFERENCES areas DEFERRABLE,
    PRIMARY KEY (trunk, area)
);

-- ── queues and entries ────────────────────────────────────────────────────────────────────

CREATE TABLE skills (
    id   identifier PRIMARY KEY,
    name text NOT NULL
);

CREATE TABLE queues (
    id               identifier PRIMARY KEY,
    name             text NOT NULL,
    priority         integer NOT NULL CHECK (priority >= 0),
    promise_ms       integer NOT NULL CHECK (promise_ms BETWEEN 1000 AND 3600000),
    ring_ms          integer NOT NULL CHECK (ring_ms >= 1000),
    pick_up_ms       integer NOT NULL CHECK (pick_up_ms >= 0),
    wrap_up_ms       integer NOT NULL CHECK (wrap_up_ms BETWEEN 0 AND 3600000),
    short_answer_ms  integer NOT NULL CHECK (short_answer_ms BETWEEN 0 AND 60000),
    refusal_delay_ms integer NOT NULL CHECK (refusal_delay_ms BETWEEN 0 AND 3600000),
    misses_max       integer NOT NULL CHECK (misses_max BETWEEN 1 AND 100),
    selection        text NOT NULL CHECK (selection IN ('longest_idle', 'highest_skill')),
    acknowledgement  text NOT NULL,
    -- C01: when the first agent does not answer, a second can still keep the promise.
    CHECK (ring_ms < promise_ms)
);

CREATE TABLE queue_needs (
    queue     identifier NOT NULL REFERENCES queues DEFERRABLE,
    skill     identifier NOT NULL REFERENCES skills DEFERRABLE,
    level_min smallint NOT NULL CHECK (level_min BETWEEN 1 AND 10),
    PRIMARY KEY (queue, skill)
);

CREATE TABLE entries (
    id    directory_number PRIMARY KEY,
    name  text NOT NULL,
    kind  text NOT NULL CHECK (kind IN ('emergency', 'enquiry', 'outbound', 'synthetic')),
    queue identifier NOT NULL REFERENCES queues DEFERRABLE
);
COMMENT ON COLUMN entries.id IS 'the number as dialled (DID)';

-- ── agents and seats ──────────────────────────────────────────────────────────────────────

CREATE TABLE agents (
    id   identifier PRIMARY KEY,
    name text NOT NULL
);

CREATE TABLE agent_skills (
    agent identifier NOT NULL REFERENCES agents DEFERRABLE,
    skill identifier NOT NULL REFERENCES skills DEFERRABLE,
    level smallint NOT NULL CHECK (level BETWEEN 1 AND 10),
    PRIMARY KEY (agent, skill)
);

CREATE TABLE seats (
    id    identifier PRIMARY KEY,
    agent identifier REFERENCES agents DEFERRABLE
);
COMMENT ON COLUMN seats.agent IS 'who logs in here by feature code';

CREATE TABLE seat_phones (
    id       endpoint PRIMARY KEY,
    seat     identifier NOT NULL REFERENCES seats DEFERRABLE,
    position smallint NOT NULL CHECK (position IN (1, 2)),
    password text NOT NULL CHECK (length(password) >= 16),
    UNIQUE (seat, position) DEFERRABLE
);
COMMENT ON COLUMN seat_phones.id IS 'SIP account; a seat has one phone, an emergency seat two (T29)';
COMMENT ON COLUMN seat_phones.password IS 'generated; Asterisk needs it in the clear for digest';

-- ── terminals, elders, contacts ───────────────────────────────────────────────────────────

CREATE TABLE terminals (
    id              identifier PRIMARY KEY,
    device          text,
    model           text,
    network_licence text,
    certificate     text,
    installed       date,
    state           text NOT NULL CHECK (state IN ('in_use', 'faulty', 'removed'))
);
COMMENT ON COLUMN terminals.network_licence IS 'T36';
COMMENT ON COLUMN terminals.certificate IS 'T36: compulsory product certification (3C)';

CREATE TABLE terminal_numbers (
    number   directory_number PRIMARY KEY,
    terminal identifier NOT NULL REFERENCES terminals DEFERRABLE
);
COMMENT ON COLUMN terminal_numbers.number IS 'in the one form that acd.core.numbers makes';
CREATE INDEX terminal_numbers_terminal ON terminal_numbers (terminal);

CREATE TABLE elders (
    id              identifier PRIMARY KEY,
    name            text NOT NULL,
    sex             text NOT NULL CHECK (sex IN ('female', 'male')),
    born            date NOT NULL CHECK (born > '1880-01-01'),
    identity_card   text CHECK (identity_card ~ '^[0-9]{17}[0-9X]$'),
    district        text NOT NULL,
    street          text NOT NULL,
    estate          text,
    building        text,
    room            text,
    phones          text[] NOT NULL,
    terminal        identifier REFERENCES terminals DEFERRABLE,
    living          text NOT NULL CHECK (living IN
                    ('alone', 'spouse', 'children', 'relatives', 'carer', 'institution')),
    category        text NOT NULL CHECK (category IN ('government_paid', 'self_paid')),
    status          text NOT NULL CHECK (status IN ('in_use', 'stopped', 'returned')),
    committee       identifier REFERENCES organisations DEFERRABLE,
    property        identifier REFERENCES organisations DEFERRABLE,
    service_centre  identifier REFERENCES organisations DEFERRABLE,
    district_office identifier REFERENCES organisations DEFERRABLE,
    helper_name     text,
    helper_phone    directory_number,
    entrance        text,
    gate_code       text,
    key_place       text,
    route           text,
    lift            boolean,
    latitude        double precision CHECK (latitude BETWEEN -90 AND 90),
    longitude       double precision CHECK (longitude BETWEEN -180 AND 180),
    blood_group     text CHECK (blood_group IN ('A', 'B', 'AB', 'O')),
    rhesus          text CHECK (rhesus IN ('positive', 'negative')),
    history         text[] NOT NULL,
    allergies       text[] NOT NULL,
    medication      jsonb NOT NULL CHECK (jsonb_typeof(medication) = 'array'),
    mobility        text CHECK (mobility IN ('independent', 'aided', 'wheelchair', 'bedridden')),
    hearing         text CHECK (hearing IN ('good', 'poor', 'deaf')),
    speech          text CHECK (speech IN ('good', 'poor', 'none')),
    cognition       text CHECK (cognition IN ('good', 'forgetful', 'dementia')),
    hospital        text,
    insurance       text,
    languages       text[] NOT NULL,
    ethnic_group    text,
    religious_needs text,
    care_call_time  time,
    pets            text,
    absences        jsonb NOT NULL CHECK (jsonb_typeof(absences) = 'array'),
    life_events     text[] NOT NULL,
    notes           text,
    CHECK ((latitude IS NULL) = (longitude IS NULL))
);
CREATE INDEX elders_terminal ON elders (terminal);
COMMENT ON COLUMN elders.name IS 'L1-1';
COMMENT ON COLUMN elders.sex IS 'L1-2';
COMMENT ON COLUMN elders.born IS 'L1-3';
COMMENT ON COLUMN elders.identity_card IS 'L1-4; shown masked';
COMMENT ON COLUMN elders.district IS 'L1-5, with street, estate, building, room and committee';
COMMENT ON COLUMN elders.phones IS 'L1-6, with terminal (its numbers and device)';
COMMENT ON COLUMN elders.living IS 'L1-7, with category and status';
COMMENT ON COLUMN elders.committee IS 'L1-9, with property, service centre, office and helper';
COMMENT ON COLUMN elders.entrance IS 'L1-10, with gate code, key, route, lift and coordinates';
COMMENT ON COLUMN elders.latitude IS 'degrees, WGS 84';
COMMENT ON COLUMN elders.blood_group IS 'L1-11';
COMMENT ON COLUMN elders.history IS 'L1-12: past and chronic illness';
COMMENT ON COLUMN elders.allergies IS 'L1-13';
COMMENT ON COLUMN elders.medication IS 'L1-14: [{"name", "dose", "times": ["08:00"]}]';
COMMENT ON COLUMN elders.mobility IS 'L1-15, with hearing, speech, cognition, hospital, insurance';
COMMENT ON COLUMN elders.languages IS 'L1-16, with ethnic group and religious needs';
COMMENT ON COLUMN elders.notes IS 'L1-17, with care-call time, pets, absences, life events';
COMMENT ON COLUMN elders.absences IS '[{"since", "until", "reason"}], days';

CREATE TABLE contacts (
    elder      identifier NOT NULL REFERENCES elders DEFERRABLE,
    grade      smallint NOT NULL CHECK (grade BETWEEN 1 AND 9),
    name       text NOT NULL,
    relation   text NOT NULL,
    phones     text[] NOT NULL CHECK (cardinality(phones) BETWEEN 1 AND 2),
    distance_m integer CHECK (distance_m >= 0),
    has_key    boolean NOT NULL,
    PRIMARY KEY (elder, grade)
);
COMMENT ON TABLE contacts IS 'L1-8; grade 1 is called first';

-- ── one number per change, and a word to whoever listens ──────────────────────────────────

CREATE SEQUENCE directory_revision;

-- What must be read again when its revision moves: ``staffing`` decides calls, ``callers`` finds
-- who is calling, ``care`` is read when somebody asks.
CREATE TABLE directory_revisions (
    part     text PRIMARY KEY CHECK (part IN ('staffing', 'callers', 'care')),
    revision bigint NOT NULL
);
INSERT INTO directory_revisions
SELECT part, nextval('directory_revision') FROM unnest(ARRAY['staffing', 'callers', 'care']) part;

-- A change by plain SQL counts as much as a loaded file.  A statement that changed no row does not.
CREATE FUNCTION directory_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- TRUNCATE has no transition table, so there is nothing to ask.
    IF TG_OP <> 'TRUNCATE' THEN
        IF NOT EXISTS (SELECT FROM changed) THEN
            RETURN NULL;
        END IF;
    END IF;
    UPDATE directory_revisions SET revision = nextval('directory_revision') WHERE part = TG_ARGV[0];
    -- No payload: PostgreSQL then delivers one notification per transaction, whatever its size.
    NOTIFY huling_directory;
    RETURN NULL;
END $$;

DO $$
DECLARE
    parts constant jsonb := '{
        "staffing": ["trunks", "trunk_addresses", "trunk_areas", "skills", "queues", "queue_needs",
                     "entries", "agents", "agent_skills", "seats", "seat_phones"],
        "callers": ["terminals", "terminal_numbers", "elders"],
        "care": ["contacts", "organisations", "areas", "rescue_numbers"]}';
    part text;
    name text;
BEGIN
    FOR part, name IN
        SELECT key, jsonb_array_elements_text(value) FROM jsonb_each(parts)
    LOOP
        EXECUTE format('CREATE TRIGGER directory_inserted AFTER INSERT ON %I '
            'REFERENCING NEW TABLE AS changed '
            'FOR EACH STATEMENT EXECUTE FUNCTION directory_changed(%L)', name, part);
        EXECUTE format('CREATE TRIGGER directory_updated AFTER UPDATE ON %I '
            'REFERENCING NEW TABLE AS changed '
            'FOR EACH STATEMENT EXECUTE FUNCTION directory_changed(%L)', name, part);
        EXECUTE format('CREATE TRIGGER directory_deleted AFTER DELETE ON %I '
            'REFERENCING OLD TABLE AS changed '
            'FOR EACH STATEMENT EXECUTE FUNCTION directory_changed(%L)', name, part);
        EXECUTE format('CREATE TRIGGER directory_truncated AFTER TRUNCATE ON %I '
            'FOR EACH STATEMENT EXECUTE FUNCTION directory_changed(%L)', name, part);
    END LOOP;
END $$;
