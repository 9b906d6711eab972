-- Queues with their policy, what is heard there, the skills they ask for, and how they widen.
SELECT id, priority, promise_ms, ring_ms, ring_ms_min, incident_ms, pick_up_ms, wrap_up_ms,
       short_answer_ms, refusal_delay_ms, misses_max, selection, acknowledgement,
       wrap_up_extension_ms, wrap_up_ms_max, test_ring_ms, test_rings_max, ready_min, consent,
       greets, recording_notice, comfort, comfort_every_ms, tells_position, tells_agent,
       weight, precedence_ms, overflow_ms, sticky, sticky_ms, prefer_wait_ms, outside_ring_ms,
       working_from_min, working_until_min, off_from_min, off_until_min,
       ARRAY(SELECT helper::text FROM queue_overflow WHERE queue = id ORDER BY position)
           AS overflow,
       ARRAY(SELECT skill::text FROM queue_preferences WHERE queue = id ORDER BY skill) AS prefers,
       ARRAY(SELECT after_ms FROM queue_relaxation WHERE queue = id ORDER BY after_ms)
           AS relaxed_after,
       ARRAY(SELECT after_ms || ' ' || level_min || ' ' || skill FROM queue_relaxation_needs
             WHERE queue = id ORDER BY after_ms, skill) AS relaxed_needs,
       callback_from_ms, reply_within_ms, rating, hold_notice_ms,
       within_ms, first_ms, spacing_ms, attempts_max, escalation_ms, short_ms,
       ask_medical_ms, ask_car_ms, call_elder_ms, ask_contact_ms, report_hour, revisit_days,
       ARRAY(SELECT skill::text FROM queue_needs WHERE queue = id ORDER BY skill) AS skills,
       ARRAY(SELECT level_min FROM queue_needs WHERE queue = id ORDER BY skill) AS levels,
       ARRAY(SELECT after_ms FROM queue_widening WHERE queue = id ORDER BY after_ms) AS steps,
       ARRAY(SELECT phones FROM queue_widening WHERE queue = id ORDER BY after_ms) AS phones,
       ARRAY(SELECT reach FROM queue_widening WHERE queue = id ORDER BY after_ms) AS reaches
FROM queues
JOIN queue_treatments ON queue_treatments.queue = id
JOIN queue_callbacks ON queue_callbacks.queue = id
JOIN queue_emergencies ON queue_emergencies.queue = id
ORDER BY id
