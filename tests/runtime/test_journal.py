"""The journal keeps every input, survives a torn end, and shows where a replay goes another way."""

import asyncio
import os
import stat
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import acd.core
from acd.core.codec import (
    DamageError,
    Digest,
    Frame,
    Header,
    decode_frames,
    decode_header,
    encode_frame,
    encode_header,
    last_frame,
)
from acd.core.events import CallArrived, DigitPressed, Event, Hangup, LegGone, TimePassed
from acd.core.facts import Ignored
from acd.core.ids import EntryId, LegId, Node
from acd.runtime.credentials import ConfigurationError
from acd.runtime.driver import Effect
from acd.runtime.journal import (
    Journal,
    core_fingerprint,
    journal_files,
    last_ms,
    replay,
    source_digest,
)

HEADER = Header(version="1", core="c", epoch=7, node=Node("n1"), started_ms=1000)
LEG = LegId("n1:1.1")


class Echo:
    """A core that answers each event with one fact."""

    def __init__(self, *, odd_at: int | None = None, fails_at: int | None = None) -> None:
        self._odd_at = odd_at
        self._fails_at = fails_at
        self._steps = 0

    def step(self, now_ms: int, event: Event) -> list[Effect]:
        self._steps += 1
        if self._steps == self._fails_at:
            raise KeyError("lost")
        key = "odd" if self._steps == self._odd_at else "as ever"
        return [Ignored(at_ms=now_ms, reason=type(event).__name__, key=key)]

    def next_deadline(self) -> int | None:
        return None


EVENTS: Sequence[Event] = (
    CallArrived(
        leg=LEG, arrived_ms=1000, trunk=None, caller="02160000001", called=EntryId("95001")
    ),
    DigitPressed(LEG, "#"),
    TimePassed(),
    LegGone(LEG, Hangup.NORMAL, 16),
)


def open_journal(folder: Path, *, started_ms: int = 1000, **limits: int) -> Journal:
    return Journal(
        folder,
        epoch=7,
        node=Node("n1"),
        started_ms=started_ms,
        files_keep=limits.get("files_keep", 3),
        bytes_max=limits.get("bytes_max", 1_000_000),
    )


async def record(folder: Path, core: Echo | None = None, events: Sequence[Event] = EVENTS) -> Path:
    journal = open_journal(folder)
    core = core or Echo()
    for number, event in enumerate(events):
        journal.stepped(2000 + number, event, core.step(2000 + number, event), 0)
    await journal.close()
    return journal.path


async def test_a_replay_meets_the_same_effects(tmp_path: Path) -> None:
    path = await record(tmp_path)
    seen: list[Frame] = []
    result = replay(path, lambda header: Echo(), lambda frame, effects: seen.append(frame))
    assert [frame.event for frame in seen] == list(EVENTS)
    assert [frame.now_ms for frame in seen] == [2000, 2001, 2002, 2003]
    assert (result.events, result.diverged_at, result.torn) == (4, None, None)
    assert result.digest == seen[-1].digest.hex()
    assert not result.other_core


async def test_the_first_different_answer_is_found(tmp_path: Path) -> None:
    path = await record(tmp_path)
    result = replay(path, lambda header: Echo(odd_at=3))
    assert result.events == 4
    assert result.diverged_at is not None
    assert (result.diverged_at.seq, result.diverged_at.event) == (3, TimePassed())


async def test_a_failure_of_the_core_is_replayed_like_everything_else(tmp_path: Path) -> None:
    from acd.runtime.driver import safe_step

    journal = open_journal(tmp_path)
    core = Echo(fails_at=2)
    for number, event in enumerate(EVENTS):
        effects, _ = safe_step(core, number, event)
        journal.stepped(number, event, effects, 0)
    await journal.close()
    result = replay(journal.path, lambda header: Echo(fails_at=2))
    assert (result.defects, result.diverged_at) == (1, None)


async def test_a_torn_end_costs_only_the_last_frame(tmp_path: Path) -> None:
    path = await record(tmp_path)
    whole = path.read_bytes()
    path.write_bytes(whole[:-3])
    result = replay(path, lambda header: Echo())
    assert (result.events, result.diverged_at) == (3, None)
    assert result.torn == "the last frame is torn: 3 bytes are missing"
    assert last_ms(tmp_path) == 2002


async def test_a_flipped_bit_is_noticed(tmp_path: Path) -> None:
    path = await record(tmp_path)
    data = bytearray(path.read_bytes())
    data[-20] ^= 1
    path.write_bytes(data)
    result = replay(path, lambda header: Echo())
    assert result.events == 3
    assert result.torn is not None
    assert "checksum" in result.torn


