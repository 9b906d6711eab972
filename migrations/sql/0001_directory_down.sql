-- Removes the directory and everything in it.
DROP TABLE
    directory_revisions, contacts, elders, terminal_numbers, terminals, seat_phones, seats,
    agent_skills, agents, entries, queue_needs, queues, skills, trunk_areas, trunk_addresses,
    trunks, rescue_numbers, areas, organisations;
DROP FUNCTION directory_changed();
DROP SEQUENCE directory_revision;
DROP DOMAIN endpoint, directory_number, identifier;
