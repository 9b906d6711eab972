"""docs/acd-proofs.md is true: each rule and mode of the code has a row, each test is there, and
each failure of a peer is named by a test that shows it."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from acd.core.directory import SeatMode, Selection
from acd.core.events import Watching
from acd.core.facts import TransferKind
from tests.docs.test_clauses import broken_references, names_of_tests

REPO = Path(__file__).resolve().parents[2]
PAGE = REPO / "docs" / "acd-proofs.md"

SECTIONS: dict[str, set[str]] = {
    "Selection: who is rung": {*Selection},
    "Treatments: what a caller hears": set(),
    "Transfers and conferences": {*TransferKind},
    "Supervisors": {*Watching},
    "Seats: how a call reaches them": {*SeatMode},
}
"""Sections by kind of thing, with the values of the code that must stand there."""
FAILURES, MISTAKES = "Failures of other switches", "What people do wrong"
FAILURES_LAST = 24
_ISSUE = re.compile(r"(?:^|, )((?:\w+(?: [\w-]+)?|kazoo PR |wazo-calld PR )#\d+)")
_NOT_NUMBERED = ("Huawei", "BT 999", "Intrado", "NHS Highland")
"""Failures that have a name and no issue."""

_TEST = re.compile(r"`(tests/[\w./-]+\.py)::(\w+)`")

Rows = list[list[str]]


def sections() -> dict[str, Rows]:
    """The cells of every row, by the heading above it."""
    found: dict[str, Rows] = {}
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            found[line[3:]] = []
        elif line.startswith("| "):
            found[list(found)[-1]].append([cell.strip() for cell in line.strip("| ").split(" | ")])
    return {heading: rows[1:] for heading, rows in found.items()}


def wrong_names(where: str, tests: list[tuple[str, str]]) -> list[str]:
    """The issues and names of a row that none of its tests says."""
    said = " ".join(source_of(*test) for test in tests)
    wrong = [str(issue) for issue in _ISSUE.findall(where) if not is_named(issue, said)]
    return wrong + [name for name in _NOT_NUMBERED if name in where and name not in said]


def is_named(issue: str, said: str) -> bool:
    """Whether a text names an issue; of several of one project the name is written once."""
    project, _, number = issue.partition("#")
    return project.strip() in said and re.search(rf"#{number}\b", said) is not None


@cache
def source_of(path: str, name: str) -> str:
    text = (REPO / path).read_text(encoding="utf-8")
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == name:
            return " ".join((ast.get_source_segment(text, node) or "").split())
    return ""


@pytest.mark.parametrize("heading", SECTIONS)
def test_each_rule_and_mode_has_a_row_and_a_test_on_the_real_switch(heading: str) -> None:
    rows = sections()[heading]
    named = {match[1] for row in rows if (match := re.match(r"`(\w+)`", row[0]))}
    assert named == SECTIONS[heading]
    for what, _, switch, phone in rows:
        on_switch = _TEST.findall(switch) + _TEST.findall(phone)
        if what.startswith("`"):
            assert on_switch, f"{what} has no test on the real switch"
        assert all(path.startswith(("tests/switch/", "tests/softphone/")) for path, _ in on_switch)
        assert all(path.startswith("tests/softphone/") for path, _ in _TEST.findall(phone))
    assert any(_TEST.search(row[3]) for row in rows), f"nothing with a real softphone: {heading}"


def test_every_test_is_there_and_every_row_has_one() -> None:
    assert set(sections()) == {*SECTIONS, FAILURES, MISTAKES}
    for rows in sections().values():
        for row in rows:
            assert _TEST.search(" ".join(row)), f"no test: {row[0]}"
            assert broken_references(" ".join(row)) == []


def test_every_failure_is_named_by_a_test_that_shows_it() -> None:
    rows = sections()[FAILURES]
    assert [row[0] for row in rows] == [str(n) for n in range(1, FAILURES_LAST + 1)]
    assert {
        row[0]: wrong for row in rows if (wrong := wrong_names(row[1], _TEST.findall(row[3])))
    } == {}


def test_this_file_would_see_what_is_missing() -> None:
    here = ("tests/docs/test_acd_proofs.py", "test_this_file_would_see_what_is_missing")
    assert here[1] in names_of_tests(REPO / here[0])
    assert _ISSUE.findall("asterisk#1, kazoo PR #6609, FreePBX issue-tracker#621") == [
        "asterisk#1",
        "kazoo PR #6609",
        "FreePBX issue-tracker#621",
    ]
    assert is_named("asterisk#607", "asterisk#1006, #607") and not is_named("asterisk#60", "#607")
    assert not is_named("kazoo PR #6609", "#6609")
