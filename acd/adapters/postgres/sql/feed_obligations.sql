-- What the regulator is told of what is owed (L3: care calls, revisits, complaints' deadlines).
SELECT obligation_id AS obligation, kind, why, queue, emergency, number, body ->> 'terminal' AS terminal,
       ARRAY(SELECT jsonb_array_elements_text(body -> 'elders')) AS elders, call_id AS call,
       body ->> 'case' AS "case", owed_at, deadline_at,
       to_timestamp((body ->> 'appointed_ms')::bigint / 1000.0) AS appointed_at,
       state, closing, closed_at, late, level, coalesce((body ->> 'attempts')::integer, 0) AS attempts
FROM obligation
WHERE obligation_id = ANY ($1::text[])
