-- SIP accounts of the seats' phones.
SELECT id, seat, password FROM seat_phones ORDER BY id
