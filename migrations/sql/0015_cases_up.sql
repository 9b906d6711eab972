-- Cases (E14, E42): one row each, as it was last known.  Not partitioned: an open one may be old,
-- and a service that starts reads them all.
CREATE TABLE cases (
    case_id   text PRIMARY KEY,
    noted_at  timestamptz NOT NULL,
    state     text NOT NULL,
    origin    text NOT NULL,
    queue     text NOT NULL,
    number    text,
    terminal  text,
    elders    text[] NOT NULL,
    area      text,
    calls     text[] NOT NULL,
    a         text,
    b         text,
    owner     text,
    services  text[] NOT NULL,
    opened_at timestamptz NOT NULL,
    help_at   timestamptz,
    safe_at   timestamptz,
    outcome   text,
    closed_by text,
    closed_at timestamptz,
    body      jsonb NOT NULL
);
COMMENT ON COLUMN cases.noted_at IS 'of the fact that says so; an older one changes nothing';
COMMENT ON COLUMN cases.calls IS 'ids of the calls that belong to it, in order';
COMMENT ON COLUMN cases.body IS 'the whole case, as the service takes it in at a start';
CREATE INDEX case_open ON cases (opened_at) WHERE closed_at IS NULL;
CREATE INDEX case_opened_at ON cases (opened_at);
CREATE INDEX case_terminal ON cases (terminal, opened_at);
CREATE INDEX case_elders ON cases USING gin (elders);
CREATE INDEX case_calls_of ON cases USING gin (calls);

-- The column is worked out only where it is asked for.
CREATE OR REPLACE VIEW call_records AS
SELECT call_id, arrived_at, queue, first_offer_at, picked_up_at, answered_at, ended_at,
       wait_ms, ring_ms, talk_ms, hold_ms, wrap_up_ms,
       trunk, caller, called, entry, kind, terminal, elders, agent, seat,
       outcome, offers, synthetic, recording, promise_broken_at, incident_at,
       direction, reference, precedence, repeat, rating_scale, rating,
       (SELECT case_id FROM cases WHERE cases.calls @> ARRAY[call.call_id]
        ORDER BY opened_at DESC LIMIT 1) AS case_id
FROM call;

CREATE VIEW case_calls AS
SELECT cases.case_id, position, its.call_id, record.arrived_at, record.caller, record.called,
       record.direction, record.agent, record.outcome, record.answered_at, record.ended_at,
       record.recording
FROM cases
CROSS JOIN LATERAL unnest(cases.calls) WITH ORDINALITY AS its (call_id, position)
JOIN call_records record ON record.call_id = its.call_id;
COMMENT ON VIEW case_calls IS 'the calls of each case, in order';
