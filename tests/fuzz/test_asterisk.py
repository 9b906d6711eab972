"""Whatever comes out of Asterisk's sockets: an event, a count or a stated end of the connection,
and nothing else; no defect, no bytes kept for ever."""

import asyncio
import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from acd.adapters.asterisk import listing
from acd.adapters.asterisk.ami_client import MESSAGE_CHARS_MAX, AmiClient
from acd.adapters.asterisk.errors import AsteriskError, AsteriskRefused, AsteriskUnreachable
from acd.adapters.asterisk.heard import ChannelArrived
from acd.adapters.asterisk.phones import PhoneBook
from acd.adapters.asterisk.translate import CODE_MAX, EVENT_TYPES, Noted, Replaced, translate
from acd.adapters.asterisk.transport import Reply, ReplyParser
from acd.adapters.asterisk.websocket import EventSocket, FrameParser, Opcode, check_upgrade
from acd.core.decoding import UNREADABLE
from acd.core.events import LegGone, PhoneReported
from acd.core.ids import Node, PhoneId, TrunkId
from acd.core.memo import Memo, from_text
from acd.listening.audiosocket import Copy
from tests.fuzz.odd import JSON, NESTED, ODD_TEXT, fuzzed, in_pieces

N1 = Node("n1")
NOW_MS = 1_800_000_000_000

CHANNEL = st.fixed_dictionaries(
    {"id": st.sampled_from(["hl-1-1", "1.2"]) | ODD_TEXT},
    optional={
        "name": st.sampled_from(["PJSIP/a8001-0000001f", "Snoop/hl-1-1", "PJSIP/"]) | ODD_TEXT,
        "state": ODD_TEXT,
        "creationtime": ODD_TEXT | st.datetimes().map(lambda at: at.isoformat()),
        "caller": st.fixed_dictionaries({}, optional={"number": ODD_TEXT}),
        "dialplan": st.fixed_dictionaries(
            {}, optional={"app_name": st.just("Stasis"), "app_data": ODD_TEXT}
        ),
        "channelvars": st.dictionaries(
            st.sampled_from(
                [
                    "HULING_FROM",
                    "HULING_MEMO",
                    "CALLERID(dnid)",
                    "MIXMONITOR_FILENAME",
                    "RTPAUDIOQOS",
                ]
            ),
            ODD_TEXT,
        ),
    },
)
EVENT = st.fixed_dictionaries(
    {"type": st.sampled_from(EVENT_TYPES) | ODD_TEXT},
    optional={
        "channel": CHANNEL,
        "peer": CHANNEL,
        "replace_channel": CHANNEL,
        "bridge": st.fixed_dictionaries({"id": ODD_TEXT}),
        "playback": st.fixed_dictionaries({"id": ODD_TEXT}, optional={"state": ODD_TEXT}),
        "recording": st.fixed_dictionaries({"name": ODD_TEXT}),
        "args": st.lists(st.sampled_from(["call", "code", "offer", "snoop", "gone"]) | ODD_TEXT),
        "cause": st.integers(),
        "tech_cause": st.integers(),
        "soft": st.booleans(),
        "digit": ODD_TEXT,
        "timestamp": ODD_TEXT | st.datetimes().map(lambda at: at.isoformat()),
        "state": st.just(""),
        "refer_to": st.fixed_dictionaries(
            {}, optional={"requested_destination": JSON, "destination_channel": CHANNEL}
        ),
        "referred_by": st.fixed_dictionaries({"source_channel": CHANNEL}),
    },
)


@fuzzed
@given(EVENT)
def test_every_event_has_a_meaning_or_is_counted(event: dict[str, Any]) -> None:
    heard = translate(json.dumps(event), node=N1, now_ms=NOW_MS)
    if isinstance(heard, LegGone):  # PostgreSQL keeps both as 32 bits
        assert 0 <= heard.cause <= CODE_MAX and 0 <= heard.sip <= CODE_MAX
    if isinstance(heard, ChannelArrived):
        assert abs(heard.arrived_ms - NOW_MS) <= 86_400_000
    assert not isinstance(heard, Replaced) or event["type"] == "ApplicationReplaced"


@pytest.mark.parametrize("data", NESTED)
def test_a_nesting_without_end_is_counted(data: bytes) -> None:
    for event in (data, b'{"type": "Dial", "peer": ' + data + b"}"):
        assert isinstance(translate(event, node=N1, now_ms=NOW_MS), Noted)
    assert from_text('{"call": ' + data.decode()[:3_900]) is None
    with pytest.raises(AsteriskUnreachable):
        Reply(200, data).json()


@fuzzed
@given(ODD_TEXT | st.fixed_dictionaries({}, optional={"call": JSON, "kind": JSON}).map(json.dumps))
def test_a_memo_is_one_or_none(text: str) -> None:
    assert isinstance(from_text(text), Memo | None)


@fuzzed
@given(st.lists(CHANNEL).map(json.dumps).map(str.encode) | JSON.map(json.dumps) | st.binary())
@example(b'[{"id": "\xff"}]')
@example(NESTED[0])
def test_a_list_of_channels_is_read_or_is_none(data: str | bytes) -> None:
    """``UNREADABLE`` is all that those who ask are ready for."""
    for read in (
        lambda: listing.legs_of(data, node=N1, app="acd"),
        lambda: listing.occupied_by(data),
        lambda: listing.private_calls(data, node=N1, app="acd"),
        lambda: listing.listing_of(
            data, b"[]", node=N1, app="acd", now_ms=NOW_MS, started_ms=NOW_MS
        ),
        lambda: listing.listing_of(
            b"[]", data, node=N1, app="acd", now_ms=NOW_MS, started_ms=NOW_MS
        ),
    ):
        try:
            read()
        except UNREADABLE:
            continue


