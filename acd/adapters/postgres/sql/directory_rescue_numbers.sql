-- Rescue numbers of every area.
SELECT area, service, number, kind FROM rescue_numbers ORDER BY area, service
