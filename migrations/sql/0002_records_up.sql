-- The record: facts as they were written, and rows made from them in the same transaction.
-- Everything is partitioned by civil month; rows of a call stand under the month of its arrival.
-- What a row may hold was decided in the core, so nothing is checked again here: a row refused would
-- hold back every row behind it.

CREATE SEQUENCE writer_epoch AS integer;

CREATE TABLE fact (
    epoch integer NOT NULL,
    seq   bigint NOT NULL,
    at    timestamptz NOT NULL,
    kind  text NOT NULL,
    call  text,
    body  jsonb NOT NULL,
    -- What makes a write idempotent.  ``at`` stands here because a partition key must.
    PRIMARY KEY (epoch, seq, at)
) PARTITION BY RANGE (at);
CREATE INDEX fact_call ON fact (call, at) WHERE call IS NOT NULL;
CREATE INDEX fact_at ON fact USING brin (at);

-- Columns fill as facts come; only the two that are in every fact can be NOT NULL.
CREATE TABLE call (
    call_id        text NOT NULL,
    arrived_at     timestamptz NOT NULL,
    trunk          text,
    caller         text,
    called         text,
    entry          text,
    kind           text,
    queue          text,
    terminal       text,
    elders         text[] NOT NULL DEFAULT '{}',
    synthetic      boolean,
    recording      text,
    picked_up_at   timestamptz,
    first_offer_at timestamptz,
    answered_at    timestamptz,
    ended_at       timestamptz,
    agent          text,
    seat           text,
    outcome        text,
    offers         integer,
    wait_ms        bigint,
    ring_ms        bigint,
    talk_ms        bigint,
    hold_ms        bigint,
    wrap_up_ms     bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (call_id, arrived_at)
) PARTITION BY RANGE (arrived_at);
CREATE INDEX call_arrived_at ON call (arrived_at);
CREATE INDEX call_agent ON call (agent, arrived_at);
CREATE INDEX call_terminal ON call (terminal, arrived_at);
CREATE INDEX call_caller ON call (caller, called, arrived_at);

CREATE TABLE leg (
    leg_id      text NOT NULL,
    call_id     text NOT NULL,
    arrived_at  timestamptz NOT NULL,
    role        text NOT NULL,
    number      text,
    agent       text,
    started_at  timestamptz NOT NULL,
    rang_at     timestamptz,
    answered_at timestamptz,
    joined_at   timestamptz,
    ended_at    timestamptz NOT NULL,
    why         text NOT NULL,
    cause       integer NOT NULL,
    PRIMARY KEY (call_id, leg_id, arrived_at)
) PARTITION BY RANGE (arrived_at);
COMMENT ON COLUMN leg.arrived_at IS 'of the call';
COMMENT ON COLUMN leg.cause IS 'Q.850 as Asterisk reported it, 0 when it gave none';

CREATE TABLE offer (
    offer_id   text NOT NULL,
    call_id    text NOT NULL,
    arrived_at timestamptz NOT NULL,
    agent      text NOT NULL,
    seat       text,
    phone      text,
    leg_id     text,
    made_at    timestamptz,
    slack_ms   bigint,
    free       integer,
    idle_ms    bigint,
    ended_at   timestamptz,
    result     text,
    ring_ms    bigint,
    why        text,
    PRIMARY KEY (call_id, offer_id, arrived_at)
) PARTITION BY RANGE (arrived_at);
CREATE INDEX offer_agent ON offer (agent, arrived_at);

-- Finished stretches of agents' days, without gap or overlap (Q08, K07); the stretch that is still
-- going on stands in agent_state_now.  One that lasted no time at all is a fact but not a row, so
-- an agent cannot begin two at one moment.
CREATE TABLE agent_state (
    agent   text NOT NULL,
    from_at timestamptz NOT NULL,
    to_at   timestamptz NOT NULL CHECK (to_at > from_at),
    state   text NOT NULL,
    seat    text,
    reason  text,
    call_id text,
    PRIMARY KEY (agent, from_at)
) PARTITION BY RANGE (from_at);
CREATE INDEX agent_state_seat ON agent_state (seat, from_at);
CREATE INDEX agent_state_span ON agent_state USING brin (from_at, to_at);

CREATE TABLE agent_state_now (
    agent   text PRIMARY KEY,
    from_at timestamptz NOT NULL,
    state   text NOT NULL,
    seat    text,
    reason  text,
    call_id text
);

-- ── partitions ────────────────────────────────────────────────────────────────────────────

-- Makes the partitions of the month of ``moment`` and of ``ahead`` months behind it.
-- Months begin at midnight in China, which has one zone and no summer time: a month's report then
-- reads one partition, where months of UTC would make it two.
-- Each partition is built aside and then attached: CREATE … PARTITION OF locks out readers and
-- writers.
CREATE FUNCTION ensure_partitions(moment timestamptz, ahead integer) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    since timestamptz;
    until timestamptz;
    parent text;
    child text;
    made integer := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('huling.ensure_partitions'));
    FOR step IN 0..ahead LOOP
        since := (date_trunc('month', moment AT TIME ZONE 'Asia/Shanghai')
                  + step * interval '1 month') AT TIME ZONE 'Asia/Shanghai';
        until := (since AT TIME ZONE 'Asia/Shanghai' + interval '1 month')
                 AT TIME ZONE 'Asia/Shanghai';
        FOREACH parent IN ARRAY ARRAY['fact', 'call', 'leg', 'offer', 'agent_state'] LOOP
            child := parent || to_char(since AT TIME ZONE 'Asia/Shanghai', '"_"YYYY"_"MM');
            IF to_regclass(child) IS NULL THEN
                EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL)', child, parent);
                EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                    parent, child, since, until);
                made := made + 1;
            END IF;
        END LOOP;
    END LOOP;
    RETURN made;
END $$;

SELECT ensure_partitions(now(), 1);

-- ── what people read ──────────────────────────────────────────────────────────────────────

CREATE VIEW call_records AS
SELECT call_id, arrived_at, queue, first_offer_at, picked_up_at, answered_at, ended_at,
       wait_ms, ring_ms, talk_ms, hold_ms, wrap_up_ms,
       trunk, caller, called, entry, kind, terminal, elders, agent, seat,
       outcome, offers, synthetic, recording
FROM call;
COMMENT ON VIEW call_records IS
    'one row per call; answered_at is when an agent''s audio reached the caller (C01, C03)';

CREATE VIEW agent_state_records AS
SELECT agent, seat, state, reason, call_id, from_at, to_at,
       round(extract(epoch FROM to_at - from_at) * 1000)::bigint AS lasted_ms
FROM agent_state
UNION ALL
SELECT agent, seat, state, reason, call_id, from_at, NULL, NULL
FROM agent_state_now;
COMMENT ON VIEW agent_state_records IS 'to_at is null where the state is still going on';
