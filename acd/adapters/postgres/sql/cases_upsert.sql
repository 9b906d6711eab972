-- Writes what was last known of cases; what is older than what stands changes nothing.
INSERT INTO cases AS standing (
    case_id, noted_at, state, origin, queue, number, terminal, elders, area, calls, a, b, owner,
    services, opened_at, help_at, safe_at, outcome, closed_by, closed_at, body)
SELECT
    case_id, noted_at, state, origin, queue, number, terminal, elders, area, calls, a, b, owner,
    services, opened_at, help_at, safe_at, outcome, closed_by, closed_at, body
FROM jsonb_to_recordset($1::text::jsonb) AS batch (
    case_id text, noted_at timestamptz, state text, origin text, queue text, number text,
    terminal text, elders text[], area text, calls text[], a text, b text, owner text,
    services text[], opened_at timestamptz, help_at timestamptz, safe_at timestamptz,
    outcome text, closed_by text, closed_at timestamptz, body jsonb)
ON CONFLICT (case_id) DO UPDATE SET
    noted_at = excluded.noted_at,
    state = excluded.state,
    calls = excluded.calls,
    a = excluded.a,
    b = excluded.b,
    owner = excluded.owner,
    services = excluded.services,
    help_at = excluded.help_at,
    safe_at = excluded.safe_at,
    outcome = excluded.outcome,
    closed_by = excluded.closed_by,
    closed_at = excluded.closed_at,
    body = excluded.body
WHERE standing.closed_at IS NULL AND excluded.noted_at >= standing.noted_at
