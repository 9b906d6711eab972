-- To which of the house's groups an agent belongs (H05), for figures by group.
ALTER TABLE agents ADD COLUMN team text CHECK (team ~ '^[A-Za-z0-9][A-Za-z0-9:._-]{0,63}$');
COMMENT ON COLUMN agents.team IS 'the group''s name in the directory''s file is "group"';
