-- The revision that Alembic left behind.
SELECT version_num FROM alembic_version
