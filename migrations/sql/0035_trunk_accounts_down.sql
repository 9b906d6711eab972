-- Every operator knows us by our address.  The passwords are lost.
DROP TABLE trunk_passwords;
ALTER TABLE trunks
    DROP COLUMN account_user, DROP COLUMN account_number, DROP COLUMN account_domain,
    DROP COLUMN registers;
