-- Who did what, newest first.
SELECT audit_id, at, who, address, action, subject, details::text AS details FROM audit
WHERE ($1::text IS NULL OR who = $1)
  AND ($2::text IS NULL OR subject = $2)
  AND ($3::timestamptz IS NULL OR at >= $3)
  AND ($4::timestamptz IS NULL OR at < $4)
ORDER BY at DESC, audit_id DESC
LIMIT $5
