"""Brings the schema to a revision.  Alembic runs inside this process, over asyncpg.

Only ``acd db migrate`` and tests import this file: Alembic and SQLAlchemy take 20 MB that the
service does not need.
"""

from importlib.resources import files

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, make_url, pool
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from acd.adapters.postgres.errors import DatabaseRefused, opening


async def migrate(database_url: str, *, revision: str = "head") -> None:
    """Bring the database up to ``revision``, or down to it (``base`` removes everything).

    All or nothing, and safe when several processes do it at once (within one process it must be
    one after the other: Alembic keeps globals).  Raises DatabaseRefused, DatabaseAway.
    """
    with opening(database_url):
        try:
            url = make_url(database_url)
        except ArgumentError as error:
            raise ValueError(str(error)) from error
        if url.drivername not in ("postgresql", "postgres"):
            raise ValueError(url.drivername)
        url = url.set(drivername="postgresql+asyncpg")
        engine = create_async_engine(url, poolclass=pool.NullPool)
        try:
            async with engine.connect() as connection:
                await connection.run_sync(_run, revision)
        except DBAPIError as error:
            # SQLAlchemy wraps asyncpg's error twice; the innermost has the class we know.
            cause: BaseException = error
            while cause.__cause__ is not None:
                cause = cause.__cause__
            raise cause from None
        finally:
            await engine.dispose()


def _run(connection: Connection, revision: str) -> None:
    config = _config()
    config.attributes["connection"] = connection
    # Newest first, as ``walk_revisions`` gives them.
    known = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]
    here = MigrationContext.configure(connection).get_current_revision() or "base"
    # Alembic shall begin its own transaction: it would leave this one for us to commit.
    connection.rollback()
    path = [*known, "base"]
    if here not in path:
        raise DatabaseRefused(
            f"The database has schema {here}, which a newer version made, and this version knows "
            f"{known[0]}; use the newer version"
        )
    wanted = known[0] if revision == "head" else revision
    if wanted not in path:
        raise DatabaseRefused(
            f"There is no schema {wanted}: choose head, base, or one from {known[-1]} to {known[0]}"
        )
    if path.index(wanted) > path.index(here):
        command.downgrade(config, wanted)
    else:
        command.upgrade(config, wanted)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(files("migrations")).replace("%", "%%"))
    return config
