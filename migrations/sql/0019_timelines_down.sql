DROP INDEX fact_owed_for_case;
DROP INDEX fact_case;
