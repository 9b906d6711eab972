-- Selection (C01, C15, T12, T39, W15): needs that weaken, queues that help, whom a caller would
-- rather have, who goes first, and who is reached outside.

-- Queues that are there already go on as they did.
ALTER TABLE queues
    ADD COLUMN weight smallint NOT NULL DEFAULT 1 CHECK (weight BETWEEN 1 AND 100),
    ADD COLUMN precedence_ms integer NOT NULL DEFAULT 10000
        CHECK (precedence_ms BETWEEN 0 AND 3600000),
    ADD COLUMN overflow_ms integer NOT NULL DEFAULT 10000
        CHECK (overflow_ms BETWEEN 0 AND 86400000),
    ADD COLUMN sticky text[] NOT NULL DEFAULT '{}' CHECK (sticky <@ ARRAY['owner', 'last']),
    ADD COLUMN sticky_ms bigint NOT NULL DEFAULT 604800000
        CHECK (sticky_ms BETWEEN 0 AND 31622400000),
    ADD COLUMN prefer_wait_ms integer NOT NULL DEFAULT 0
        CHECK (prefer_wait_ms BETWEEN 0 AND 3600000),
    ADD COLUMN outside_ring_ms integer NOT NULL DEFAULT 25000
        CHECK (outside_ring_ms BETWEEN 5000 AND 60000),
    ADD CHECK (prefer_wait_ms < promise_ms),
    DROP CONSTRAINT queues_selection_check,
    ADD CONSTRAINT queues_selection_check CHECK (selection IN (
        'longest_idle', 'highest_skill', 'best_fit', 'round_robin', 'fewest_calls', 'least_talk',
        'linear', 'random', 'weighted', 'ring_all'));
COMMENT ON COLUMN queues.weight IS 'how fast lateness counts against queues of equal priority';
COMMENT ON COLUMN queues.precedence_ms IS 'what one step of a caller''s precedence is worth';
COMMENT ON COLUMN queues.overflow_ms IS 'arrival to the help of the queues in queue_overflow';
COMMENT ON COLUMN queues.sticky IS 'who knows the caller goes first when free (W15)';
COMMENT ON COLUMN queues.sticky_ms IS 'so long after the last conversation nobody knows them';
COMMENT ON COLUMN queues.prefer_wait_ms IS 'longest wait for who is preferred; emergencies: 0 (C15)';
COMMENT ON COLUMN queues.outside_ring_ms IS 'how long an outside telephone rings';

CREATE TABLE queue_relaxation (
    queue    identifier NOT NULL REFERENCES queues DEFERRABLE,
    after_ms integer NOT NULL CHECK (after_ms BETWEEN 1 AND 86400000),
    PRIMARY KEY (queue, after_ms)
);
COMMENT ON TABLE queue_relaxation IS 'from after_ms since the arrival on, weaker needs will do';
CREATE TABLE queue_relaxation_needs (
    queue     identifier NOT NULL,
    after_ms  integer NOT NULL,
    skill     identifier NOT NULL REFERENCES skills DEFERRABLE,
    level_min smallint NOT NULL CHECK (level_min BETWEEN 1 AND 10),
    PRIMARY KEY (queue, after_ms, skill),
    FOREIGN KEY (queue, after_ms) REFERENCES queue_relaxation DEFERRABLE
);
CREATE TABLE queue_overflow (
    queue    identifier NOT NULL REFERENCES queues DEFERRABLE,
    position smallint NOT NULL CHECK (position BETWEEN 1 AND 100),
    helper   identifier NOT NULL REFERENCES queues DEFERRABLE CHECK (helper <> queue),
    PRIMARY KEY (queue, position),
    UNIQUE (queue, helper) DEFERRABLE
);
COMMENT ON TABLE queue_overflow IS 'whose ready agents serve the queue''s callers too, in order';
CREATE TABLE queue_preferences (
    queue identifier NOT NULL REFERENCES queues DEFERRABLE,
    skill identifier NOT NULL REFERENCES skills DEFERRABLE,
    PRIMARY KEY (queue, skill)
);
COMMENT ON TABLE queue_preferences IS 'skills that a caller may prefer: languages, dialects (C15)';

CREATE TABLE duty_phones (
    id     identifier PRIMARY KEY,
    name   text NOT NULL,
    number directory_number NOT NULL UNIQUE DEFERRABLE
);
COMMENT ON TABLE duty_phones IS 'outside telephones, dialled over a trunk; press 1 to accept (C01)';
CREATE TABLE duty_phone_queues (
    duty_phone identifier NOT NULL REFERENCES duty_phones DEFERRABLE,
    queue      identifier NOT NULL REFERENCES queues DEFERRABLE,
    PRIMARY KEY (duty_phone, queue)
);

ALTER TABLE entries ADD COLUMN agent identifier REFERENCES agents DEFERRABLE;
COMMENT ON COLUMN entries.agent IS 'whom the number asks for; if busy, whoever is there (T39)';
ALTER TABLE terminals ADD COLUMN precedence smallint NOT NULL DEFAULT 0
    CHECK (precedence BETWEEN 0 AND 9);
