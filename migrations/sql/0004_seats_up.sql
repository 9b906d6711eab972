-- How a call reaches a seat (T29), who gives leave (D08), and what a queue grants to its agents.
ALTER TABLE seats ADD COLUMN mode text NOT NULL DEFAULT 'ring'
    CHECK (mode IN ('ring', 'auto_answer'));
COMMENT ON COLUMN seats.mode IS 'how a call reaches the seat; auto_answer: the phone picks up by itself';
ALTER TABLE agents ADD COLUMN role text NOT NULL DEFAULT 'agent'
    CHECK (role IN ('agent', 'supervisor'));

-- Queues that are there already get what a file gets that says nothing of it.
ALTER TABLE queues
    ADD COLUMN wrap_up_extension_ms integer NOT NULL DEFAULT 30000
        CHECK (wrap_up_extension_ms BETWEEN 1000 AND 3600000),
    ADD COLUMN wrap_up_ms_max integer NOT NULL DEFAULT 180000
        CHECK (wrap_up_ms_max BETWEEN 0 AND 7200000),
    ADD COLUMN test_ring_ms integer NOT NULL DEFAULT 30000
        CHECK (test_ring_ms BETWEEN 5000 AND 3600000),
    ADD COLUMN test_rings_max smallint NOT NULL DEFAULT 6
        CHECK (test_rings_max BETWEEN 0 AND 20),
    ADD COLUMN ready_min smallint CHECK (ready_min BETWEEN 0 AND 1000),
    ADD COLUMN consent text[] NOT NULL DEFAULT '{}';
UPDATE queues SET wrap_up_ms_max = greatest(wrap_up_ms, 180000);
ALTER TABLE queues ADD CHECK (wrap_up_ms_max >= wrap_up_ms);
COMMENT ON COLUMN queues.wrap_up_ms_max IS 'a wrap-up with all its extensions';
COMMENT ON COLUMN queues.test_ring_ms IS
    'from not responding to the first test ring; each later pause is twice the one before';
COMMENT ON COLUMN queues.ready_min IS
    'who leaves so few others ready asks a supervisor; null: 2 for emergencies, else 0';
COMMENT ON COLUMN queues.consent IS 'reasons of a pause for which a supervisor is asked (D08)';
