-- Every fact of a case and of its calls, in order; its calls are also those that were placed for
-- what is owed for it, such as to contacts whom nobody has reached.
WITH placed AS (
    SELECT body #>> '{obligation,working}' AS call FROM fact
    WHERE kind = 'ObligationNoted' AND body #>> '{obligation,case}' = $1
)
SELECT epoch, seq, at, kind, call, body::text FROM fact WHERE call = ANY ($2::text[])
UNION
SELECT epoch, seq, at, kind, call, body::text FROM fact
WHERE call IN (SELECT placed.call FROM placed WHERE placed.call IS NOT NULL)
UNION
SELECT epoch, seq, at, kind, call, body::text FROM fact
WHERE kind = 'CaseNoted' AND body #>> '{case,id}' = $1
UNION
SELECT epoch, seq, at, kind, call, body::text FROM fact
WHERE kind = 'ObligationNoted' AND body #>> '{obligation,case}' = $1
UNION
SELECT epoch, seq, at, kind, call, body::text FROM fact
WHERE kind = 'EmergencyReported' AND body ->> 'case' = $1
ORDER BY at, epoch, seq
