-- Calls of one month, evenly spread and in the order of their arrival.  $1 is the month's begin,
-- $2 its end, $3 the number of calls.  Numbers come from a hash, so that every run has the same.
INSERT INTO call (
    call_id, arrived_at, trunk, caller, called, entry, kind, queue, terminal, elders, synthetic,
    recording, picked_up_at, first_offer_at, answered_at, ended_at, agent, seat, outcome, offers,
    wait_ms, ring_ms, talk_ms, hold_ms, wrap_up_ms)
SELECT
    to_char(arrived_at, 'YYYYMM') || '-' || n, arrived_at,
    CASE WHEN dice % 2 = 0 THEN 'carrier-a' ELSE 'carrier-b' END,
    number, entry, entry, queue, queue, number, ARRAY['e' || number], queue = 'synthetic',
    n || '.wav',
    CASE WHEN wait_ms > 2000 THEN arrived_at + interval '2 s' END,
    arrived_at + interval '3 ms',
    CASE WHEN answered THEN arrived_at + wait_ms * interval '1 ms' END,
    arrived_at + (wait_ms + talk_ms) * interval '1 ms',
    CASE WHEN answered THEN agent END, CASE WHEN answered THEN 's' || agent END,
    CASE WHEN answered THEN 'answered' ELSE 'abandoned' END,
    1, wait_ms, wait_ms - 3, talk_ms, 0, CASE WHEN answered THEN 5000 ELSE 0 END
FROM (
    SELECT
        n, dice, arrived_at, entry, queue, wait_ms, wait_ms < 18500 AS answered,
        CASE WHEN wait_ms < 18500 THEN 20000 + dice / 7 % 280000 ELSE 0 END AS talk_ms,
        '0216' || lpad((dice % 200000)::text, 7, '0') AS number,
        CASE queue WHEN 'emergency' THEN (8001 + dice % 500)::text
                   WHEN 'enquiry' THEN (8501 + dice % 499)::text
                   ELSE '9099' END AS agent
    FROM (
        SELECT
            n, dice,
            $1::timestamptz + ($2::timestamptz - $1::timestamptz) * (n - 1) / $3::integer
                AS arrived_at,
            -- Most within the promise; three of a hundred wait past 18.5 s and leave.
            3 + CASE WHEN dice % 100 < 90 THEN dice % 9000 ELSE 9000 + dice / 100 % 13500 END
                AS wait_ms,
            CASE WHEN dice % 20 = 0 THEN 'synthetic' WHEN dice % 20 < 13 THEN 'emergency'
                 ELSE 'enquiry' END AS queue,
            CASE WHEN dice % 20 = 0 THEN '95009' WHEN dice % 20 < 13 THEN '95001'
                 ELSE '95002' END AS entry
        FROM (
            SELECT n, hashint4(n)::bigint & 2147483647 AS dice
            FROM generate_series(1, $3::integer) AS n
        ) AS thrown
    ) AS drawn
) AS filled
