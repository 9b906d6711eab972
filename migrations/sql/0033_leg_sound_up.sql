-- What went over each leg, as Asterisk counted it at its end (T16): none where Asterisk told nothing.
ALTER TABLE leg
    ADD COLUMN packets_received bigint,
    ADD COLUMN packets_lost     bigint,
    ADD COLUMN jitter_us        bigint,
    ADD COLUMN packets_sent     bigint,
    ADD COLUMN far_packets_lost bigint,
    ADD COLUMN far_jitter_us    bigint,
    ADD COLUMN round_trip_us    bigint;
COMMENT ON COLUMN leg.packets_lost IS 'sent by the far end and never come, up to the last RTCP report';
COMMENT ON COLUMN leg.jitter_us IS 'of what came, RFC 3550';
COMMENT ON COLUMN leg.far_packets_lost IS 'of ours, as the far end says; none where it answers no report';

-- Legs that ended before: the facts know it.
UPDATE leg SET
    packets_received = (body->'media'->>0)::bigint,
    packets_lost     = (body->'media'->>1)::bigint,
    jitter_us        = (body->'media'->>2)::bigint,
    packets_sent     = (body->'media'->>3)::bigint,
    far_packets_lost = CASE WHEN answers THEN (body->'media'->>4)::bigint END,
    far_jitter_us    = CASE WHEN answers THEN (body->'media'->>5)::bigint END,
    round_trip_us    = CASE WHEN answers THEN (body->'media'->>6)::bigint END
FROM fact, LATERAL (SELECT (body->'media'->>6)::bigint > 0 AS answers) AS far_end
WHERE fact.kind = 'LegEnded' AND jsonb_typeof(body->'media') = 'array'
    AND fact.at = leg.ended_at AND fact.call = leg.call_id AND body->>'leg' = leg.leg_id;

-- How well the answered legs could be heard. A leg is judged one-way only when it was up for 5 s:
-- who hangs up at once has had no time to be heard.
CREATE VIEW leg_sound AS
SELECT leg_id, call_id, arrived_at, role, number, agent, answered_at, ended_at,
       round(extract(epoch FROM ended_at - answered_at), 3) AS up_s,
       packets_lost::float8 / nullif(packets_received + packets_lost, 0) AS loss,
       CASE WHEN packets_received > 0 THEN jitter_us / 1000.0 END AS jitter_ms,
       round_trip_us / 1000.0 AS round_trip_ms,
       CASE WHEN ended_at - answered_at < interval '5 s' THEN NULL
            WHEN packets_received = 0 AND packets_sent = 0 THEN 'both'
            WHEN packets_received = 0 THEN 'from'
            WHEN packets_sent = 0 THEN 'to'
       END AS silent
FROM leg
WHERE answered_at IS NOT NULL AND packets_received IS NOT NULL;
COMMENT ON COLUMN leg_sound.loss IS 'packets lost on the way to us, of those sent: 0 to 1';
COMMENT ON COLUMN leg_sound.silent IS
    'the way in which nothing went: from the far end, to it, both; none where both did';
