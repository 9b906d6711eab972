-- Back to legs of which only the facts tell what went over them.
DROP VIEW leg_sound;
ALTER TABLE leg
    DROP COLUMN packets_received,
    DROP COLUMN packets_lost,
    DROP COLUMN jitter_us,
    DROP COLUMN packets_sent,
    DROP COLUMN far_packets_lost,
    DROP COLUMN far_jitter_us,
    DROP COLUMN round_trip_us;
