"""The process that listens: it lives as long as its input, and no longer than it can hear."""

import asyncio

import pytest

from acd.adapters.asterisk.ari_client import AriClient
from acd.adapters.listening.messages import Setup
from acd.listening.worker import Worker, serve

SETUP = Setup(ari_url="http://127.0.0.1:9", user="nobody", password="none")
LONG_S = 60.0


async def test_one_that_has_gone_deaf_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """E33: a fault in what keeps the link, or in what reads the sound, left a process behind that
    took orders and heard nothing; when it ends, the service starts another."""

    async def broken(self: AriClient) -> None:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(AriClient, "load", broken)
    worker = Worker(SETUP, lambda report: None)
    worker.start()
    try:
        with pytest.raises(RuntimeError, match="a fault of ours"):
            await asyncio.wait_for(serve(asyncio.StreamReader(), worker), LONG_S)
    finally:
        await worker.stop()


async def test_it_ends_with_its_input() -> None:
    """Also while Asterisk is away, which is no fault."""
    worker = Worker(SETUP, lambda report: None)
    worker.start()
    orders = asyncio.StreamReader()
    orders.feed_eof()
    try:
        await asyncio.wait_for(serve(orders, worker), LONG_S)
    finally:
        await worker.stop()
