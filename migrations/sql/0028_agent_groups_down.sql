-- Back to agents without groups.
ALTER TABLE agents DROP COLUMN team;
