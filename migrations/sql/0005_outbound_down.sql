-- Trunks take calls only.
ALTER TABLE trunks
    DROP COLUMN host, DROP COLUMN port, DROP COLUMN priority, DROP COLUMN dial_form;
