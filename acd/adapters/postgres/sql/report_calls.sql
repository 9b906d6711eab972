-- Sums of the calls that came in within a span: for all of them, by part of the span, queue, entry,
-- agent, seat and flow, and by part within each flow (K11), each apart by outcome.  The one line without any of these is counted by itself, to
-- check the others by (K04).  Synthetic calls are proofs and stand in no report; tests of terminals are
-- counted apart (report_tests).
SELECT
    CASE WHEN grouping(part, turned_out) = 0 THEN 'trend' WHEN grouping(turned_out) = 0 THEN 'flow'
         WHEN grouping(part) = 0 THEN 'part' WHEN grouping(queue) = 0 THEN 'queue'
         WHEN grouping(entry) = 0 THEN 'entry' WHEN grouping(agent) = 0 THEN 'agent'
         WHEN grouping(seat) = 0 THEN 'seat' WHEN grouping(outcome) = 0 THEN 'total'
         ELSE 'all' END AS by,
    CASE WHEN grouping(turned_out) = 0 THEN turned_out
         ELSE coalesce(part, queue, entry, agent, seat) END AS what,
    CASE WHEN grouping(part, turned_out) = 0 THEN part END AS within,
    outcome,
    count(*) AS calls,
    count(*) FILTER (WHERE answered AND wait_ms <= 10000) AS within_10_s,
    count(*) FILTER (WHERE answered AND wait_ms <= 15000) AS within_15_s,
    count(*) FILTER (WHERE answered AND wait_ms <= 20000) AS within_20_s,
    count(*) FILTER (WHERE outcome = 'abandoned' AND wait_ms <= 5000) AS left_within_5_s,
    count(*) FILTER (WHERE promise_broken_at IS NOT NULL) AS promises_broken,
    count(*) FILTER (WHERE incident_at IS NOT NULL) AS incidents,
    coalesce(sum(wait_ms) FILTER (WHERE answered), 0)::bigint AS wait_ms,
    coalesce(sum(talk_ms) FILTER (WHERE answered), 0)::bigint AS talk_ms,
    coalesce(sum(hold_ms) FILTER (WHERE answered), 0)::bigint AS hold_ms,
    coalesce(sum(wrap_up_ms) FILTER (WHERE answered), 0)::bigint AS wrap_up_ms,
    max(wait_ms) AS longest_wait_ms,
    count(*) FILTER (WHERE made_good) AS made_good,
    count(*) FILTER (WHERE unserved AND NOT made_good AND nameless) AS uncallable,
    count(rating) AS rated,
    count(*) FILTER (WHERE rating_scale || ' ' || rating = ANY ($9::text[])) AS satisfied,
    -- What cannot be: an answer without a moment or before the arrival, an end before it, a negative
    -- length.  One such row, and the report says so and shows nothing.
    count(*) FILTER (WHERE
        answered AND (answered_at IS NULL OR wait_ms IS NULL OR answered_at < arrived_at)
        OR ended_at < arrived_at OR ended_at < answered_at
        OR least(wait_ms, ring_ms, talk_ms, hold_ms, wrap_up_ms) < 0) AS impossible
FROM (
    SELECT *,
           coalesce(outcome = 'answered', false) AS answered,
           -- What nobody has said of a case's call (*90 opens one without *21) needs no saying.
           coalesce(flow, CASE WHEN call_id IN (SELECT unnest(calls) FROM cases)
                          THEN 'emergency' END) AS turned_out,
           to_char(arrived_at AT TIME ZONE $4,
                   CASE $3 WHEN 'hour' THEN 'HH24:00' WHEN 'day' THEN 'YYYY-MM-DD'
                           ELSE 'YYYY-MM' END) AS part,
           -- Withheld, or no number at all.
           coalesce(caller !~ '^[0-9]+$', true) AS nameless,
           outcome IN ('abandoned', 'lost', 'voicemail', 'callback', 'fallback') AS unserved,
           -- Reached finally (C02): what was owed for this call, or to its number when it ended.
           outcome IN ('abandoned', 'lost', 'voicemail', 'callback', 'fallback') AND (
               EXISTS (SELECT FROM obligation AS owed
                       WHERE owed.call_id = call_records.call_id AND owed.kind = 'callback'
                         AND owed.closing IN ('reached', 'called_again', 'done'))
               OR EXISTS (SELECT FROM obligation AS owed
                          WHERE owed.number = call_records.caller AND owed.kind = 'callback'
                            AND owed.closing IN ('reached', 'called_again', 'done')
                            AND ended_at BETWEEN owed.owed_at AND owed.closed_at)
           ) AS made_good
    FROM call_records
    WHERE arrived_at >= $1 AND arrived_at < $2 AND synthetic IS NOT TRUE
      AND direction = 'inbound' AND disposition IS DISTINCT FROM 'test'
      AND ($5::text IS NULL OR agent = $5)
      AND ($6::text IS NULL OR seat = $6)
      AND ($7::text[] IS NULL OR queue = ANY ($7))
      AND ($8::text IS NULL OR entry = $8)
) AS calls
WHERE $10::text IS NULL OR turned_out = $10
GROUP BY GROUPING SETS (
    (), (outcome), (part, outcome), (queue, outcome), (entry, outcome), (agent, outcome),
    (seat, outcome), (turned_out, outcome), (turned_out, part, outcome))
ORDER BY 1, 2, 3, 4
