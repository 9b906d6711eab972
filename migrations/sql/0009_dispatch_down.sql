-- Back to one kind of need, no help from other queues and nobody outside.
DROP VIEW call_records;
ALTER TABLE call DROP COLUMN precedence, DROP COLUMN repeat;
CREATE VIEW call_records AS
SELECT call_id, arrived_at, queue, first_offer_at, picked_up_at, answered_at, ended_at,
       wait_ms, ring_ms, talk_ms, hold_ms, wrap_up_ms,
       trunk, caller, called, entry, kind, terminal, elders, agent, seat,
       outcome, offers, synthetic, recording, promise_broken_at, incident_at,
       direction, reference
FROM call;
COMMENT ON VIEW call_records IS
    'one row per call; answered_at is when an agent''s audio reached the caller (C01, C03)';
ALTER TABLE offer DROP COLUMN tier, DROP COLUMN overflow, DROP COLUMN preferred;
DROP TRIGGER callers_inserted ON skills;
DROP TRIGGER callers_updated ON skills;
DROP TRIGGER callers_deleted ON skills;
DELETE FROM queue_widening WHERE reach IN ('supervisor', 'outside') AND after_ms > 0;
UPDATE queue_widening SET reach = 'break' WHERE reach IN ('supervisor', 'outside');
-- The deferred triggers of these rows have to be heard before the table changes.
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE queue_widening
    DROP CONSTRAINT queue_widening_reach_check,
    ADD CONSTRAINT queue_widening_reach_check CHECK (reach IN ('ready', 'wrap_up', 'break'));
ALTER TABLE entries DROP COLUMN agent;
ALTER TABLE terminals DROP COLUMN precedence;
ALTER TABLE elders DROP COLUMN precedence;
DROP TABLE duty_phone_queues;
DROP TABLE duty_phones;
DROP TABLE queue_preferences;
DROP TABLE queue_overflow;
DROP TABLE queue_relaxation_needs;
DROP TABLE queue_relaxation;
UPDATE queues SET selection = 'longest_idle' WHERE selection = 'ring_all';
ALTER TABLE queues
    DROP COLUMN weight, DROP COLUMN precedence_ms, DROP COLUMN overflow_ms, DROP COLUMN sticky,
    DROP COLUMN sticky_ms, DROP COLUMN prefer_wait_ms, DROP COLUMN outside_ring_ms,
    DROP CONSTRAINT queues_selection_check,
    ADD CONSTRAINT queues_selection_check CHECK (selection IN (
        'longest_idle', 'highest_skill', 'best_fit', 'round_robin', 'fewest_calls', 'least_talk',
        'linear', 'random', 'weighted'));
