-- Who is the switch now: one row, renewed each second by the service that is (T18, X07).

CREATE TABLE service_lease (
    one      boolean PRIMARY KEY DEFAULT true CHECK (one),
    epoch    integer NOT NULL,
    owner    text NOT NULL,
    address  text NOT NULL,
    renewals bigint NOT NULL DEFAULT 0,
    seen_ms  bigint NOT NULL,
    released boolean NOT NULL DEFAULT false
) WITH (fillfactor = 50);
COMMENT ON TABLE service_lease IS 'which service decides; whoever is not named here writes nothing';
COMMENT ON COLUMN service_lease.epoch IS 'the life of the service that holds it, which fences all before';
COMMENT ON COLUMN service_lease.owner IS 'the application_name of its database sessions';
COMMENT ON COLUMN service_lease.address IS 'where its control API answers';
COMMENT ON COLUMN service_lease.renewals IS 'grows with each renewal: whoever watches it needs no clock but their own';
COMMENT ON COLUMN service_lease.seen_ms IS 'its own time at the last renewal; the next one goes on from there';
COMMENT ON COLUMN service_lease.released IS 'its holder has ended in order: nobody need wait';
