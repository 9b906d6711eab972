-- Notes that an agent went through an elder's record and each of their contacts.
INSERT INTO elder_verifications (elder, agent, call_id, contacts) VALUES ($1, $2, $3, $4)
