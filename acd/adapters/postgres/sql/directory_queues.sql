-- Queues with their policy and the skills they ask for.
SELECT id, priority, promise_ms, ring_ms, pick_up_ms, wrap_up_ms, short_answer_ms,
       refusal_delay_ms, misses_max, selection, acknowledgement,
       ARRAY(SELECT skill::text FROM queue_needs WHERE queue = id ORDER BY skill) AS skills,
       ARRAY(SELECT level_min FROM queue_needs WHERE queue = id ORDER BY skill) AS levels
FROM queues ORDER BY id
