-- What the regulator is told of emergencies (L3): who was reached when, by the timeline's facts and by the
-- legs to the area's rescue numbers.
SELECT case_id AS "case", state, origin, queue, area, number, terminal, elders, calls, a, b, owner, services,
       coalesce((body ->> 'no_response')::boolean, false) AS no_response,
       opened_at, answered.at AS answered_at,
       dialled.medical AS medical_dialled_at, told.medical AS medical_reached_at,
       dialled.police AS police_dialled_at, told.police AS police_reached_at,
       dialled.fire AS fire_dialled_at, told.fire AS fire_reached_at,
       told.contact AS contact_reached_at,
       to_timestamp((body ->> 'car_ms')::bigint / 1000.0) AS car_sent_at,
       help_at, safe_at, outcome, cases.closed_at,
       revisit.deadline_at AS revisit_due_at, revisit.closed_at AS revisited_at,
       report.deadline_at AS report_due_at, reported.at AS reported_at, reported.scale AS rating_scale,
       reported.rating
FROM cases
CROSS JOIN LATERAL (
    SELECT min(answered_at) AS at FROM call WHERE call_id = ANY (cases.calls)) AS answered
CROSS JOIN LATERAL (
    SELECT min(started_at) FILTER (WHERE service = 'medical') AS medical,
           min(started_at) FILTER (WHERE service = 'police') AS police,
           min(started_at) FILTER (WHERE service = 'fire') AS fire
    FROM leg JOIN rescue_numbers USING (number)
    WHERE call_id = ANY (cases.calls) AND role = 'outside' AND rescue_numbers.area = cases.area
) AS dialled
CROSS JOIN LATERAL (
    SELECT min(at) FILTER (WHERE what = 'medical reached') AS medical,
           min(at) FILTER (WHERE what = 'police reached') AS police,
           min(at) FILTER (WHERE what = 'fire reached') AS fire,
           min(at) FILTER (WHERE what ~ '^contact \S+ (reached|accepted)$') AS contact
    FROM (SELECT at, body ->> 'what' AS what FROM fact
          WHERE kind = 'CaseNoted' AND body #>> '{case,id}' = cases.case_id) AS noted
) AS told
LEFT JOIN LATERAL (
    SELECT deadline_at, closed_at FROM obligation
    WHERE body ->> 'case' = cases.case_id AND why = 'revisit'
    ORDER BY owed_at DESC LIMIT 1) AS revisit ON true
LEFT JOIN LATERAL (
    SELECT deadline_at FROM obligation
    WHERE body ->> 'case' = cases.case_id AND why = 'report'
    ORDER BY owed_at DESC LIMIT 1) AS report ON true
LEFT JOIN LATERAL (
    SELECT at, body ->> 'scale' AS scale, body ->> 'rating' AS rating FROM fact
    WHERE kind = 'EmergencyReported' AND body ->> 'case' = cases.case_id
    ORDER BY at DESC, seq DESC LIMIT 1) AS reported ON true
WHERE case_id = ANY ($1::text[])
