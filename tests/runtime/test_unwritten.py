"""What PostgreSQL lacks of the last life: when it is left to a person, and is said so.

That it is written: tests/switch/test_recovery.py.
"""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from structlog.testing import capture_logs

from acd.runtime.role import Role
from acd.runtime.settings import Settings
from acd.runtime.shortfall import Shortfall
from acd.runtime.start import unwritten
from acd.runtime.start.parts import Owned, Prepared


async def left_to_a_person(folder: Path, *, heard_epoch: int) -> list[str]:
    """Begin a life beside what PostgreSQL lacks of life 7; return why that was not written."""
    Shortfall(folder).note(7, 1)
    settings = SimpleNamespace(journal_dir=folder, keys=Settings.model_construct().keys)
    with capture_logs() as logs:
        await unwritten.write_unwritten(
            cast(Settings, settings),
            Role(),
            cast(Prepared, SimpleNamespace()),
            cast(Owned, SimpleNamespace(heard_epoch=heard_epoch)),
        )
    assert Shortfall(folder).read() is None, "it is said once"
    return [cast(Any, one)["why"] for one in logs if one["log_level"] == "error"]


async def test_a_life_whose_place_another_has_taken_is_not_written_by_itself(
    tmp_path: Path,
) -> None:
    """The rows may be of what that one found out."""
    assert await left_to_a_person(tmp_path, heard_epoch=8) == ["another service has served since"]


async def test_a_journal_that_is_gone_or_too_large_does_not_hold_up_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await left_to_a_person(tmp_path, heard_epoch=7) == ["its journal is gone"]
    monkeypatch.setattr(unwritten, "BYTES_MAX", 3)
    (tmp_path / "1-000007.journal").write_bytes(b"long")
    (why,) = await left_to_a_person(tmp_path, heard_epoch=7)
    assert why == "1-000007.journal is too large to be waited for"
    monkeypatch.setattr(unwritten, "BYTES_MAX", 4)
    (why,) = await left_to_a_person(tmp_path, heard_epoch=7)
    assert "is no journal" in why


def test_a_note_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    """It was taken for none: what is lacking stayed so, and nobody heard of it."""
    shortfall = Shortfall(tmp_path)
    shortfall.note(7, 1)
    assert shortfall.read() == (7, 1)
    (note,) = tmp_path.iterdir()
    note.write_bytes(b"")
    with capture_logs() as logs:
        assert shortfall.read() is None
    assert [one["log_level"] for one in logs] == ["error"]
    note.unlink()
    with capture_logs() as logs:
        assert shortfall.read() is None
    assert logs == []


async def test_a_journal_that_cannot_be_decided_again_does_not_keep_the_house_from_starting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next start would meet it too, and the next: nobody would answer any more."""

    def fails(*_: object, **__: object) -> None:
        raise AssertionError("a defect of the core's")

    (tmp_path / "1-000007.journal").write_bytes(b"long")
    monkeypatch.setattr(unwritten, "replay", fails)
    assert await left_to_a_person(tmp_path, heard_epoch=7) == ["a defect"]
