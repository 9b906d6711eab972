"""A backup is rehearsed: taken, brought into an empty database, checked (X02, X03, X04, K04)."""

import asyncio
import fcntl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import structlog

from acd.adapters.postgres.database import connect
from acd.adapters.postgres.record_check import check_records
from acd.desk.archive import Archive, sha256_of
from acd.desk.backup import DUMP, Backup, BackupFailed, checked, newest, restore
from acd.desk.nightly import Nightly
from acd.runtime.credentials import ConfigurationError
from tests.desk.office import Office

NOW = datetime(2026, 11, 29, 19, 0, tzinfo=UTC)
MARCH = datetime(2026, 3, 14, 2, 30, tzinfo=UTC)


def backup_of(office: Office, dsn: str, *places: Path, keep_days: int = 30) -> Backup:
    return Backup(
        dsn,
        office.recordings,
        office.archive,
        messages=office.archive.spool.parent / "messages",
        places=places,
        keep_days=keep_days,
    )


async def test_a_backup_comes_back_whole_into_an_empty_database(
    office: Office, database_url: str, empty_url: str, tmp_path: Path
) -> None:
    """The house is gone but for the place elsewhere: every row is back, what the facts say and what
    the rows say agree, and every recording is what was said."""
    ids = [await office.kept(f"call-{n}", arrival=MARCH + timedelta(minutes=n)) for n in range(3)]
    near, elsewhere = tmp_path / "near", tmp_path / "elsewhere"
    elsewhere.mkdir()
    said = office.archive.spool.parent / "messages"
    said.mkdir()
    (said / "hl-m1.wav").write_bytes(b"after the beep")
    backup = backup_of(office, database_url, near, elsewhere)
    made = await backup.run(NOW)
    assert made == near / "cold" / "20261129T190000Z"
    await office.kept("call-9", arrival=MARCH + timedelta(hours=1))

    again = Archive(spool=tmp_path / "nowhere", archive=tmp_path / "archive-again")
    found, restored, lost = await restore(
        elsewhere / "cold" / made.name, empty_url, again, messages=tmp_path / "said-again"
    )
    assert (found.calls, found.wrong, restored, lost) == (3, (), 3, [])
    assert (tmp_path / "said-again" / "hl-m1.wav").read_bytes() == b"after the beep"
    for one in ids:
        row = await office.row(one)
        assert row.file is not None
        assert sha256_of(again.path(row.file))[0] == row.sha256
    assert (await check_records(database_url)).calls == 4, "later than the backup"


async def test_a_backup_asked_for_while_the_desk_makes_its_own_waits_and_is_made(
    office: Office, database_url: str, tmp_path: Path
) -> None:
    """The desk makes one at its start: `make backup` right afterwards was refused."""
    near = tmp_path / "near"
    near.mkdir()
    with (near / ".lock").open("w") as desks, structlog.testing.capture_logs() as said:
        fcntl.flock(desks, fcntl.LOCK_EX)
        asked = asyncio.create_task(backup_of(office, database_url, near).run(NOW))
        async with asyncio.timeout(30):
            while not said:  # noqa: ASYNC110 (a log, which tells nobody)
                await asyncio.sleep(0)
        assert said[0]["event"] == "Another backup is being made; waiting for its end."
        assert not (near / "cold").exists()
        fcntl.flock(desks, fcntl.LOCK_UN)
        made = await asked
    checked(made)


async def test_a_damaged_or_unfinished_backup_is_refused_and_nothing_is_done(
    office: Office, database_url: str, empty_url: str, tmp_path: Path
) -> None:
    made = await backup_of(office, database_url, tmp_path / "near").run(NOW)
    whole = (made / DUMP).read_bytes()
    (made / DUMP).write_bytes(whole[:500] + bytes([whole[500] ^ 1]) + whole[501:])
    with pytest.raises(ConfigurationError, match="not what was written"):
        await restore(made, empty_url, office.archive, messages=tmp_path)
    (made / "manifest.json").unlink()
    with pytest.raises(ConfigurationError, match=r"no manifest\.json"):
        checked(made)
    connection = await connect(empty_url)
    try:
        tables = await connection.fetchval(
            "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
        )
    finally:
        await connection.close()
    assert tables == 0


async def test_a_database_that_is_not_empty_is_never_restored_into(
    office: Office, database_url: str, tmp_path: Path
) -> None:
    await office.kept()
    made = await backup_of(office, database_url, tmp_path / "near").run(NOW)
    with pytest.raises(ConfigurationError, match="tables already"):
        await restore(made, database_url, office.archive, messages=tmp_path)
    assert (await check_records(database_url)).calls == 1


async def test_a_place_that_is_away_costs_the_near_one_nothing_and_is_told(
    office: Office, database_url: str, tmp_path: Path
) -> None:
    await office.kept()
    near, away = tmp_path / "near", tmp_path / "away"
    backup = backup_of(office, database_url, near, away)
    with pytest.raises(BackupFailed, match="away is not there"):
        await backup.run(NOW)
    assert checked(near / "cold" / "20261129T190000Z").created_at == NOW
    assert (backup.newest(near) is not None, backup.newest(away)) == (True, None)
    away.mkdir()
    await backup.run(NOW + timedelta(days=1))
    assert len([*(away / "recordings").rglob("*.flac")]) == 1


