-- The queues that ask for a skill.
SELECT queue::text FROM queue_needs WHERE skill = $1 ORDER BY queue
