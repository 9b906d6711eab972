"""docs/architecture.md says where to find every module of the core, the adapters and the runtime,
and names none that is gone."""

import re
from pathlib import Path

import pytest

REPO = Path(__file__).parents[2]
PAGE = REPO / "docs" / "architecture.md"
_FILE = re.compile(r"`((?:acd|tests|servers|dialplan)/[\w./-]+\.\w+)`")

house = pytest.mark.parametrize("house", ["acd/core", "acd/adapters", "acd/runtime"])


def in_the_table(house: str) -> set[tuple[str, str]]:
    """Folder and name of every module in the table; a row without a folder is of the one above."""
    page = PAGE.read_text(encoding="utf-8")
    rows = page.partition(f"Where to find what in `{house}`:\n\n")[2].partition("\n\n")[0]
    found, room = set(), ""
    for row in rows.splitlines()[2:]:
        _, folder, _, files, _ = row.split("|")
        room = folder.strip(" `/") or room
        # A module's name stands first in its cell, or behind a comma, a dot or "and".
        found |= {(room, name) for name in re.findall(r"(?:^ |, |[·:] | and )`(\w+)`", files)}
    return found


def in_the(house: str) -> set[tuple[str, str]]:
    folder = REPO / house
    return {
        (house if file.parent == folder else file.parent.name, file.stem)
        for file in folder.rglob("*.py")
        if file.stem != "__init__"
    }


@house
def test_every_module_is_in_the_table_with_its_room(house: str) -> None:
    assert in_the(house) - in_the_table(house) == set()


@house
def test_no_module_is_in_the_table_that_is_not_there(house: str) -> None:
    assert in_the_table(house) - in_the(house) == set()


def test_every_file_that_the_page_names_is_there() -> None:
    named = _FILE.findall(PAGE.read_text(encoding="utf-8"))

    assert len(named) > 10
    assert {name for name in named if not (REPO / name).is_file()} == set()
