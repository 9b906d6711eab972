"""What can go wrong with a database: we asked wrongly, or it is not there.

``DatabaseRefused`` will not heal by waiting: a setting, a right or the schema is wrong, and the
sentence says what to do.  ``DatabaseAway`` may heal: try again later.  A database that is there and
cannot serve, with a full disk or in the middle of a fail-over, is away too.
"""

import asyncio
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import asyncpg


class DatabaseError(Exception):
    """Base of the two.  The message is one sentence for a person and holds no password."""


class DatabaseRefused(DatabaseError):
    """The database answered, and said no."""


class DatabaseAway(DatabaseError):
    """The database could not be reached, or went away."""


class NotTheOwner(DatabaseError):
    """Another service has the lease: what this one says is not written any more."""


AWAY = (
    OSError,
    TimeoutError,
    ssl.SSLError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    # asyncpg's word for "the connection is closed" when the loss came before the request.
    asyncpg.InterfaceError,
)
"""What asyncpg raises when the far end is not there."""

_HEALING = re.compile(r"40|53|57|58|25006|25P0[34]|55P03")
"""SQLSTATEs, by how they begin, of what passes without our doing: a transaction rolled back for
others' sake, a full disk or memory, an operator, the system's own errors; a server that only reads
yet (25006: a standby that has not been promoted), a session that idled too long, a lock."""

_ADVICE: tuple[tuple[type[asyncpg.PostgresError], str], ...] = (
    (asyncpg.InvalidPasswordError, "the user or the password in HULING_DATABASE_URL is wrong"),
    (
        asyncpg.InvalidAuthorizationSpecificationError,
        "the user or the password in HULING_DATABASE_URL is wrong",
    ),
    (
        asyncpg.InvalidCatalogNameError,
        "create the database, or name another in HULING_DATABASE_URL",
    ),
    (asyncpg.UndefinedTableError, "run `acd db migrate`"),
    (asyncpg.UndefinedFunctionError, "run `acd db migrate`"),
    (asyncpg.UndefinedColumnError, "run `acd db migrate`"),
    (asyncpg.InsufficientPrivilegeError, "give the user of HULING_DATABASE_URL the missing right"),
)


@contextmanager
def translated(database_url: str) -> Iterator[None]:
    """Turn what asyncpg raises into DatabaseRefused or DatabaseAway, naming the database.

    A value of ours that asyncpg cannot send (its DataError, a ValueError) is passed on as it is.
    Whoever is cancelled stays so: asyncpg, rolling a transaction back while its answer is still
    under way, raises an error of its own in its place, and a loop that tries again would go on for
    ever.
    """
    try:
        yield
    except (asyncpg.PostgresError, asyncpg.InternalClientError, *AWAY) as error:
        if _is_cancelled():
            raise asyncio.CancelledError from error
        if isinstance(error, asyncpg.InternalClientError | ValueError):
            raise
        raise _translated(error, place(database_url)) from error


def _is_cancelled() -> bool:
    try:
        task = asyncio.current_task()
    except RuntimeError:
        return False  # there is no event loop, and so nobody to be cancelled
    return task is not None and task.cancelling() > 0


def _translated(error: Exception, where: str) -> DatabaseError:
    if not isinstance(error, asyncpg.PostgresError):
        reason = str(error) or type(error).__name__
        return DatabaseAway(
            f"{where} cannot be reached: {reason}; start it, or correct HULING_DATABASE_URL"
        )
    # The lines behind the first repeat the row: a person's name and identity card.
    said, _, _ = str(error).partition("\n")
    if isinstance(error, AWAY):
        return DatabaseAway(f"{where} went away: {said}")
    if _HEALING.match(error.sqlstate or ""):
        return DatabaseAway(f"{where} cannot do that now: {said}")
    for kind, advice in _ADVICE:
        if isinstance(error, kind):
            return DatabaseRefused(f"{where} refused: {said}; {advice}")
    return DatabaseRefused(f"{where} refused: {said}")


@contextmanager
def opening(database_url: str) -> Iterator[None]:
    """Like ``translated``, and turn a malformed URL into DatabaseRefused."""
    try:
        with translated(database_url):
            yield
    except ValueError as error:
        # asyncpg's own complaint repeats the URL, and with it the password.
        raise DatabaseRefused(
            "HULING_DATABASE_URL is not of the form postgresql://user:password@host:port/name"
        ) from error


def place(database_url: str) -> str:
    """Return "PostgreSQL at host:port/name" without user and password."""
    try:
        parts = urlsplit(database_url)
        host = parts.hostname or "the local socket"
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "PostgreSQL"
    return f"PostgreSQL at {host}{port}{parts.path}"
