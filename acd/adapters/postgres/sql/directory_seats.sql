-- Seats with their phones, the one that calls ring first.
SELECT seats.id, agent, mode, array_agg(seat_phones.id::text ORDER BY position) AS phones
FROM seats JOIN seat_phones ON seat = seats.id
GROUP BY seats.id ORDER BY seats.id
