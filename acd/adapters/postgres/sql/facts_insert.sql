-- Keeps the facts of a batch and returns the numbers of those that were not there yet. With them it notes
-- what they may have changed for the regulator's feeds (migrations/sql/0039_feeds_up.sql).
WITH kept AS (
    INSERT INTO fact (epoch, seq, at, kind, call, body)
    SELECT $1, seq, at, kind, call, body
    FROM jsonb_to_recordset($2::text::jsonb)
         AS batch (seq bigint, at timestamptz, kind text, call text, body jsonb)
    ON CONFLICT DO NOTHING
    RETURNING seq, at, kind, call, body
), due AS (
    INSERT INTO feed_due (feed, what)
    SELECT feed, what
    FROM (
        SELECT 'calls', call FROM kept
        UNION SELECT 'calls', body #>> '{obligation,call}' FROM kept WHERE kind = 'ObligationNoted'
        UNION SELECT 'calls', jsonb_array_elements_text(body #> '{case,calls}') FROM kept
              WHERE kind = 'CaseNoted'
        UNION SELECT 'emergencies', body #>> '{case,id}' FROM kept WHERE kind = 'CaseNoted'
        UNION SELECT 'emergencies', body #>> '{obligation,case}' FROM kept
              WHERE kind = 'ObligationNoted'
        UNION SELECT 'emergencies', body ->> 'case' FROM kept WHERE kind = 'EmergencyReported'
        UNION SELECT 'obligations', body #>> '{obligation,id}' FROM kept
              WHERE kind = 'ObligationNoted'
        UNION SELECT 'devices', body #>> '{obligation,terminal}' FROM kept
              WHERE kind = 'ObligationNoted'
        UNION SELECT 'devices', body ->> 'terminal' FROM kept
              WHERE kind IN ('DeviceReported', 'TerminalTested')
        UNION SELECT 'quarters', (floor(extract(epoch FROM at) / 900) * 900)::bigint::text FROM kept
    ) AS changed (feed, what)
    WHERE what IS NOT NULL
)
SELECT seq FROM kept