@fuzzed
@given(JSON)
def test_the_time_of_the_start_is_told_or_is_none(status: Any) -> None:
    assert isinstance(listing.started_ms(status), int)


FRAMES = st.lists(
    st.builds(
        lambda first, body: (
            bytes([first])
            + (
                bytes([len(body)])
                if len(body) < 126
                else bytes([126]) + len(body).to_bytes(2, "big")
            )
            + body
        ),
        st.sampled_from([0x81, 0x01, 0x80, 0x00, 0x89, 0x88, 0x82]) | st.integers(0, 255),
        st.binary(max_size=300),
    )
).map(b"".join)


@fuzzed
@given(FRAMES | st.binary(), st.data())
def test_frames_are_the_same_however_they_are_cut(wire: bytes, data: st.DataObject) -> None:
    def read(pieces: list[bytes]) -> tuple[list[tuple[Opcode, bytes]], str]:
        parser = FrameParser()
        found: list[tuple[Opcode, bytes]] = []
        try:
            for piece in pieces:
                for frame in parser.feed(piece):
                    found.append(frame)
        except AsteriskUnreachable as error:
            return found, str(error)
        return found, ""

    whole, said = read([bytes([byte]) for byte in wire])
    assert read(in_pieces(wire, data)) == (whole, said)


@fuzzed
@given(st.data(), st.binary())
def test_an_answer_is_read_or_is_none(data: st.DataObject, body: bytes) -> None:
    head = data.draw(
        st.sampled_from(
            [
                b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body),
                b"HTTP/1.1 404 No\r\nContent-Length: 999999999\r\n\r\n",
                b"HTTP/1.1 101\r\nUpgrade: websocket\r\n\r\n",
                b"",
            ]
        )
        | st.binary()
    )
    parser = ReplyParser()
    try:
        for piece in in_pieces(head + body, data):
            parser.feed(piece)
    except AsteriskUnreachable:
        return


@fuzzed
@given(st.binary() | st.binary().map(lambda rest: b"HTTP/1.1 101 Switching\r\n" + rest))
def test_what_does_not_open_the_websocket_is_refused(head: bytes) -> None:
    with pytest.raises(AsteriskError):
        check_upgrade(head, key="aGVsbG8=")


@fuzzed
@given(JSON, st.integers(400, 599))
def test_a_refusal_has_a_sentence(body: Any, status: int) -> None:
    from acd.adapters.asterisk.transport import _message

    assert len(str(AsteriskRefused(status, _message(json.dumps(body).encode())))) <= 204


class _Wire(asyncio.Transport):
    """A connection of which only the receiving side matters."""

    def __init__(self) -> None:
        super().__init__()
        self.is_closed = False

    def write(self, data: Any) -> None:
        del data

    def close(self) -> None:
        self.is_closed = True

    def is_closing(self) -> bool:
        return self.is_closed


@fuzzed
@given(st.data(), st.binary())
def test_a_websocket_that_says_nonsense_ends_with_a_reason(
    data: st.DataObject, wire: bytes
) -> None:
    async def run() -> None:
        socket = EventSocket(path="/", host="a", authorization="b", on_text=lambda text: None)
        socket.connection_made(_Wire())
        for piece in in_pieces(wire, data):
            socket.data_received(piece)
        socket.close()
        assert isinstance(socket.opened.exception(), AsteriskError)

    asyncio.run(run())


AMI_LINE = st.builds(
    lambda key, value: f"{key}: {value}",
    st.sampled_from(["Event", "Response", "ActionID", "AOR", "Device", "State", "EventList"])
    | ODD_TEXT,
    st.sampled_from(["ContactStatus", "DeviceStateChange", "Success", "PJSIP/a8001", "Shutdown"])
    | ODD_TEXT,
)
AMI_STREAM = st.lists(st.lists(AMI_LINE).map("\r\n".join)).map("\r\n\r\n".join)


@fuzzed
@given(AMI_STREAM.map(lambda text: text.encode(errors="replace")) | st.binary(), st.data())
def test_whatever_ami_says_the_book_goes_on(wire: bytes, data: st.DataObject) -> None:
    """An event reaches the book of the phones, or the connection ends; nothing is raised."""

    async def run() -> None:
        told: list[object] = []
        book = PhoneBook(told.append)
        book.watch([PhoneId("a8001")])
        book.watch_trunks([TrunkId("carrier-a")])
        book.replace([], [])
        client = AmiClient(host="h", port=1, user="u", password="p", on_event=book.heard)
        protocol = client.protocol()
        protocol.connection_made(_Wire())
        for piece in in_pieces(b"Asterisk Call Manager/9.0.0\r\n" + wire + b"\r\n\r\n", data):
            protocol.data_received(piece)
        assert all(isinstance(one, PhoneReported) and one.phone == "a8001" for one in told)

    asyncio.run(run())


async def test_a_message_of_ami_that_never_ends_ends_the_connection() -> None:
    client = AmiClient(host="h", port=1, user="u", password="p", on_event=lambda event: None)
    protocol, wire = client.protocol(), _Wire()
    protocol.connection_made(wire)
    sent = 0
    while not wire.is_closed:
        protocol.data_received(b"Key: value\r\n" * 1_000)
        sent += 12_000
        assert sent <= 2 * MESSAGE_CHARS_MAX


@fuzzed
@given(st.data(), st.binary())
def test_audio_is_taken_or_the_connection_is_let_go(data: st.DataObject, wire: bytes) -> None:
    copy = Copy(lambda name: None)
    for piece in in_pieces(wire, data):
        if not copy.take(piece):
            break
