"""What is asked of AMI in the moment its connection ends."""

import asyncio
import logging

import pytest
import uvloop

from acd.adapters.asterisk.ami_client import AmiClient, AmiEvent, plain_messages
from acd.adapters.asterisk.errors import AsteriskRefused, AsteriskUnreachable


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
                await client.ask("DBPut", Family="huling", Key="fallback", Val="x")
            with pytest.raises(AsteriskUnreachable, match="closed"):
                await client.tell("Setvar", Channel="1.1", Variable="HULING_MEMO", Value="x")


def test_who_asks_while_the_connection_closes_hears_of_its_end(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """uvloop refuses the write, and panoramisk would tell that with a traceback."""
    with caplog.at_level(logging.WARNING):
        uvloop.run(asyncio.wait_for(_ask_while_it_closes(), 60))
    assert not caplog.records


MUCH = 1 << 25
"""More than two sockets keep for whoever does not read."""

STATE = b"Event: DeviceStateChange\r\nDevice: PJSIP/a8001\r\nState: INUSE\r\n\r\n"
OTHER = b"Event: ContactStatus\r\nAOR: a8001\r\n\r\n"
YES = b"Response: Success\r\nActionID: told-1\r\nMessage: Variable Set\r\n\r\n"
NO = b"Response: Error\r\nActionID: told-1\r\nMessage: No such channel\r\n\r\n"


async def _told(*pieces: bytes, ends: bool = False) -> list[str]:
    """Tell AMI something, which it answers with these pieces, each of which is read alone; return
    the names of the events heard."""
    heard: list[AmiEvent] = []
    asked = asyncio.Event()

    async def manager(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"Asterisk Call Manager/11.0.0\r\n")
        login = (await reader.readuntil(b"\r\n\r\n")).decode()
        name = login.partition("ActionID: ")[2].partition("\r\n")[0]
        writer.write(f"Response: Success\r\nActionID: {name}\r\n\r\n".encode())
        assert b"Value: x" in await reader.readuntil(b"\r\n\r\n")
        asked.set()
        if not ends:
            await reader.read()
        writer.close()

    async with await asyncio.start_server(manager, "127.0.0.1", 0) as server:
        host, port = server.sockets[0].getsockname()
        client = AmiClient(host=host, port=port, user="u", password="p", on_event=heard.append)
        await client.connect()
        told = asyncio.create_task(
            client.tell("Setvar", Channel="1.1", Variable="HULING_MEMO", Value="x")
        )
        await asked.wait()
        for piece in pieces:
            client._manager.protocol.data_received(piece)
        try:
            await told
        finally:
            client.close()
    return [str(event["Event"]) for event in heard]


@pytest.mark.parametrize(
    ("pieces", "heard"),
    [
        ((YES,), []),
        ((YES + STATE + STATE,), ["DeviceStateChange"] * 2),
        ((STATE, STATE + YES), ["DeviceStateChange"] * 2),
        ((OTHER + YES + STATE,), ["ContactStatus", "DeviceStateChange"]),
        ((STATE[:30], STATE[30:] + YES[:20], YES[20:]), ["DeviceStateChange"]),
    ],
)
def test_an_answer_is_found_wherever_it_stands(pieces: tuple[bytes, ...], heard: list[str]) -> None:
    """No event beside it is lost, whole or in pieces."""
    assert uvloop.run(asyncio.wait_for(_told(*pieces), 60)) == heard


@pytest.mark.parametrize("pieces", [(NO,), (STATE + NO,), (NO[:25], NO[25:])])
def test_a_refusal_says_why(pieces: tuple[bytes, ...]) -> None:
    with pytest.raises(AsteriskRefused, match="Setvar: No such channel"):
        uvloop.run(asyncio.wait_for(_told(*pieces), 60))


async def _asked(message: str) -> list[AmiEvent]:
    """Ask AMI for something, which it refuses with this message."""

    async def manager(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"Asterisk Call Manager/11.0.0\r\n")
        for answer in ("Success", f"Error\r\nMessage: {message}"):
            action = (await reader.readuntil(b"\r\n\r\n")).decode()
            name = action.partition("ActionID: ")[2].partition("\r\n")[0]
            writer.write(f"Response: {answer}\r\nActionID: {name}\r\n\r\n".encode())
        await reader.read()
        writer.close()

    async with await asyncio.start_server(manager, "127.0.0.1", 0) as server:
        host, port = server.sockets[0].getsockname()
        client = AmiClient(host=host, port=port, user="u", password="p", on_event=lambda _: None)
        await client.connect()
        try:
            return await client.ask("MixMonitor", Channel="1.1", File="1.raw")
        finally:
            client.close()


def test_no_such_channel_is_a_refusal_and_no_empty_list() -> None:
    """A leg that was gone, or that an Asterisk started anew did not know, counted as recorded."""
    assert uvloop.run(asyncio.wait_for(_asked("No Contacts found"), 60)) == []
    with pytest.raises(AsteriskRefused, match="MixMonitor: No such channel"):
        uvloop.run(asyncio.wait_for(_asked("No such channel"), 60))


def test_whoever_waits_for_an_answer_hears_of_the_connections_end() -> None:
    with pytest.raises(AsteriskUnreachable, match="closed"):
        uvloop.run(asyncio.wait_for(_told(ends=True), 60))


async def _tell_one_who_reads_no_more() -> None:
    over = asyncio.Event()

    async def manager(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        login = (await reader.readuntil(b"\r\n\r\n")).decode()
        name = login.partition("ActionID: ")[2].partition("\r\n")[0]
        greeting = "Asterisk Call Manager/11.0.0\r\n"
        writer.write(f"{greeting}Response: Success\r\nActionID: {name}\r\n\r\n".encode())
        writer.transport.pause_reading()  # type: ignore[attr-defined]  # it is a socket's
        await over.wait()
        writer.transport.abort()

    async with await asyncio.start_server(manager, "127.0.0.1", 0) as server:
        host, port = server.sockets[0].getsockname()
        client = AmiClient(host=host, port=port, user="u", password="p", on_event=lambda _: None)
        await client.connect()
        told = asyncio.create_task(
            client.tell("Setvar", Channel="1.1", Variable="HULING_MEMO", Value="x" * MUCH)
        )
        await asyncio.sleep(0)
        client.close()
        try:
            async with asyncio.timeout(10):
                await told
        finally:
            over.set()


def test_whoever_waits_for_an_answer_hears_of_our_own_end_of_the_connection() -> None:
    """Of a manager that stands still nothing else comes: what has been written is not read, and
    until it is the connection does not end.  A memo was under way for ever, and so never written
    again."""
    with pytest.raises(AsteriskUnreachable, match="closed"):
        uvloop.run(_tell_one_who_reads_no_more())


@pytest.mark.parametrize(
    "data",
    [
        OTHER,
        STATE + OTHER,
        STATE + STATE[:-2],
        STATE[:-2] + b"ActionID: told-1\r\n\r\n" + STATE,
        b"Response: Success\r\nActionID: action/1\r\n\r\n",
        STATE + b"Event: DeviceStateChange\r\nDevice: a\r\nDevice: b\r\n\r\n",
        STATE + b"Response: Success\r\nActionID: told-1\r\nno field\r\n\r\n",
        STATE + b"Event: DeviceStateChange\r\nDevice: \xff\r\n\r\n",
    ],
)
def test_what_is_not_plain_as_a_whole_is_left_to_the_careful_reader(data: bytes) -> None:
    assert plain_messages(data) == []
