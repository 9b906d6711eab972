"""Runs a file of ``sql/`` inside Alembic's transaction."""

from importlib.resources import files
from typing import Any

from alembic import op


def run(name: str) -> None:
    """Run ``migrations/sql/<name>``, any number of statements.

    The text goes to asyncpg itself: SQLAlchemy would prepare it, and PostgreSQL prepares one
    statement at a time.  Raises asyncpg.PostgresError.
    """
    sql = (files("migrations") / "sql" / name).read_text(encoding="utf-8")
    adapted: Any = op.get_bind().connection.dbapi_connection
    adapted.run_async(lambda connection: _execute(connection, name, sql))


async def _execute(connection: Any, name: str, sql: str) -> None:
    # Alembic has already written to its version table here, so the transaction is open.  Without it
    # half a file could stay behind.
    if not connection.is_in_transaction():
        raise RuntimeError(f"{name} would run outside a transaction")
    await connection.execute(sql)
