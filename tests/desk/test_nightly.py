"""The archive in the night: what is missing or altered is told, what is old is deleted, and what is
held stays (T21, C19, X06)."""

from datetime import UTC, datetime, timedelta

import pytest

from acd.adapters.postgres.recordings import RecordingState
from acd.desk.archive import CHINA
from acd.desk.nightly import months_before, until_next
from tests.desk.office import Office

MARCH = datetime(2026, 3, 14, 2, 30, tzinfo=UTC)


async def test_every_recording_is_looked_at_again(office: Office) -> None:
    """T21, X06: one whole, one altered by a single bit, one gone; each is told by its name, the
    next night again, and a file that comes back from the backup is whole again."""
    ids = [await office.kept(f"call-{n}", arrival=MARCH + timedelta(minutes=n)) for n in range(3)]
    rows = [await office.row(one) for one in ids]
    paths = [office.archive.path(row.file or "") for row in rows]
    whole = paths[1].read_bytes()
    paths[1].write_bytes(whole[:200] + bytes([whole[200] ^ 1]) + whole[201:])
    gone = paths[2].read_bytes()
    paths[2].unlink()
    for _ in range(2):
        found = await office.nightly.verify()
        assert found == {
            RecordingState.VERIFIED: 1, RecordingState.ALTERED: 1, RecordingState.MISSING: 1,
        }  # fmt: skip
        states = [(await office.row(one)).state for one in ids]
        assert states == ["verified", "altered", "missing"]
    await office.keeper.watch()
    assert office.metric("huling_desk_recordings", state="altered") == 1
    assert office.metric("huling_desk_recordings_verified_total", result="missing") == 2
    paths[1].write_bytes(whole)
    paths[2].write_bytes(gone)
    assert await office.nightly.verify() == {RecordingState.VERIFIED: 3}


async def test_a_short_night_goes_on_where_it_stopped(office: Office) -> None:
    """The longest unchecked come first, so that a night without time never starves one file."""
    first = await office.kept("call-1")
    assert await office.nightly.verify() == {RecordingState.VERIFIED: 1}
    second = await office.kept("call-2", arrival=MARCH + timedelta(minutes=1))
    order = await office.recordings.to_verify(checked_before=datetime.now(UTC), limit=10)
    assert [one.recording_id for one in order] == [second, first]
    assert (await office.nightly.verify(0.0)).total() == 0


async def test_what_is_older_than_36_months_is_deleted_and_that_is_written_down(
    office: Office,
) -> None:
    """T21, C19: a second before its 36 months are over it stays, then it goes: overwritten, its row
    and its digest kept, and the audit says so."""
    recording = await office.kept()
    row = await office.row(recording)
    path = office.archive.path(row.file or "")
    begins = datetime(2029, 3, 14, 10, 30, tzinfo=CHINA)
    assert await office.nightly.delete_old(begins) == 0
    assert path.exists()
    assert await office.nightly.delete_old(begins + timedelta(seconds=1)) == 1
    assert not path.exists()
    after = await office.row(recording)
    assert (after.state, after.sha256) == (RecordingState.DELETED, row.sha256)
    assert after.deleted_why == "older than 36 months"
    (note,) = await office.audit.find(subject=recording)
    assert (note.who, note.action, note.details["file"]) == ("desk", "delete", "overwritten")
    assert await office.nightly.delete_old(begins + timedelta(seconds=1)) == 0


async def test_what_is_on_hold_stays_however_old(office: Office) -> None:
    """C19: a legal hold outlives every time limit; released, it goes like any other."""
    recording = await office.kept()
    late = MARCH + timedelta(days=20 * 366)
    assert await office.recordings.hold(recording, at=MARCH, who="法务", why="诉讼 2026-17")
    assert await office.nightly.delete_old(late) == 0
    assert not await office.recordings.deleted(recording, at=late, why="a race with the hold")
    assert await office.recordings.release(recording)
    assert await office.nightly.delete_old(late) == 1


async def test_what_was_written_down_of_a_call_is_erased_with_recordings_of_its_age(
    office: Office,
) -> None:
    """D06, C19: after 36 months the words are gone, who wrote when stays, the audit says so; of a
    call whose recording is held they stay."""
    held, _ = [await office.kept(call, arrival=MARCH) for call in ("call-1", "call-2")]
    for call in ("call-1", "call-2"):
        assert await office.notes.add(call, agent="8003", category="enquiry", words="问助餐点")
    assert await office.recordings.hold(held, at=MARCH, who="法务", why="诉讼 2026-17")
    written = (await office.notes.of_call("call-2"))[0].at
    assert await office.nightly.erase_old_words(written + timedelta(days=3 * 365)) == 0
    late = written + timedelta(days=3 * 366)
    assert await office.nightly.erase_old_words(late) == 1
    (gone,), (stays,) = [await office.notes.of_call(call) for call in ("call-2", "call-1")]
    assert (gone.words, gone.erased_at, gone.agent, gone.at) == (None, late, "8003", written)
    assert stays.words == "问助餐点"
    (noted,) = [one for one in await office.audit.find() if one.action == "erase notes"]
    assert noted.details == {"why": "older than 36 months", "notes": "1"}
    assert await office.recordings.release(held)
    assert await office.nightly.erase_old_words(late) == 1


async def test_a_file_left_by_a_crash_goes_the_next_night(office: Office) -> None:
    """The row was marked, and then the machine died before the file was overwritten."""
    recording = await office.kept()
    path = office.archive.path((await office.row(recording)).file or "")
    now = datetime.now(UTC)
    assert await office.recordings.deleted(recording, at=now, why="test")
    assert path.exists()
    await office.nightly.delete_old(now)
    assert not path.exists()


async def test_an_unheard_recording_is_not_deleted_before_it_is_kept(office: Office) -> None:
    """What waits for compression is never old enough to go."""
    await office.call(arrival=datetime(2020, 1, 1, tzinfo=UTC))
    assert await office.nightly.delete_old() == 0


async def test_the_audit_cannot_be_changed(office: Office) -> None:
    """X10: by whoever has the desk's own database user."""
    await office.audit.note(who="x", address=None, action="play", subject=None, details={})
    for statement in ("UPDATE audit SET who = 'y'", "DELETE FROM audit", "TRUNCATE audit"):
        with pytest.raises(Exception, match="only added to"):
            await office.pool.execute(statement)


@pytest.mark.parametrize(
    ("moment", "months", "expected"),
    [
        ("2026-03-14", 36, "2023-03-14"),
        ("2026-01-31", 36, "2023-01-31"),
        ("2028-02-29", 36, "2025-02-28"),
        ("2026-05-31", 37, "2023-04-30"),
        ("2026-01-01", 12, "2025-01-01"),
        ("2026-01-01", 1, "2025-12-01"),
    ],
)
def test_months_are_the_calendars(moment: str, months: int, expected: str) -> None:
    at = datetime.fromisoformat(moment).replace(hour=12, tzinfo=CHINA)
    assert months_before(at, months).date().isoformat() == expected


@pytest.mark.parametrize(
    ("now", "hours"), [("2026-03-14T02:00", 1), ("2026-03-14T03:00", 24), ("2026-03-14T23:00", 4)]
)
def test_the_night_begins_at_three(now: str, hours: int) -> None:
    at = datetime.fromisoformat(now).replace(tzinfo=CHINA)
    assert until_next(at) == timedelta(hours=hours)
