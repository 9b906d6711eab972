-- Whose call is found again among what was owed, to tell who was reached finally (C02).
CREATE INDEX obligation_call ON obligation (call_id);
