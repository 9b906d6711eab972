"""Replaces parts of the directory, all in one transaction or not at all, and keeps what it was."""

import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence

import asyncpg
import msgspec

from acd.adapters.postgres.database import Connection, Pool
from acd.adapters.postgres.directory_tables import TABLES, Table
from acd.adapters.postgres.directory_versions import digests, keep, kept_columns, rows_of
from acd.adapters.postgres.errors import translated
from acd.adapters.postgres.statements import sql

Row = tuple[object, ...]

LOAD_TIMEOUT_S = 600.0
"""One statement of a load; 200,000 elders take some ten seconds."""


class StillUsed(Exception):
    """Something that the file does not have any more is named by what the file leaves alone."""


class Change(msgspec.Struct, frozen=True):
    """How many rows of a section were written anew or differently, and how many removed."""

    written: int
    removed: int


Ids = Mapping[str, set[str]]

BEFORE = "changed otherwise, before the next"
"""Why there is a version of what stood before a change: somebody has changed it past us."""


def new_password() -> str:
    """Return a phone's SIP password: 144 bits of chance."""
    return secrets.token_urlsafe(18)


async def replace(
    pool: Pool,
    rows: Mapping[str, Iterable[Row]],
    *,
    check_against: Sequence[str],
    check: Callable[[Ids], None],
    by: str,
    why: str,
) -> dict[str, Change]:
    """Make each table in ``rows`` (by its name in TABLES) hold exactly those rows.

    ``check`` is called first, in the transaction, with the ids that the database has in the
    sections ``check_against``; what it raises is passed on, and nothing has changed.  Raises
    StillUsed, DatabaseRefused and DatabaseAway likewise.  Returns the change per section, which is
    kept as a version, ``by`` whom and ``why``.
    """
    with translated("PostgreSQL"):
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute(sql("directory_lock"), timeout=LOAD_TIMEOUT_S)
            check(await _ids(connection, check_against))
            await keep(connection, by=by, why=BEFORE)
            governed = [table for table in TABLES if table.name in rows]
            for table in governed:
                await _stage(connection, table, rows[table.name], table.columns)
            changes = await _merge(connection, governed)
            await _verify(connection)
            await keep(connection, by=by, why=why)
    return changes


async def roll_back(pool: Pool, version: int, *, by: str) -> dict[str, Change]:
    """Make the directory what it was as ``version``, which becomes a version of its own, so that
    one can go back from it too; return the change per section.

    A phone that is gone now and comes back gets a new password.  Raises NoSuchVersion, StillUsed,
    DatabaseRefused and DatabaseAway; nothing has changed then.
    """
    with translated("PostgreSQL"):
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute(sql("directory_lock"), timeout=LOAD_TIMEOUT_S)
            columns = {name: had for name, (_, had) in (await digests(connection, version)).items()}
            await keep(connection, by=by, why=BEFORE)
            governed = [table for table in TABLES if table.name in columns]
            for table in governed:
                await _stage_again(connection, table, version, columns[table.name])
            changes = await _merge(connection, governed)
            await _verify(connection)
            await keep(connection, by=by, why=f"back to version {version}")
    return changes


async def _verify(connection: Connection) -> None:
    try:
        await connection.execute(sql("directory_verify"), timeout=LOAD_TIMEOUT_S)
    except asyncpg.IntegrityConstraintViolationError as error:
        raise StillUsed(f"{error.detail or error} (table {error.table_name})") from error


async def _ids(connection: Connection, sections: Sequence[str]) -> dict[str, set[str]]:
    ids: dict[str, set[str]] = {section: set() for section in sections}
    for section, one in await connection.fetch(sql("directory_ids"), list(sections)):
        ids[section].add(one)
    return ids


async def _stage(
    connection: Connection, table: Table, rows: Iterable[Row], columns: Sequence[str]
) -> None:
    await connection.execute(_for(table, "directory_stage"))
    await connection.copy_records_to_table(
        f"staged_{table.name}", records=rows, columns=columns, timeout=LOAD_TIMEOUT_S
    )


async def _stage_again(
    connection: Connection, table: Table, version: int, had: Sequence[str]
) -> None:
    """Stage the rows of a version.  Columns that it did not have get their default."""
    columns = [column for column in kept_columns(table) if column in had]
    if table.kept:
        # Of a phone that is there the password stays; one that comes back gets a new one.
        rows = await rows_of(connection, version, table)
        made = [(*map(row.get, columns), *(new_password() for _ in table.kept)) for row in rows]
        await _stage(connection, table, made, [*columns, *table.kept])
        return
    await connection.execute(_for(table, "directory_stage"))
    statement = sql("directory_restage").format(table=table.name, columns=", ".join(columns))
    await connection.execute(statement, version, table.name, timeout=LOAD_TIMEOUT_S)


async def _merge(connection: Connection, governed: Sequence[Table]) -> dict[str, Change]:
    written = dict.fromkeys((table.section for table in governed), 0)
    removed = dict(written)
    for table in reversed(governed):
        removed[table.section] += await _run(connection, _for(table, "directory_remove"))
    for table in governed:
        only_key = set(table.columns) == {*table.key, *table.kept}
        name = "directory_merge_keys" if only_key else "directory_merge"
        written[table.section] += await _run(connection, _for(table, name))
    return {section: Change(written[section], removed[section]) for section in written}


async def _run(connection: Connection, statement: str) -> int:
    # "INSERT 0 3", "DELETE 3": PostgreSQL's own count of changed rows.
    command = await connection.execute(statement, timeout=LOAD_TIMEOUT_S)
    return int(command.rpartition(" ")[2])


def _for(table: Table, name: str) -> str:
    """Return a statement for one table.  Every name in it comes from TABLES, none from a file."""
    changing = [c for c in table.columns if c not in table.key and c not in table.kept]
    return sql(name).format(
        table=table.name,
        columns=", ".join(table.columns),
        key=", ".join(table.key),
        same_key=" AND ".join(f"staged.{c} = standing.{c}" for c in table.key),
        changing=", ".join(changing),
        changing_new=", ".join(f"excluded.{c}" for c in changing),
        changing_old=", ".join(f"standing.{c}" for c in changing),
    )
