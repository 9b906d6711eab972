"""What the directory was after each change: kept, listed, compared.

A version is the whole directory but the phones' passwords.  It is written in the transaction of the
change itself, and before it what stood there, when somebody has changed that in another way.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec

from acd.adapters.postgres.database import Connection, Pool
from acd.adapters.postgres.directory_tables import TABLES, Table
from acd.adapters.postgres.errors import translated
from acd.adapters.postgres.statements import sql

VERSIONS_KEPT = 20

TIMEOUT_S = 600.0

PERSONAL = frozenset({"organisations", "duty_phones", "terminals", "elders"})
"""Sections of which a difference names the changed columns and not what stands in them (L2)."""


class NoSuchVersion(Exception):
    """No version has this number, or none any more."""


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """One state of the directory."""

    version: int
    made_at: datetime
    made_by: str
    why: str
    ready_at: datetime | None
    """Since when the switch has been known to be ready under it; None: not known to be."""


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One row that two versions have differently.  ``before`` and ``after`` hold the columns that
    differ, and are None where there is no such row; of personal sections their values are hidden.
    """

    table: str
    key: tuple[str, ...]
    before: dict[str, Any] | None
    after: dict[str, Any] | None


def kept_columns(table: Table) -> tuple[str, ...]:
    """Return the columns that a version has: all but what is never replaced."""
    return tuple(column for column in table.columns if column not in table.kept)


async def keep(connection: Connection, *, by: str, why: str) -> int | None:
    """Write what stands now as a version, inside the caller's transaction, which holds the
    directory's lock; None when it is the newest version already, or nothing."""
    newest = {
        row["table_name"]: row["sha256"]
        for row in await connection.fetch(sql("directory_version_digests"), None)
    }
    found: dict[str, bytes] = {}
    is_empty = True
    for table in TABLES:
        statement = sql("directory_snapshot").format(
            table=table.name,
            columns=", ".join(kept_columns(table)),
            one_key=", ".join(f"one.{column}" for column in table.key),
        )
        row = await connection.fetchrow(statement, timeout=TIMEOUT_S)
        assert row is not None
        found[table.name] = row["sha256"]
        is_empty = is_empty and not row["has_rows"]
    if found == newest or (is_empty and not newest):
        return None
    version: int = await connection.fetchval(sql("directory_version_insert"), by, why)
    for table in TABLES:
        await connection.execute(
            sql("directory_version_table"),
            version,
            table.name,
            list(kept_columns(table)),
            found[table.name],
        )
    await connection.execute(sql("directory_versions_end"), VERSIONS_KEPT)
    await connection.execute(sql("directory_contents_end"), timeout=TIMEOUT_S)
    return version


async def versions(pool: Pool) -> list[Version]:
    """Return all there are, the newest first.  Raises DatabaseAway and DatabaseRefused."""
    with translated("PostgreSQL"):
        rows = await pool.fetch(sql("directory_versions"))
    return [Version(**row) for row in rows]


async def mark_ready(pool: Pool, revision: int) -> None:
    """Note that the switch is ready under the newest version, unless the directory was changed
    after ``revision`` was read.  Raises DatabaseAway and DatabaseRefused."""
    with translated("PostgreSQL"):
        await pool.execute(sql("directory_version_ready"), revision)


async def difference(pool: Pool, old: int, new: int) -> list[Difference]:
    """Return what ``new`` has differently than ``old``, in the order of TABLES and of the keys.
    Raises NoSuchVersion, DatabaseAway and DatabaseRefused."""
    found: list[Difference] = []
    with translated("PostgreSQL"):
        async with pool.acquire() as connection, connection.transaction(readonly=True):
            before, after = await digests(connection, old), await digests(connection, new)
            for table in TABLES:
                if before.get(table.name) != after.get(table.name):
                    rows = [await rows_of(connection, one, table) for one in (old, new)]
                    found.extend(compare(table, *rows))
    return found


async def digests(connection: Connection, version: int) -> dict[str, tuple[bytes, tuple[str, ...]]]:
    """Return the digest and the columns of each table of a version.  Raises NoSuchVersion."""
    rows = await connection.fetch(sql("directory_version_digests"), version)
    if not rows:
        raise NoSuchVersion(
            f"There is no version {version} of the directory; `acd directory versions` lists them."
        )
    return {row["table_name"]: (row["sha256"], tuple(row["columns"])) for row in rows}


async def rows_of(connection: Connection, version: int, table: Table) -> list[dict[str, Any]]:
    """Return what a version has in a table; nothing when the table did not exist then."""
    text = await connection.fetchval(
        sql("directory_version_rows"), version, table.name, timeout=TIMEOUT_S
    )
    return msgspec.json.decode(text, type=list[dict[str, Any]]) if text else []


def compare(
    table: Table, old: list[dict[str, Any]], new: list[dict[str, Any]]
) -> Iterator[Difference]:
    """Yield what differs between two contents of a table, by key."""

    def by_key(rows: list[dict[str, Any]]) -> dict[tuple[str, ...], dict[str, Any]]:
        return {tuple(str(row.get(one)) for one in table.key): row for row in rows}

    def shown(row: dict[str, Any], columns: list[str]) -> dict[str, Any]:
        personal = table.section in PERSONAL
        return {column: "…" if personal else row.get(column) for column in columns}

    before, after = by_key(old), by_key(new)
    for key in sorted(before.keys() | after.keys()):
        was, now = before.get(key), after.get(key)
        if was == now:
            continue
        columns = [
            column
            for column in kept_columns(table)
            if column not in table.key and (was or {}).get(column) != (now or {}).get(column)
        ]
        yield Difference(
            table=table.name,
            key=key,
            before=None if was is None else shown(was, columns),
            after=None if now is None else shown(now, columns),
        )
