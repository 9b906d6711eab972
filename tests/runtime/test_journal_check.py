"""Journals after a crash: a torn end is cut off and nothing else is touched; damage is told; and a
journal reads like a story (T18, K04)."""

import fcntl
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest

from acd.core.codec import Digest, Frame, Header, encode_frame, encode_header
from acd.core.events import (
    AgentDefined,
    CallArrived,
    EntryDefined,
    Event,
    Hangup,
    LegAnswered,
    LegGone,
    LegJoined,
    LoginRequested,
    QueueDefined,
    SeatDefined,
    SwitchConnected,
)
from acd.core.ids import AgentId, EntryId, LegId, Node, RequestId, RoomId, SeatId
from acd.core.switch import Core
from acd.runtime.explain.story import told
from acd.runtime.journal_check import check, repair
from acd.simulation.careline import ENTRIES, EPOCH_MS, QUEUES
from acd.simulation.shift import agent_of, seat_of

HEADER = Header(version="1", core="c", epoch=7, node=Node("n1"), started_ms=EPOCH_MS)
CALLER = LegId("n1:c1")
AGENT = LegId("n1:hl-7-1")
ROOM = RoomId("n1:hl-room-7-1")
EVENTS: tuple[Event, ...] = (
    *(QueueDefined(queue) for queue in QUEUES),
    *(EntryDefined(entry) for entry in ENTRIES),
    AgentDefined(agent_of("8001")),
    SeatDefined(seat_of("8002", "8001")),
    SwitchConnected(Node("n1"), ()),
    LoginRequested(request=RequestId("r"), agent=AgentId("8001"), seat=SeatId("s8002")),
    CallArrived(
        leg=CALLER,
        arrived_ms=EPOCH_MS,
        trunk=None,
        caller="02160000001",
        called=EntryId("95001"),
    ),
    LegAnswered(AGENT),
    LegJoined(CALLER, ROOM),
    LegJoined(AGENT, ROOM),
    LegGone(CALLER, Hangup.NORMAL, 16),
)


def journal(folder: Path) -> Path:
    """A journal of one call."""
    path = folder / "1.journal"
    core, digest = Core(epoch=7, dice=Random(7), strict=True), Digest()
    data = bytearray(encode_header(HEADER))
    for n, event in enumerate(EVENTS):
        now_ms = EPOCH_MS + n * 100
        data += encode_frame(Frame(n + 1, now_ms, event, digest.add(core.step(now_ms, event))))
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("lost", [1, 7, 30])
def test_a_torn_end_is_cut_off(tmp_path: Path, lost: int) -> None:
    path = journal(tmp_path)
    whole = path.read_bytes()
    path.write_bytes(whole[:-lost])
    assert check(path).frames == len(EVENTS) - 1
    assert check(path).torn_bytes > 0
    assert check(path).damage is None
    torn = repair(tmp_path)
    assert torn > 0 and whole.startswith(path.read_bytes())
    assert (check(path).torn_bytes, check(path).damage) == (0, None)
    assert repair(tmp_path) == 0, "once is enough"


def test_a_frame_that_never_reached_the_disk_is_a_tear(tmp_path: Path) -> None:
    """After a loss of power a file may have its length and zeros at its end."""
    path = journal(tmp_path)
    whole = path.read_bytes()
    path.write_bytes(whole[:-10] + bytes(10))
    assert repair(tmp_path) > 10
    assert check(path).frames == len(EVENTS) - 1


def test_damage_in_the_middle_is_told_and_never_touched(tmp_path: Path) -> None:
    path = journal(tmp_path)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)
    damage = check(path).damage
    assert damage is not None
    assert repair(tmp_path) == 0
    assert path.read_bytes() == data


def test_a_journal_that_is_being_written_is_left_alone(tmp_path: Path) -> None:
    path = journal(tmp_path)
    path.write_bytes(path.read_bytes()[:-1])
    with path.open("rb") as writer:
        fcntl.flock(writer, fcntl.LOCK_EX)
        assert repair(tmp_path) == 0
    assert repair(tmp_path) > 0


def test_no_journal_is_no_fault(tmp_path: Path) -> None:
    assert repair(tmp_path) == 0
    assert repair(tmp_path / "nowhere") == 0
    (tmp_path / "2.journal").write_bytes(b"something else")
    assert repair(tmp_path) == 0


def test_a_call_reads_like_a_story() -> None:
    """What came in stands at the margin, what followed under it; numbers are masked."""
    core = Core(epoch=7, dice=Random(7), strict=True)
    lines = [
        line
        for n, event in enumerate(EVENTS)
        for line in told(
            Frame(n + 1, EPOCH_MS + n * 100, event, b""),
            core.step(EPOCH_MS + n * 100, event),
            ZoneInfo("Asia/Shanghai"),
        )
    ]
    shown = [line[14:] for line in lines]
    assert shown == [
        "Asterisk n1 can be commanded: 0 legs of ours.",
        "Agent 8001 wants to log in at s8002.",
        "  Agent 8001: logged_out → ready.",
        "*********01 calls 95001.",
        "  Call 7-1: *********01 waits in queue emergency (entry 95001).",
        "  Agent 8001: ready → offered.",
        "  Call 7-1: agent 8001 is rung, 8.9 s before the promise, for at most 6.5 s.",
        "  Call 7-1: the ring of 8001 is over, accepted.",
        "  Agent 8001: offered → talking.",
        "  Call 7-1: answered by 8001 after 1.4 s.",
        "Leg n1:c1 is gone (normal).",
    ]
    assert all(line[2] == line[5] == ":" for line in lines), "each with its time"
