"""What asyncpg raises, as the service understands it."""

import asyncio

import asyncpg
import pytest

from acd.adapters.postgres.errors import DatabaseAway, DatabaseRefused, translated


async def _fails(heard: asyncio.Event) -> None:
    with translated("postgresql://somewhere/db"):
        try:
            heard.set()
            await asyncio.Event().wait()
        finally:
            raise asyncpg.InternalClientError("another operation (2) is in progress")


async def test_whoever_is_cancelled_stays_cancelled() -> None:
    """asyncpg's own error, raised while it rolls back, does not take a cancellation's place."""
    heard = asyncio.Event()
    task = asyncio.create_task(_fails(heard))
    await heard.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_timeout_stays_a_timeout() -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await _fails(asyncio.Event())


async def test_a_connection_that_is_gone_is_away() -> None:
    with (
        pytest.raises(DatabaseAway, match="PostgreSQL at somewhere/db cannot be reached: closed"),
        translated("postgresql://somewhere/db"),
    ):
        raise asyncpg.InterfaceError("closed")


@pytest.mark.parametrize(
    "error",
    [
        asyncpg.DiskFullError("could not extend file: No space left on device"),
        asyncpg.OutOfMemoryError("out of memory"),
        asyncpg.ReadOnlySQLTransactionError("cannot execute nextval() in a read-only transaction"),
        asyncpg.SerializationError("canceling statement due to conflict with recovery"),
        asyncpg.DeadlockDetectedError("deadlock detected"),
        asyncpg.QueryCanceledError("canceling statement due to statement timeout"),
        asyncpg.LockNotAvailableError("could not obtain lock"),
        asyncpg.PostgresIOError("could not read block 7: Input/output error"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_heals_by_itself_is_waited_for(error: asyncpg.PostgresError) -> None:
    """A full disk, or a fail-over that is not over yet, was taken for a wrong setting: `acd serve`
    ended by it, and its callers were the dialplan's."""
    with (
        pytest.raises(DatabaseAway, match=r"^PostgreSQL at somewhere/db cannot do that now: "),
        translated("postgresql://somewhere/db"),
    ):
        raise error


def test_what_a_person_must_mend_is_told() -> None:
    with (
        pytest.raises(DatabaseRefused, match="run `acd db migrate`"),
        translated("postgresql://somewhere/db"),
    ):
        raise asyncpg.UndefinedTableError('relation "call" does not exist')