ALTER TABLE elders ADD COLUMN precedence smallint NOT NULL DEFAULT 0
    CHECK (precedence BETWEEN 0 AND 9);
COMMENT ON COLUMN elders.precedence IS 'how far the elder goes before others; 0 is ordinary';

-- Supervisors and outside telephones are further reaches.
ALTER TABLE queue_widening
    DROP CONSTRAINT queue_widening_reach_check,
    ADD CONSTRAINT queue_widening_reach_check
        CHECK (reach IN ('ready', 'wrap_up', 'break', 'supervisor', 'outside'));
CREATE OR REPLACE FUNCTION queue_widens() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    one constant text := CASE WHEN TG_TABLE_NAME = 'queues' THEN to_jsonb(NEW) ->> 'id'
        ELSE coalesce(to_jsonb(NEW), to_jsonb(OLD)) ->> 'queue' END;
    reaches constant text[] := ARRAY['ready', 'wrap_up', 'break', 'supervisor', 'outside'];
BEGIN
    IF EXISTS (SELECT FROM queues WHERE id = one) AND NOT EXISTS (
        SELECT FROM queue_widening WHERE queue = one AND after_ms = 0
    ) THEN
        RAISE EXCEPTION 'queue % has no widening step at 0 ms', one
            USING ERRCODE = 'check_violation', TABLE = 'queue_widening';
    END IF;
    IF EXISTS (
        SELECT FROM (
            SELECT phones - lag(phones) OVER steps AS more,
                   array_position(reaches, reach) - lag(array_position(reaches, reach)) OVER steps
                   AS further
            FROM queue_widening WHERE queue = one WINDOW steps AS (ORDER BY after_ms)
        ) AS compared WHERE more < 0 OR further < 0
    ) THEN
        RAISE EXCEPTION 'a widening step of queue % takes back what the one before gave', one
            USING ERRCODE = 'check_violation', TABLE = 'queue_widening';
    END IF;
    RETURN NULL;
END $$;

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['queue_relaxation', 'queue_relaxation_needs', 'queue_overflow',
                                'queue_preferences', 'duty_phones', 'duty_phone_queues']
    LOOP
        EXECUTE format('CREATE TRIGGER directory_inserted AFTER INSERT ON %I '
            'REFERENCING NEW TABLE AS changed '
            'FOR EACH STATEMENT EXECUTE FUNCTION directory_changed(''staffing'')', name);
        EXECUTE format('CREATE TRIGGER directory_updated AFTER UPDATE ON %I '
            'REFERENCING NEW TABLE AS changed '
            'FOR EACH STATEMENT EXECUTE FUNCTION directory_changed(''staffing'')', name);
        EXECUTE format('CREATE TRIGGER directory_deleted AFTER DELETE ON %I '
            'REFERENCING OLD TABLE AS changed '
            'FOR EACH STATEMENT EXECUTE FUNCTION directory_changed(''staffing'')', name);
        EXECUTE format('CREATE TRIGGER directory_truncated AFTER TRUNCATE ON %I '
            'FOR EACH STATEMENT EXECUTE FUNCTION directory_changed(''staffing'')', name);
    END LOOP;
END $$;

-- A caller's language is found by the name of a skill: when those change, callers are read again.
CREATE TRIGGER callers_inserted AFTER INSERT ON skills REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION directory_changed('callers');
CREATE TRIGGER callers_updated AFTER UPDATE ON skills REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION directory_changed('callers');
CREATE TRIGGER callers_deleted AFTER DELETE ON skills REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION directory_changed('callers');

-- ── the record ────────────────────────────────────────────────────────────────────────────

ALTER TABLE call ADD COLUMN precedence smallint, ADD COLUMN repeat boolean;
ALTER TABLE offer
    ADD COLUMN tier      smallint,
    ADD COLUMN overflow  text,
    ADD COLUMN preferred text;
COMMENT ON COLUMN call.precedence IS 'steps by which the caller went before others of the queue';
COMMENT ON COLUMN call.repeat IS 'had just called an emergency entry and not been answered';
COMMENT ON COLUMN offer.tier IS 'steps of relaxation that the agent needed; 0: has all the skills';
COMMENT ON COLUMN offer.overflow IS 'the queue whose agent it is, when not the call''s own';
COMMENT ON COLUMN offer.preferred IS
    'why before the rule: named, owner, last, or the skill that the caller prefers';

CREATE OR REPLACE VIEW call_records AS
SELECT call_id, arrived_at, queue, first_offer_at, picked_up_at, answered_at, ended_at,
       wait_ms, ring_ms, talk_ms, hold_ms, wrap_up_ms,
       trunk, caller, called, entry, kind, terminal, elders, agent, seat,
       outcome, offers, synthetic, recording, promise_broken_at, incident_at,
       direction, reference, precedence, repeat
FROM call;
