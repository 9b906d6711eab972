"""What becomes of a recording between its last sound and its place in the archive (T21)."""

import asyncio
import hashlib
import os
import subprocess
import time
from collections.abc import Iterator
from datetime import timedelta

import msgspec
import pytest

from acd.adapters.postgres.recordings import RecordingState
from acd.core.facts import LegEnded, LegRecorded, LegRole
from acd.core.ids import LegId
from acd.desk import compression, keeper
from acd.desk.archive import Archive, RawFile, sha256_of
from acd.desk.keeper import Keeper
from tests.desk.office import Office, samples
from tests.postgres.test_records import life


def decoded(flac: bytes) -> bytes:
    command = ["sox", "-t", "flac", "-", "-t", "raw", "-"]
    return subprocess.run(command, input=flac, capture_output=True, check=True).stdout


async def test_samples_become_flac_without_losing_one(office: Office) -> None:
    """T21: the very same samples, half the size or less, a digest in the row, an empty spool."""
    sound = samples(2.0)
    recording = await office.call(sound=sound)
    assert (await office.row(recording)).state is RecordingState.FINISHED
    assert await office.keeper.look() == 1
    row = await office.row(recording)
    assert row.state is RecordingState.COMPRESSED and row.file is not None
    path = office.archive.path(row.file)
    assert row.file == "2026/03/14/call-1.flac"
    assert decoded(path.read_bytes()) == sound
    assert (row.duration_ms, row.bytes) == (2000, path.stat().st_size)
    assert row.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert path.stat().st_size < len(sound) / 2
    assert list(office.archive.raws()) == []
    assert office.metric("huling_desk_recordings_compressed_total") == 1


async def test_a_crash_in_the_middle_of_a_sample_costs_that_sample_only(office: Office) -> None:
    recording = await office.call(sound=samples(0.25) + b"\x01\x02\x03")
    assert await office.keeper.look() == 1
    row = await office.row(recording)
    assert row.file is not None
    assert decoded(office.archive.path(row.file).read_bytes()) == samples(0.25)


async def test_what_is_going_on_is_left_alone(office: Office) -> None:
    facts = life()
    await office.write(facts[:1])
    office.archive.raw_path("call-1").write_bytes(samples(0.1))
    assert await office.keeper.look() == 0
    await office.keeper.sweep()
    row = await office.row("call-1")
    assert (row.state, row.ended_at) == (RecordingState.RECORDING, None)
    assert office.archive.raw("call-1") is not None


async def test_a_call_without_a_file_is_missing_if_it_was_taken_up(office: Office) -> None:
    """T21: silence about a lost recording would be the worst: it shows in row and metric."""
    recording = await office.call(sound=None)
    assert await office.keeper.look() == 0
    assert (await office.row(recording)).state is RecordingState.MISSING
    await office.keeper.watch()
    assert office.metric("huling_desk_recordings", state="missing") == 1


async def test_a_contacts_leg_is_a_recording_of_its_own(office: Office) -> None:
    """T21, T22: dialled for the call, found by the call beside the caller's own; unanswered and
    without a sound it is `empty`, though the call itself was taken up."""
    facts = life()
    end = next(fact for fact in facts if isinstance(fact, LegEnded) and fact.role == "caller")
    outside = LegId("n1:hl-1-9")
    begun = LegRecorded(
        at_ms=end.started_ms + 5_000, call=end.call, arrived_ms=end.call_arrived_ms, leg=outside,
        recording="hl-1-9.raw",
    )  # fmt: skip
    ended = msgspec.structs.replace(
        end, leg=outside, role=LegRole.OUTSIDE, number="13900000001", answered_ms=None
    )
    await office.write([*facts, begun, ended])
    office.archive.raw_path("call-1").write_bytes(samples(0.1))
    await office.keeper.look()
    found = await office.recordings.find(call="call-1")
    assert [(one.recording_id, one.state) for one in found] == [
        ("hl-1-9", RecordingState.EMPTY), ("call-1", RecordingState.COMPRESSED),
    ]  # fmt: skip


async def test_a_recording_that_nobody_ended_is_found_and_kept(office: Office) -> None:
    """The service died with the call: no fact says that it ended, the file has come to rest."""
    await office.write(life()[:1])
    path = office.archive.raw_path("call-1")
    path.write_bytes(samples(0.1))
    os.utime(path, (time.time() - 60, time.time() - 60))
    await office.keeper.sweep()
    assert await office.keeper.look() == 1
    assert (await office.row("call-1")).state is RecordingState.COMPRESSED


async def test_a_file_that_no_call_claims_is_kept_until_one_does(office: Office) -> None:
    """The service was away for the whole call: only the dialplan knew of it.  When its facts come
    after all, the recording learns whose it is."""
    path = office.archive.raw_path("call-1")
    path.write_bytes(samples(0.1))
    os.utime(path, (time.time() - 60, time.time() - 60))
    await office.keeper.sweep()
    assert await office.keeper.look() == 1
    assert (await office.row("call-1")).call_id is None
    await office.write(life())
    row = await office.row("call-1")
    assert (row.call_id, row.state) == ("call-1", RecordingState.COMPRESSED)


