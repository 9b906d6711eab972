"""docs/architecture.md says where to find every module of the core, and names none that is gone."""

import re
from pathlib import Path

REPO = Path(__file__).parents[2]
CORE = REPO / "acd" / "core"
PAGE = REPO / "docs" / "architecture.md"
_FILE = re.compile(r"`((?:acd|tests|servers|dialplan)/[\w./-]+\.\w+)`")


def in_the_table() -> set[tuple[str, str]]:
    """Folder and name of every module in the table; a row without a folder is of the one above."""
    page = PAGE.read_text(encoding="utf-8")
    rows = page.partition("Where to find what in `acd/core`:\n\n")[2].partition("\n\n")[0]
    found, room = set(), ""
    for row in rows.splitlines()[2:]:
        _, folder, _, files, _ = row.split("|")
        room = folder.strip(" `/") or room
        # A module's name stands first in its cell, or behind a comma, a dot or "and".
        found |= {(room, name) for name in re.findall(r"(?:^ |, |[·:] | and )`(\w+)`", files)}
    return found


def in_the_core() -> set[tuple[str, str]]:
    return {
        ("acd/core" if file.parent == CORE else file.parent.name, file.stem)
        for file in CORE.rglob("*.py")
        if file.stem != "__init__"
    }


def test_every_module_of_the_core_is_in_the_table_with_its_room() -> None:
    assert in_the_core() - in_the_table() == set()


def test_no_module_is_in_the_table_that_is_not_in_the_core() -> None:
    assert in_the_table() - in_the_core() == set()


def test_every_file_that_the_page_names_is_there() -> None:
    named = _FILE.findall(PAGE.read_text(encoding="utf-8"))

    assert len(named) > 10
    assert {name for name in named if not (REPO / name).is_file()} == set()
