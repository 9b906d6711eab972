"""AudioSocket as it comes in pieces, with strangers, and with an end."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID, uuid4

import pytest

from acd.listening.audiosocket import SILENCE, AudioServer, Sink


class Kept:
    """A sink that remembers."""

    def __init__(self) -> None:
        self.samples = b""
        self.over = asyncio.Event()

    def audio(self, samples: bytes) -> None:
        self.samples += samples

    def ended(self) -> None:
        self.over.set()


def frame(kind: int, payload: bytes) -> bytes:
    return bytes([kind]) + len(payload).to_bytes(2, "big") + payload


@asynccontextmanager
async def connected(
    sinks: dict[UUID, Sink],
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    server = AudioServer(lambda name: sinks.pop(name, None))
    server.start()
    host, port = server.address.split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        yield reader, writer
    finally:
        writer.close()
        await server.stop()


@pytest.mark.parametrize("size", [1, 7, 320, 10_000])
async def test_audio_comes_through_however_it_is_cut(size: int) -> None:
    name, kept = uuid4(), Kept()
    async with connected({name: kept}) as (_, writer):
        sent = frame(0x01, name.bytes) + b"".join(frame(0x10, bytes([n]) * 320) for n in range(20))
        for at in range(0, len(sent), size):
            writer.write(sent[at : at + size])
            await writer.drain()
        writer.write_eof()
        await asyncio.wait_for(kept.over.wait(), 5)
    assert kept.samples == b"".join(bytes([n]) * 320 for n in range(20))


@pytest.mark.parametrize(
    "sent",
    [
        frame(0x01, UUID(int=1).bytes),
        frame(0x01, b"short"),
        frame(0x10, bytes(320)),
        frame(0x00, b""),
        frame(0xFF, b"\x01"),
    ],
    ids=["unknown", "short", "samples", "end", "error"],
)
async def test_a_stranger_is_shown_out(sent: bytes) -> None:
    """Whoever names no leg that is listened to, or says something else first."""
    async with connected({}) as (reader, writer):
        writer.write(sent)
        told = await asyncio.wait_for(reader.read(), 5)
    assert told.replace(SILENCE, b"") == b""


async def test_the_end_of_the_server_is_the_end_of_each_copy() -> None:
    name, kept = uuid4(), Kept()
    async with connected({name: kept}) as (_, writer):
        writer.write(frame(0x01, name.bytes) + frame(0x10, bytes(320)))
        async with asyncio.timeout(60):
            while not kept.samples:  # noqa: ASYNC110 (it tells nobody)
                await asyncio.sleep(0.02)
        assert not kept.over.is_set()
    assert kept.over.is_set()
