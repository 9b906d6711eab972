-- Who is called about a caller, and from where help comes (E05, E06, U03): read with the callers
-- from now on, so that an emergency finds it without asking the database.

ALTER TABLE terminals ADD COLUMN area identifier REFERENCES areas DEFERRABLE;
COMMENT ON COLUMN terminals.area IS
    'whose 110, 119 and 120 are meant; NULL: those of the trunk by which it calls';

CREATE FUNCTION directory_part_moved(name text, part text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('DROP TRIGGER directory_inserted ON %I', name);
    EXECUTE format('DROP TRIGGER directory_updated ON %I', name);
    EXECUTE format('DROP TRIGGER directory_deleted ON %I', name);
    EXECUTE format('DROP TRIGGER directory_truncated ON %I', name);
    EXECUTE format('CREATE TRIGGER directory_inserted AFTER INSERT ON %I '
        'REFERENCING NEW TABLE AS changed '
        'FOR EACH STATEMENT EXECUTE FUNCTION directory_changed(%L)', name, part);
    EXECUTE format('CREATE TRIGGER directory_updated AFTER UPDATE ON %I '
        'REFERENCING NEW TABLE AS changed '
        'FOR EACH STATEMENT EXECUTE FUNCTION directory_changed(%L)', name, part);
    EXECUTE format('CREATE TRIGGER directory_deleted AFTER DELETE ON %I '
        'REFERENCING OLD TABLE AS changed '
        'FOR EACH STATEMENT EXECUTE FUNCTION directory_changed(%L)', name, part);
    EXECUTE format('CREATE TRIGGER directory_truncated AFTER TRUNCATE ON %I '
        'FOR EACH STATEMENT EXECUTE FUNCTION directory_changed(%L)', name, part);
END $$;

SELECT directory_part_moved('contacts', 'callers'), directory_part_moved('organisations', 'callers');

-- Numbers that stand there already are read with the next reading.
UPDATE directory_revisions SET revision = nextval('directory_revision') WHERE part = 'callers';
