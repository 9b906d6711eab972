-- Numbers that are terminals' by an agent's word: whoever maintains one has called from a swapped
-- device. The last word on a number counts.
INSERT INTO noted_numbers AS standing (number, terminal, at, agent, call_id, staff)
SELECT DISTINCT ON (number) number, terminal, at, agent, call_id, staff
FROM jsonb_to_recordset($1::text::jsonb) AS batch (
    number text, terminal text, at timestamptz, agent text, call_id text, staff text)
ORDER BY number, at DESC
ON CONFLICT (number) DO UPDATE SET
    terminal = excluded.terminal, at = excluded.at, agent = excluded.agent,
    call_id = excluded.call_id, staff = excluded.staff
WHERE excluded.at >= standing.at
