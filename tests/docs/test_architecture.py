"""docs/architecture.md says where to find every module of the core, and names none that is gone."""

import re
from pathlib import Path

REPO = Path(__file__).parents[2]
CORE = REPO / "acd" / "core"
PAGE = REPO / "docs" / "architecture.md"
_FILE = re.compile(r"`((?:acd|tests|servers|dialplan)/[\w./-]+\.\w+)`")


def table() -> str:
    """The rows that say what stands in which file of the core."""
    page = PAGE.read_text(encoding="utf-8")
    return page.partition("Where to find what in `acd/core`:")[2].partition("\n## ")[0]


def modules() -> set[str]:
    return {file.stem for file in CORE.rglob("*.py")} - {"__init__"}


def test_every_module_of_the_core_is_in_the_table() -> None:
    named = set(re.findall(r"`(\w+)`", table()))

    assert modules() - named == set()


def test_no_module_is_in_the_table_that_is_not_in_the_core() -> None:
    # A module's name stands first in a cell, or behind a comma, a dot or "and".
    named = set(re.findall(r"(?:\| |, | · | and )`(\w+)`", table()))

    assert named - modules() == set()


def test_every_file_that_the_page_names_is_there() -> None:
    named = _FILE.findall(PAGE.read_text(encoding="utf-8"))

    assert len(named) > 10
    assert {name for name in named if not (REPO / name).is_file()} == set()
