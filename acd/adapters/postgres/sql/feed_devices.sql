-- What the regulator is told of terminals (L3): what they last said of themselves, their last test, and
-- what is owed to them.
SELECT terminals.id AS terminal, model, state, installed,
       said.at AS reported_at, said.meaning AS reported, tested.at AS tested_at, tested.kind AS test_kind,
       EXISTS (SELECT FROM obligation WHERE why = 'device' AND body ->> 'terminal' = terminals.id
               AND closed_at IS NULL) AS needs_hands,
       EXISTS (SELECT FROM obligation WHERE why = 'terminal_test'
               AND body ->> 'terminal' = terminals.id AND closed_at IS NULL) AS is_silent
FROM terminals
LEFT JOIN LATERAL (
    SELECT at, body ->> 'meaning' AS meaning FROM fact
    WHERE kind = 'DeviceReported' AND body ->> 'terminal' = terminals.id
    ORDER BY at DESC, seq DESC LIMIT 1) AS said ON true
LEFT JOIN LATERAL (
    SELECT arrived_at AS at, test_kind AS kind FROM call
    WHERE call.terminal = terminals.id AND disposition = 'test' AND synthetic IS NOT TRUE
    ORDER BY arrived_at DESC LIMIT 1) AS tested ON true
WHERE terminals.id = ANY ($1::text[])
