"""What asyncpg raises, as the service understands it."""

import asyncio

import asyncpg
import pytest

from acd.adapters.postgres.errors import DatabaseAway, translated


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
