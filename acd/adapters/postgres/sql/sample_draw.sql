-- A sample of a span's conversations drawn by chance: recordings with sound of callers' own lines, at
-- least one agent joined, no proof, no test.  Each recording's chance is a digest of seed and id, so that
-- the same seed draws the same again, and one recording more or less changes nothing for the others.
-- With $7 each agent's luckiest recording goes before all others.
WITH talks AS (
    SELECT recording_id, legs.agents,
           sha256(convert_to($5 || ' ' || recording_id, 'UTF8')) AS chance
    FROM recording
    JOIN call ON call.call_id = recording.call_id AND call.arrived_at = recording.arrived_at
    CROSS JOIN LATERAL (
        SELECT array_agg(DISTINCT leg.agent) AS agents FROM leg
        WHERE leg.call_id = recording.call_id AND leg.arrived_at = recording.arrived_at
          AND leg.agent IS NOT NULL AND leg.joined_at IS NOT NULL) AS legs
    WHERE call.arrived_at >= $1 AND call.arrived_at < $2
      AND state IN ('compressed', 'verified')
      AND recording_id = regexp_replace(call.recording, '[.][^.]*$', '')
      AND call.synthetic IS NOT TRUE AND call.disposition IS DISTINCT FROM 'test'
      AND legs.agents IS NOT NULL
      AND ($3::text IS NULL OR $3 = ANY (legs.agents))
      AND ($4::text[] IS NULL OR call.queue = ANY ($4))
), firsts AS (
    SELECT DISTINCT ON (agent) agent, recording_id
    FROM talks CROSS JOIN LATERAL unnest(agents) AS agent
    WHERE $3 IS NULL OR agent = $3
    ORDER BY agent, chance
)
SELECT recording_id,
       (SELECT count(*) FROM talks) AS talks,
       (SELECT count(*) FROM firsts) AS agents
FROM talks
ORDER BY $7 AND recording_id IN (SELECT recording_id FROM firsts) DESC, chance
LIMIT $6
