-- The timeline of a case is read from facts (E42).  Most tell of a call and are found by it; these
-- may tell of a case alone.
CREATE INDEX fact_case ON fact ((body #>> '{case,id}'), at) WHERE kind = 'CaseNoted';
CREATE INDEX fact_owed_for_case ON fact ((body #>> '{obligation,case}'), at)
    WHERE kind = 'ObligationNoted';