async def test_only_what_was_written_is_copied_and_a_good_copy_is_never_replaced(
    office: Office, database_url: str, tmp_path: Path
) -> None:
    """X06: the archive's disk spoils a file: the copy of the night before stays as it was, and one
    that was spoilt before it was ever copied is told by its name."""
    first = await office.kept("call-1")
    backup = backup_of(office, database_url, tmp_path / "near")
    await backup.run(NOW)
    second = await office.kept("call-2", arrival=MARCH + timedelta(minutes=1))
    rows = [await office.row(one) for one in (first, second)]
    for row in rows:
        path = office.archive.path(row.file or "")
        path.write_bytes(bytes([path.read_bytes()[0] ^ 1]) + path.read_bytes()[1:])
    with pytest.raises(BackupFailed, match=f"^{second} is not what was written; not copied$"):
        await backup.run(NOW + timedelta(days=1))
    copies = [tmp_path / "near" / "recordings" / (row.file or "") for row in rows]
    assert sha256_of(copies[0])[0] == rows[0].sha256
    assert not copies[1].exists()


async def test_what_was_deleted_is_deleted_in_the_copies_too(
    office: Office, database_url: str, tmp_path: Path
) -> None:
    """C19: 36 months are over everywhere at once."""
    await office.kept()
    backup = backup_of(office, database_url, tmp_path / "near")
    await backup.run(NOW)
    assert len([*(tmp_path / "near" / "recordings").rglob("*.flac")]) == 1
    deleted_at = datetime(2029, 4, 1, tzinfo=UTC)
    assert await office.nightly.delete_old(deleted_at) == 1
    await backup.run(deleted_at + timedelta(days=1))
    assert not [*(tmp_path / "near" / "recordings").rglob("*.flac")]


async def test_old_dumps_go_and_the_last_one_stays(
    office: Office, database_url: str, tmp_path: Path
) -> None:
    near = tmp_path / "near"
    backup = backup_of(office, database_url, near, keep_days=30)
    for days in (0, 20, 31):
        await backup.run(NOW + timedelta(days=days))
    names = sorted(folder.name for folder in (near / "cold").iterdir())
    assert names == ["20261219T190000Z", "20261230T190000Z"]


def test_an_older_pg_restore_that_stands_first_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A host's own PostgreSQL 15 was taken for a dump of 18: "unsupported version (1.16)"."""
    for name, version in (
        ("host", "15.13 (Debian 15.13-0+deb12u1)"),
        ("ours", "18.1"),
        ("b", "9.6"),
    ):
        program = tmp_path / name / "pg_restore"
        program.parent.mkdir()
        program.write_text(f"#!/bin/sh\necho 'pg_restore (PostgreSQL) {version}'\n")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}/host:{tmp_path}/ours:{tmp_path}/b")
    assert newest("pg_restore") == str(tmp_path / "ours" / "pg_restore")
    assert newest("pg_dump") == "pg_dump"


async def test_without_the_program_nothing_looks_like_a_backup(
    office: Office, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "bin" / "pg_dump"
    broken.parent.mkdir()
    broken.write_text(
        "#!/bin/sh\n[ $1 = --version ] && exec echo 99\n"
        "echo half a dump\necho 'no such table' >&2\nexit 1\n"
    )
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", f"{broken.parent}:/usr/bin:/bin")
    backup = backup_of(office, database_url, tmp_path / "near")
    with pytest.raises(BackupFailed, match="pg_dump failed: no such table"):
        await backup.run(NOW)
    assert backup.newest(tmp_path / "near") is None


async def test_the_desk_tells_how_old_its_backups_are(
    office: Office, database_url: str, tmp_path: Path
) -> None:
    """T18: a backup that does not come about must not be noticed on the day it is needed."""
    near, away = tmp_path / "near", tmp_path / "away"
    nightly = Nightly(
        office.recordings,
        office.notes,
        office.offline,
        office.audit,
        office.archive,
        office.metrics,
        keep_months=36,
        verify_s=60.0,
        backup=backup_of(office, database_url, near, away),
    )

    def made(place: Path) -> float:
        return office.metric("huling_desk_last_backup_timestamp_seconds", place=str(place))

    assert nightly.show_backups(NOW), "one is due at once"
    assert (made(near), made(away)) == (0, 0)
    away.mkdir()
    await nightly.back_up(NOW)
    assert (made(near), made(away)) == (NOW.timestamp(), NOW.timestamp())
    assert not nightly.show_backups(NOW + timedelta(hours=23))
    assert nightly.show_backups(NOW + timedelta(hours=25))
    away.rename(tmp_path / "moved")
    await nightly.back_up(NOW + timedelta(days=1))
    assert (made(near), made(away)) == (NOW.timestamp() + 86_400, 0)
    assert office.metric("huling_desk_backup_failures_total") == 1
