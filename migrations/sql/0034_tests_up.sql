-- How a call went by an agent's last word (E44), and who tested a terminal with it (W48, U12).
ALTER TABLE call
    ADD COLUMN disposition text,
    ADD COLUMN test_kind text,
    ADD COLUMN test_staff text;
COMMENT ON COLUMN call.disposition IS 'as *20 names it; a test stands in no report''s figures';
COMMENT ON COLUMN call.test_kind IS 'user, revisit or maintenance; NULL: no test, or nobody has said';
COMMENT ON COLUMN call.test_staff IS 'the staff number of whoever tested; empty: has none';
UPDATE call SET disposition = said.disposition
FROM (SELECT DISTINCT ON (call) call, body ->> 'disposition' AS disposition
      FROM fact
      WHERE kind IN ('CallDisposed', 'AfterwordNoted') AND body ->> 'disposition' IS NOT NULL
      ORDER BY call, at DESC, seq DESC) AS said
WHERE call.call_id = said.call;

CREATE OR REPLACE VIEW call_records AS
SELECT call_id, arrived_at, queue, first_offer_at, picked_up_at, answered_at, ended_at,
       wait_ms, ring_ms, talk_ms, hold_ms, wrap_up_ms,
       trunk, caller, called, entry, kind, terminal, elders, agent, seat,
       outcome, offers, synthetic, recording, promise_broken_at, incident_at,
       direction, reference, precedence, repeat, rating_scale, rating,
       (SELECT case_id FROM cases WHERE cases.calls @> ARRAY[call.call_id]
        ORDER BY opened_at DESC LIMIT 1) AS case_id,
       response,
       rating_source, rating_by,
       disposition, test_kind, test_staff
FROM call;

-- Numbers from which swapped devices have called, whose terminal an agent has named. One holds as long
-- as the directory's file does not know the number; what refers to a terminal that is gone means nothing.
CREATE TABLE noted_numbers (
    number  text PRIMARY KEY,
    terminal text NOT NULL,
    at      timestamptz NOT NULL,
    agent   text NOT NULL,
    call_id text NOT NULL,
    staff   text NOT NULL
);
COMMENT ON COLUMN noted_numbers.staff IS 'the staff number of whoever has swapped it';

CREATE VIEW known_numbers AS
SELECT number::text, terminal::text, false AS is_noted FROM terminal_numbers
UNION ALL
SELECT noted_numbers.number, noted_numbers.terminal, true FROM noted_numbers
WHERE NOT EXISTS (SELECT FROM terminal_numbers WHERE terminal_numbers.number = noted_numbers.number);
COMMENT ON VIEW known_numbers IS 'every number of a terminal, by the file or by an agent''s word';

-- Who calls is read with the callers: a running switch follows.
CREATE TRIGGER directory_inserted AFTER INSERT ON noted_numbers
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION directory_changed('callers');
CREATE TRIGGER directory_updated AFTER UPDATE ON noted_numbers
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION directory_changed('callers');

-- The report of an emergency is looked up by its case (E11).
CREATE INDEX fact_emergency_report ON fact ((body ->> 'case')) WHERE kind = 'EmergencyReported';