def test_a_missing_frame_is_noticed() -> None:
    frames = [Frame(seq, 1, TimePassed(), b"d") for seq in (1, 3)]
    data = encode_header(HEADER) + b"".join(map(encode_frame, frames))
    header, start = decode_header(data)
    assert header == HEADER
    reading = decode_frames(data, start)
    assert next(reading) == frames[0]
    with pytest.raises(DamageError, match="frame 2 is missing"):
        next(reading)


@given(st.integers(min_value=0))
def test_whatever_is_cut_off_the_rest_is_whole(cut: int) -> None:
    frames = [Frame(seq, seq, DigitPressed(LEG, str(seq)), b"d") for seq in range(1, 6)]
    head = encode_header(HEADER)
    data = head + b"".join(map(encode_frame, frames))
    data = data[: len(head) + cut % (len(data) - len(head) + 1)]
    read = []
    try:
        for frame in decode_frames(data, len(head)):
            read.append(frame)
    except DamageError:
        pass
    assert read == frames[: len(read)]
    assert last_frame(data, len(head)) == (read[-1] if read else None)


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_events_come_back_as_they_went(event: Event) -> None:
    frame = Frame(1, 1, event, b"d")
    assert list(decode_frames(encode_frame(frame), 0)) == [frame]


def test_the_digest_tells_order_and_content_apart() -> None:
    one, two = (Ignored(at_ms=1, reason=reason, key="") for reason in ("a", "b"))
    digests = set()
    runs: list[list[list[Effect]]] = [[[one, two]], [[two, one]], [[one], [two]], [[one]], [[]]]
    for steps in runs:
        digest = Digest()
        for effects in steps:
            last = digest.add(effects)
        digests.add(last)
    assert len(digests) == 5


def test_another_core_is_known_by_any_of_its_modules(tmp_path: Path) -> None:
    """Emergencies have a folder of their own: a core that treats them otherwise is another core."""
    core = tmp_path / "core"
    (core / "emergency").mkdir(parents=True)
    (core / "switch.py").write_text("first")
    (core / "emergency" / "cases.py").write_text("first")
    before = source_digest(core)
    (core / "emergency" / "cases.py").write_text("second")
    assert source_digest(core) != before
    assert source_digest(Path(acd.core.__file__).parent) == core_fingerprint()


@pytest.mark.parametrize("content", [b"", b"not a journal at all", b"HULINGJ1"])
def test_what_is_no_journal_is_refused_in_one_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.journal"
    path.write_bytes(content)
    with pytest.raises(ConfigurationError, match="is no journal"):
        replay(path, lambda header: Echo())
    assert last_ms(tmp_path) == 0


async def test_the_newest_time_is_found_again(tmp_path: Path) -> None:
    assert last_ms(tmp_path / "nowhere") == 0
    await record(tmp_path)
    assert last_ms(tmp_path) == 2003


async def test_only_the_newest_files_are_kept(tmp_path: Path) -> None:
    for started_ms in (1000, 2000, 3000, 4000):
        journal = open_journal(tmp_path, started_ms=started_ms, files_keep=2)
        journal.stepped(started_ms, TimePassed(), [], 0)
        await journal.close()
    assert [path.name[:15] for path in journal_files(tmp_path)] == [
        "000000000003000",
        "000000000004000",
    ]


async def test_at_its_limit_it_ends_at_a_whole_frame(tmp_path: Path) -> None:
    journal = open_journal(tmp_path, bytes_max=400)
    for number in range(50):
        journal.stepped(number, TimePassed(), [], 0)
    await journal.close()
    assert journal.ended is not None
    assert "limit of 400 bytes" in journal.ended
    assert journal.path.stat().st_size <= 400
    result = replay(journal.path, lambda header: _Silent())
    assert 0 < result.events < 50
    assert result.torn is None


async def test_a_step_that_cannot_be_written_ends_the_journal_at_a_whole_frame(
    tmp_path: Path,
) -> None:
    """It left a hole before, behind which a replay found nothing but damage."""
    journal = open_journal(tmp_path)
    journal.stepped(1, TimePassed(), [], 0)
    with pytest.raises(TypeError):
        journal.stepped(2, TimePassed(), [object()], 0)  # type: ignore[list-item]
    journal.stepped(3, TimePassed(), [], 0)
    await journal.close()
    assert journal.ended is not None
    assert "cannot be written" in journal.ended
    result = replay(journal.path, lambda header: _Silent())
    assert (result.events, result.torn) == (1, None)


