"""What Alembic runs: over the connection that ``acd.adapters.postgres.migration`` hands in."""

from alembic import context
from sqlalchemy import Connection, text

connection: Connection = context.config.attributes["connection"]
context.configure(connection=connection, transaction_per_migration=False)
with context.begin_transaction():
    # Two services that start together would otherwise both find an empty database.
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('huling.migrate'))"))
    context.run_migrations()
