"""The machine is lost, and the continuous archive brings the database back (X02, X03, K04)."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from acd.adapters.postgres.database import open_pool
from acd.adapters.postgres.migration import migrate
from acd.adapters.postgres.record_check import check_records
from acd.adapters.postgres.records import PostgresRecords
from acd.runtime.settings import Settings
from servers import backup
from servers.backup import bring_back
from servers.settings import settled
from servers.stack import Stack
from servers.steps import Refusal
from tests.postgres.test_records import life, numbered

MARCH = datetime(2026, 3, 14, 2, 30, tzinfo=UTC)


@pytest.fixture
def place() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="huling-backup-"))
    yield folder
    shutil.rmtree(folder)


async def write_calls(url: str, first: int, count: int) -> None:
    pool = await open_pool(url)
    records = PostgresRecords(pool)
    for n in range(first, first + count):
        arrival = MARCH + timedelta(minutes=n)
        await records.write(n + 1, [*numbered(life(f"call-{n}", arrival))])
    await pool.close()


def test_a_lost_machine_comes_back_with_what_came_after_the_last_copy(
    settings: Settings, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Calls of before and after the copy of the cluster; then the whole run folder is gone, its
    passwords too. What comes back passes every record check, and PostgreSQL goes on. Recordings and
    messages of the cold backup beside it come too: `make restore` left every one missing."""
    settings = settled(settings.model_copy(update={"backup_dir": place}))
    with Stack(settings, servers={"postgres"}, quiet=True) as stack:
        asyncio.run(migrate(stack.database_url))
        asyncio.run(write_calls(stack.database_url, 0, 2))
        stack.postgres.backrest("backup")
        asyncio.run(write_calls(stack.database_url, 2, 3))
        stack.postgres.backrest("check")  # ends the piece of the log, and waits for its archiving
        with pytest.raises(Refusal, match="is not empty"):
            bring_back(stack.postgres)
        stack.kill("postgres")
    for entry in settings.run_dir.iterdir():
        shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    for name in ("recordings/2026/03/14/n1-1.flac", "messages/hl-m1.wav"):
        (place / name).parent.mkdir(parents=True)
        (place / name).write_text(name)

    monkeypatch.setattr(backup, "load", lambda: settings)
    assert backup.restore() == 0
    recording = settings.recordings_archive_dir / "2026/03/14/n1-1.flac"
    assert recording.read_text() == "recordings/2026/03/14/n1-1.flac"
    assert (settings.messages_spool_dir / "hl-m1.wav").read_text() == "messages/hl-m1.wav"
    with Stack(settings, servers={"postgres"}, quiet=True) as stack:
        found = asyncio.run(check_records(stack.database_url))
        assert (found.calls, found.wrong) == (5, ())
        asyncio.run(write_calls(stack.database_url, 5, 1))
        stack.postgres.backrest("check")  # its archive goes on too, on a new timeline
        assert asyncio.run(check_records(stack.database_url)).calls == 6