async def test_a_disk_that_fails_ends_the_journal_and_not_the_switch(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    read_only = os.open("/dev/null", os.O_RDONLY)
    os.dup2(read_only, journal._file)
    os.close(read_only)
    journal.stepped(1, TimePassed(), [], 0)
    await journal.close()
    assert journal.ended is not None
    journal.stepped(2, TimePassed(), [], 0)


async def test_frames_reach_the_disk_without_being_asked(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    before = journal.path.stat().st_size
    journal.stepped(1, TimePassed(), [], 0)
    async with asyncio.timeout(60):
        while journal.path.stat().st_size == before:  # noqa: ASYNC110 - a file tells nobody
            await asyncio.sleep(0.005)
    await journal.close()


async def test_it_is_for_its_owners_eyes_only(tmp_path: Path) -> None:
    journal = open_journal(tmp_path / "journal")
    assert stat.S_IMODE(journal.path.stat().st_mode) == 0o600
    await journal.close()


async def test_a_start_that_came_to_nothing_leaves_no_file(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    await journal.close()
    assert journal_files(tmp_path) == []


async def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match="HULING_RUN_DIR"):
        open_journal(tmp_path / "file")


class _Silent(Echo):
    def step(self, now_ms: int, event: Event) -> list[Effect]:
        return []


async def test_whoever_waits_for_the_disk_is_told_when_it_has_everything(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    core = Echo()
    for number, event in enumerate(EVENTS):
        journal.stepped(1000 + number, event, core.step(1000 + number, event), 0)
    async with asyncio.timeout(5):
        assert await journal.synced()
    with journal.path.open("rb") as file:
        view = memoryview(file.read())
    _, start = decode_header(view)
    assert len(list(decode_frames(view, start))) == len(EVENTS)
    async with asyncio.timeout(5):
        assert await journal.synced()
    await journal.close()


async def test_with_a_full_disk_nobody_is_told_that_it_has_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int, data: object) -> int:
        raise OSError(28, os.strerror(28))

    journal = open_journal(tmp_path)
    monkeypatch.setattr(os, "write", full)
    journal.stepped(1000, TimePassed(), [], 0)
    async with asyncio.timeout(5):
        assert not await journal.synced()
        assert not await journal.synced()
    monkeypatch.undo()
    await journal.close()


async def test_what_comes_while_the_last_write_is_under_way_is_written_and_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The write armed a timer for it, which came when the file was closed already."""
    armed: list[asyncio.TimerHandle] = []
    loop = asyncio.get_running_loop()
    journal, core, call_later = open_journal(tmp_path), Echo(), loop.call_later

    def noted(delay: float, callback: Callable[..., object], *args: object) -> asyncio.TimerHandle:
        armed.append(call_later(delay, callback, *args))
        return armed[-1]

    monkeypatch.setattr(loop, "call_later", noted)
    journal.stepped(2000, EVENTS[0], core.step(2000, EVENTS[0]), 0)
    closing = asyncio.ensure_future(journal.close())
    await asyncio.sleep(0)  # its first write is under way
    journal.stepped(2001, EVENTS[1], core.step(2001, EVENTS[1]), 0)
    await closing
    assert replay(journal.path, lambda header: Echo()).events == 2
    assert armed and all(handle.cancelled() for handle in armed)


async def test_who_waits_for_the_disk_is_told_when_the_journal_ends_during_a_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What had been taken before the end lay in memory until the service ended, and whoever waited
    for it, a person whose promise PostgreSQL did not have, was never answered."""
    journal = open_journal(tmp_path, bytes_max=500)
    journal.stepped(1, TimePassed(), [], 0)
    goes_on, write = threading.Event(), os.write
    begun = asyncio.Event()
    loop = asyncio.get_running_loop()

    def slow(descriptor: int, data: bytes) -> int:
        loop.call_soon_threadsafe(begun.set)
        goes_on.wait(60)
        return write(descriptor, data)

    monkeypatch.setattr(os, "write", slow)
    async with asyncio.timeout(60):
        await begun.wait()
        journal.stepped(2, TimePassed(), [], 0)
        waiting = asyncio.create_task(journal.synced())
        await asyncio.sleep(0)  # it waits now
        number = 3
        while journal.ended is None:
            journal.stepped(number, TimePassed(), [], 0)
            number += 1
        goes_on.set()
        done, _ = await asyncio.wait([waiting], timeout=10)
        assert done and await waiting, "it is on the disk"
    monkeypatch.undo()
    await journal.close()
    assert replay(journal.path, lambda header: _Silent()).events == number - 2