async def test_being_killed_between_the_row_and_the_file_leaves_nothing_behind(
    office: Office,
) -> None:
    recording = await office.kept()
    path = office.archive.raw_path(recording)
    path.write_bytes(samples(0.5))
    os.utime(path, (time.time() - 60, time.time() - 60))
    await office.keeper.sweep()
    assert not path.exists()


async def test_being_killed_between_the_file_and_the_row_is_done_again(office: Office) -> None:
    recording = await office.call()
    target = office.archive.path("2026/03/14/call-1.flac")
    target.parent.mkdir(parents=True)
    target.write_bytes(b"half of one")
    assert await office.keeper.look() == 1
    row = await office.row(recording)
    assert (row.sha256, row.bytes) == sha256_of(target)


@pytest.mark.parametrize(
    ("tool", "why"),
    [
        ("#!/bin/sh\nexit 3\n", "a tool that fails"),
        ("#!/bin/sh\ncat >/dev/null; head -c 5000 /dev/zero\n", "a tool that writes nonsense"),
        ("#!/bin/sh\nkill -9 $$\n", "a tool that is killed"),
    ],
)
async def test_a_bad_tool_never_costs_the_samples(
    office: Office, monkeypatch: pytest.MonkeyPatch, tool: str, why: str
) -> None:
    """T21: samples go only after what replaces them has been read back and is the same."""
    fake = office.archive.folder.parent / "sox"
    fake.write_text(tool)
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{fake.parent}:{os.environ['PATH']}")
    recording = await office.call(sound=samples(0.2))
    assert await office.keeper.look() == 0, why
    assert (await office.row(recording)).state is RecordingState.FINISHED
    raw = office.archive.raw(recording)
    assert raw is not None and raw.path.read_bytes() == samples(0.2)
    assert office.metric("huling_desk_compression_failures_total") == 1
    assert [path for path in office.archive.folder.rglob("*") if path.is_file()] == []
    # Not again at once: it would hold up the others.
    assert await office.keeper.look() == 0
    assert office.metric("huling_desk_compression_failures_total") == 1


async def test_a_spool_that_cannot_be_read_does_not_end_the_desk(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its work ended by it, and the wallboard and the reports with it."""
    monkeypatch.setattr(keeper, "LOOK_S", 0)
    monkeypatch.setattr(keeper, "SWEEP_S", 0)
    loop, looked_again = asyncio.get_running_loop(), asyncio.Event()
    answers = [PermissionError(13, os.strerror(13))]

    def raws() -> Iterator[RawFile]:
        if answers:
            raise answers.pop()
        loop.call_soon_threadsafe(looked_again.set)
        return iter(())

    monkeypatch.setattr(office.archive, "raws", raws)
    running = asyncio.create_task(office.keeper.run())
    again = asyncio.create_task(looked_again.wait())
    await asyncio.wait({running, again}, return_when=asyncio.FIRST_COMPLETED, timeout=60)
    assert looked_again.is_set() and not running.done()
    running.cancel()


async def test_a_missing_tool_is_told_and_costs_nothing(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    recording = await office.call()
    assert await office.keeper.look() == 0
    assert (await office.row(recording)).state is RecordingState.FINISHED


async def test_too_little_room_raises_an_alarm_and_its_end_ends_it(office: Office) -> None:
    """A full disk is told before it is full: the limit is above what is free, then below it."""
    free = office.archive.free_bytes()
    assert set(free) == {"spool", "archive"}
    tight = Keeper(office.recordings, office.archive, office.metrics, free_bytes_min=1 << 62)
    await tight.watch()
    assert office.metric("huling_desk_disk_alarm", folder="archive") == 1
    await office.keeper.watch()
    assert office.metric("huling_desk_disk_alarm", folder="archive") == 0


async def test_a_compression_that_hangs_is_ended(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = office.archive.folder.parent / "sox"
    fake.write_text("#!/bin/sh\nexec sleep 600\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{fake.parent}:{os.environ['PATH']}")
    monkeypatch.setattr(compression, "TIME_MAX_S", 0.2)
    await office.call()
    assert await office.keeper.look() == 0


@pytest.mark.parametrize("name", ["../x", "a/b", "", ".hidden", "a\nb", "x" * 200])
def test_what_is_no_id_leads_to_no_file(office: Office, name: str) -> None:
    with pytest.raises(ValueError, match="not the id of a recording"):
        office.archive.raw_path(name)


def test_a_name_cannot_lead_out_of_the_archive(office: Office) -> None:
    with pytest.raises(ValueError, match="outside"):
        office.archive.path("../../etc/passwd")


def test_a_day_begins_in_china(office: Office) -> None:
    """The folder of a call at 00:30 in Shanghai is that day's, though it is still yesterday in
    UTC."""
    from datetime import UTC, datetime

    at = datetime(2026, 3, 13, 16, 30, tzinfo=UTC)
    assert office.archive.new_file("x", at) == "2026/03/14/x.flac"
    assert (
        Archive(spool=office.archive.spool, archive=office.archive.folder)
        .new_file("x", at - timedelta(minutes=31))
        .startswith("2026/03/13/")
    )
