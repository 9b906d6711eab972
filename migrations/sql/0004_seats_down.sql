ALTER TABLE queues
    DROP COLUMN wrap_up_extension_ms, DROP COLUMN wrap_up_ms_max, DROP COLUMN test_ring_ms,
    DROP COLUMN test_rings_max, DROP COLUMN ready_min, DROP COLUMN consent;
ALTER TABLE agents DROP COLUMN role;
ALTER TABLE seats DROP COLUMN mode;
