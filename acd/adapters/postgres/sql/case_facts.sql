-- Every fact of a case and of its calls, in order.
SELECT epoch, seq, at, kind, call, body::text FROM fact WHERE call = ANY ($2::text[])
UNION
SELECT epoch, seq, at, kind, call, body::text FROM fact
WHERE kind = 'CaseNoted' AND body #>> '{case,id}' = $1
UNION
SELECT epoch, seq, at, kind, call, body::text FROM fact
WHERE kind = 'ObligationNoted' AND body #>> '{obligation,case}' = $1
ORDER BY at, epoch, seq
