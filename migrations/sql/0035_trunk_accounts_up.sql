-- How a trunk logs in at its operator (T05, T31).  All four together, or none: the operator knows it by
-- its address.
ALTER TABLE trunks
    ADD COLUMN account_user text,
    ADD COLUMN account_number text,
    ADD COLUMN account_domain text,
    ADD COLUMN registers boolean,
    ADD CHECK (num_nulls(account_user, account_number, account_domain, registers) IN (0, 4)),
    ADD CHECK (account_user IS NULL OR host IS NOT NULL);
COMMENT ON COLUMN trunks.account_user IS 'the user name of the digest';
COMMENT ON COLUMN trunks.account_number IS 'the user part of its SIP address there';
COMMENT ON COLUMN trunks.account_domain IS 'the domain of that address; host and port are how to reach it';
COMMENT ON COLUMN trunks.registers IS 'the operator finds us by REGISTER, and not by a fixed address';

-- In no directory file, and so in no version of the directory: a trunk that is taken out and comes back
-- has its password still.
CREATE TABLE trunk_passwords (
    trunk    endpoint PRIMARY KEY,
    password text NOT NULL
);
CREATE TRIGGER directory_inserted AFTER INSERT ON trunk_passwords
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION directory_changed('staffing');
CREATE TRIGGER directory_updated AFTER UPDATE ON trunk_passwords
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION directory_changed('staffing');
