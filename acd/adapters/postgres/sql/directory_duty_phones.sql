-- Outside telephones on duty, with the queues whose callers may be given to them.
SELECT id, name, number, array_agg(queue::text ORDER BY queue) AS queues
FROM duty_phones JOIN duty_phone_queues ON duty_phone = id
GROUP BY id ORDER BY id
