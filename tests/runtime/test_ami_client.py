"""What is asked of AMI in the moment its connection ends."""

import asyncio
import logging

import pytest
import uvloop

from acd.adapters.asterisk.ami_client import AmiClient
from acd.adapters.asterisk.errors import AsteriskUnreachable


async def _manager(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Let anybody in, and say no more."""
    writer.write(b"Asterisk Call Manager/11.0.0\r\n")
    fields = dict(
        line.split(": ", 1)
        for line in (await reader.readuntil(b"\r\n\r\n")).decode().strip().split("\r\n")
    )
    writer.write(f"Response: Success\r\nActionID: {fields['ActionID']}\r\n\r\n".encode())
    await reader.read()
    writer.close()


async def _ask_while_it_closes() -> None:
    async with await asyncio.start_server(_manager, "127.0.0.1", 0) as server:
        host, port = server.sockets[0].getsockname()
        client = AmiClient(host=host, port=port, user="u", password="p", on_event=lambda _: None)
        await client.connect()
        client.close()
        for _ in range(2):  # while it closes, and when it has
            with pytest.raises(AsteriskUnreachable, match="closed"):
                await client.ask("Setvar", Channel="1.1", Variable="HULING_MEMO", Value="x")


def test_who_asks_while_the_connection_closes_hears_of_its_end(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """uvloop refuses the write, and panoramisk would tell that with a traceback."""
    with caplog.at_level(logging.WARNING):
        uvloop.run(asyncio.wait_for(_ask_while_it_closes(), 60))
    assert not caplog.records
