-- Deadline scheduling (T09, C01): how far a queue goes as its promise comes into danger, and what
-- each offer says of why it was made.

-- Queues that are there already go on as they did: one phone at a time, for as long as before.
ALTER TABLE queues ADD COLUMN ring_ms_min integer, ADD COLUMN incident_ms integer;
UPDATE queues SET ring_ms_min = ring_ms, incident_ms = greatest(60000, promise_ms);
ALTER TABLE queues
    ALTER COLUMN ring_ms_min SET NOT NULL,
    ALTER COLUMN incident_ms SET NOT NULL,
    ADD CHECK (ring_ms_min BETWEEN 1000 AND ring_ms),
    ADD CHECK (incident_ms BETWEEN promise_ms AND 86400000),
    DROP CONSTRAINT queues_selection_check,
    ADD CONSTRAINT queues_selection_check CHECK (selection IN (
        'longest_idle', 'highest_skill', 'best_fit', 'round_robin', 'fewest_calls', 'least_talk',
        'linear', 'random', 'weighted'));
COMMENT ON COLUMN queues.ring_ms_min IS 'the ring limit shrinks with the slack, never below this';
COMMENT ON COLUMN queues.incident_ms IS 'arrival to the opening of an incident for who still waits';

CREATE TABLE queue_widening (
    queue    identifier NOT NULL REFERENCES queues DEFERRABLE,
    after_ms integer NOT NULL CHECK (after_ms BETWEEN 0 AND 86400000),
    phones   smallint NOT NULL CHECK (phones BETWEEN 1 AND 100),
    reach    text NOT NULL CHECK (reach IN ('ready', 'wrap_up', 'break')),
    PRIMARY KEY (queue, after_ms)
);
COMMENT ON TABLE queue_widening IS
    'from after_ms since the arrival on, up to so many phones ring at once, so far within reach';
INSERT INTO queue_widening SELECT id, 0, 1, 'ready' FROM queues;

-- What a row cannot say of itself: a queue has a step at 0, and no step takes back what the one
-- before gave.  Asked at the end of the transaction, when all its steps are there.
CREATE FUNCTION queue_widens() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    one constant text := CASE WHEN TG_TABLE_NAME = 'queues' THEN to_jsonb(NEW) ->> 'id'
        ELSE coalesce(to_jsonb(NEW), to_jsonb(OLD)) ->> 'queue' END;
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
                   array_position(ARRAY['ready', 'wrap_up', 'break'], reach)
                   - lag(array_position(ARRAY['ready', 'wrap_up', 'break'], reach)) OVER steps
                   AS further
            FROM queue_widening WHERE queue = one WINDOW steps AS (ORDER BY after_ms)
        ) AS compared WHERE more < 0 OR further < 0
    ) THEN
        RAISE EXCEPTION 'a widening step of queue % takes back what the one before gave', one
            USING ERRCODE = 'check_violation', TABLE = 'queue_widening';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER queue_widens AFTER INSERT OR UPDATE OR DELETE ON queue_widening
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION queue_widens();
CREATE CONSTRAINT TRIGGER queue_widens AFTER INSERT ON queues
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION queue_widens();

CREATE TRIGGER directory_inserted AFTER INSERT ON queue_widening REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION directory_changed('staffing');
CREATE TRIGGER directory_updated AFTER UPDATE ON queue_widening REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION directory_changed('staffing');
CREATE TRIGGER directory_deleted AFTER DELETE ON queue_widening REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION directory_changed('staffing');
CREATE TRIGGER directory_truncated AFTER TRUNCATE ON queue_widening
    FOR EACH STATEMENT EXECUTE FUNCTION directory_changed('staffing');

-- ── the record ────────────────────────────────────────────────────────────────────────────

ALTER TABLE call ADD COLUMN promise_broken_at timestamptz, ADD COLUMN incident_at timestamptz;
ALTER TABLE offer
    ADD COLUMN selection     text,
    ADD COLUMN rank          bigint,
    ADD COLUMN next          text[],
    ADD COLUMN skipped       jsonb,
    ADD COLUMN reach         text,
    ADD COLUMN ring_limit_ms bigint,
    ADD COLUMN phones        integer;
COMMENT ON COLUMN offer.rank IS 'the key by which the agent was first; smaller is better';
COMMENT ON COLUMN offer.next IS 'who would have been next, at most five';
COMMENT ON COLUMN offer.skipped IS '{why: how many agents with the skills were not to be rung}';
COMMENT ON COLUMN offer.phones IS 'how many rang for the call then, this one included';

CREATE OR REPLACE VIEW call_records AS
SELECT call_id, arrived_at, queue, first_offer_at, picked_up_at, answered_at, ended_at,
       wait_ms, ring_ms, talk_ms, hold_ms, wrap_up_ms,
       trunk, caller, called, entry, kind, terminal, elders, agent, seat,
       outcome, offers, synthetic, recording, promise_broken_at, incident_at
FROM call;
