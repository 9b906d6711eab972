-- Back to one phone at a time; a rule that the older version does not know becomes longest idle.
DROP VIEW call_records;
ALTER TABLE call DROP COLUMN promise_broken_at, DROP COLUMN incident_at;
ALTER TABLE offer
    DROP COLUMN selection, DROP COLUMN rank, DROP COLUMN next, DROP COLUMN skipped,
    DROP COLUMN reach, DROP COLUMN ring_limit_ms, DROP COLUMN phones;
CREATE VIEW call_records AS
SELECT call_id, arrived_at, queue, first_offer_at, picked_up_at, answered_at, ended_at,
       wait_ms, ring_ms, talk_ms, hold_ms, wrap_up_ms,
       trunk, caller, called, entry, kind, terminal, elders, agent, seat,
       outcome, offers, synthetic, recording
FROM call;
COMMENT ON VIEW call_records IS
    'one row per call; answered_at is when an agent''s audio reached the caller (C01, C03)';

DROP TRIGGER queue_widens ON queues;
DROP TABLE queue_widening;
DROP FUNCTION queue_widens();
UPDATE queues SET selection = 'longest_idle'
WHERE selection NOT IN ('longest_idle', 'highest_skill');
ALTER TABLE queues
    DROP COLUMN ring_ms_min,
    DROP COLUMN incident_ms,
    DROP CONSTRAINT queues_selection_check,
    ADD CONSTRAINT queues_selection_check
        CHECK (selection IN ('longest_idle', 'highest_skill'));
