-- Keeps what {table} holds, once for all versions that hold the same; returns its digest, and
-- whether there is anything.
WITH content AS MATERIALIZED (
    SELECT coalesce(json_agg(to_json(one) ORDER BY {one_key})::text, '[]') AS rows
    FROM (SELECT {columns} FROM {table}) AS one
), digest AS MATERIALIZED (
    SELECT rows, sha256(convert_to(rows, 'UTF8')) AS sha256 FROM content
), kept AS (
    INSERT INTO directory_contents (sha256, rows) SELECT sha256, rows FROM digest
    ON CONFLICT (sha256) DO NOTHING
)
SELECT sha256, rows <> '[]' AS has_rows FROM digest
