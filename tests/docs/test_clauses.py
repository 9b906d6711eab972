"""docs/clauses.md is true: every clause once, under a mark that means something, every reference
leads somewhere, and the page's own counts are those of its rows."""

import ast
import re
from collections import Counter
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]
PAGE = REPO / "docs" / "clauses.md"

# How many clauses each chapter has. Numbers never change; new ones are added at the end.
LAST = {
    "T": 41, "V": 18, "E": 49, "D": 28, "W": 52, "F": 39, "U": 14, "O": 13,
    "Q": 21, "K": 12, "P": 8, "G": 6, "X": 15, "H": 16, "C": 30,
}  # fmt: skip
LOST_TABLES = 11

# Where clauses are cited, and words there that look like a clause and are not:
# percentiles, and the audio format L16.
CITING = (
    "acd", "asterisk-conf", "bench", "dialplan", "docker", "migrations", "prompts", "servers",
    "tests",
)  # fmt: skip
CITING_SUFFIXES = {".py", ".yaml", ".yml", ".sql", ".conf", ".toml", ".sh", ".xml", ".md"}
NOT_CLAUSES = {"P50", "P90", "P95", "P99", "L16"}

OWNERS = ("order desk", "data keeper", "quality office", "staff office", "house", "provider")
"""Whose a clause may be when it is not the switch's; the page says what each of them is."""

_ROW = re.compile(r"\| ([A-Z]\d{1,2}) \| (.+) \| (.+) \|")
_TEST = r"`(tests/[\w./-]+\.py::\w+(?:::\w+)?)`"
_TESTS = rf"{_TEST}(?:, {_TEST})*"
_MARKS = {
    "shown": re.compile(_TESTS),
    "in part": re.compile(rf"open, in part {_TESTS}; lacking: \S(?:.*[^\s.])?"),
    "open": re.compile("open"),
    "another's": re.compile(rf"the (?:{'|'.join(OWNERS)})'s: \S(?:.*[^\s.])?"),
}
"""In the order of the page's columns of counts."""

_LINK = re.compile(r"\]\(([^)#]+)[^)]*\)")
_CITED = re.compile(r"(?<![\w#%\\.-])(?:[TVEDWFUOQKPGXHC]\d{2}|L\d{1,2})(?![\w-])")


def rows_of(text: str) -> list[tuple[str, str, str]]:
    """(number, what it asks, shown by) of every row, also of rows that are not well formed."""
    rows = []
    for line in text.splitlines():
        if re.match(r"\|\s*[A-Z]\d", line):
            match = _ROW.fullmatch(line)
            assert match, f"not `| number | what it asks | shown by |`: {line}"
            rows.append((match[1], match[2], match[3]))
    return rows


def numbers() -> list[str]:
    """Every clause's number, in order."""
    chapters = [f"{letter}{n:02d}" for letter, last in LAST.items() for n in range(1, last + 1)]
    return chapters + [f"L{n}" for n in range(1, LOST_TABLES + 1)]


def names_of_tests(file: Path) -> set[str]:
    """The test functions of a file, methods as Class::method, without importing it."""
    found = set()
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.ClassDef):
            found |= {
                f"{node.name}::{inner.name}"
                for inner in node.body
                if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef)
            }
    return {name for name in found if name.split("::")[-1].startswith("test")}


def mark_of(shown: str) -> str | None:
    """The name of the mark under which a clause stands; None for what is none."""
    return next((name for name, form in _MARKS.items() if form.fullmatch(shown)), None)


def counts_of(rows: list[tuple[str, str, str]]) -> str:
    """The table of counts as the page should have it."""
    marks = [(number[0], mark_of(shown)) for number, _, shown in rows]
    lines = ["| chapter | clauses | " + " | ".join(_MARKS) + " |", "|---|" + "---|" * 5]
    for chapter in dict.fromkeys(letter for letter, _ in marks):
        counts = Counter(mark for letter, mark in marks if letter == chapter)
        cells = [counts.total(), *(counts[mark] for mark in _MARKS)]
        lines.append(f"| {chapter} | " + " | ".join(map(str, cells)) + " |")
    whole = Counter(mark for _, mark in marks)
    cells = [whole.total(), *(whole[mark] for mark in _MARKS)]
    lines.append("| all | " + " | ".join(map(str, cells)) + " |")
    return "\n".join(lines)


def broken_references(shown: str) -> list[str]:
    """The cited tests and linked pages that are not there."""
    broken = [page for page in _LINK.findall(shown) if not (PAGE.parent / page).is_file()]
    for reference in re.findall(_TEST, shown):
        path, _, function = reference.partition("::")
        file = REPO / path
        if not file.is_file() or function not in names_of_tests(file):
            broken.append(reference)
    return broken


def citing_files() -> list[Path]:
    return [
        file
        for folder in CITING
        for file in sorted((REPO / folder).rglob("*"))
        if file.suffix in CITING_SUFFIXES and file.is_file()
    ]


def test_every_clause_stands_there_once_and_in_order() -> None:
    assert [number for number, _, _ in rows_of(PAGE.read_text(encoding="utf-8"))] == numbers()


def test_every_clause_has_a_mark_and_what_it_names_exists() -> None:
    wrong = {}
    for number, _, shown in rows_of(PAGE.read_text(encoding="utf-8")):
        if mark_of(shown) is None:
            wrong[number] = f"no mark of the rule: {shown}"
        elif broken := broken_references(shown):
            wrong[number] = f"not there: {', '.join(broken)}"
    assert wrong == {}


def test_the_page_counts_its_own_rows() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert counts_of(rows_of(page)) in page


def test_each_owner_is_explained_and_has_something() -> None:
    page = PAGE.read_text(encoding="utf-8")
    explained = re.findall(r"^\| ([a-z ]+) \| [^|]+ \|$", page, re.MULTILINE)
    assert [one for one in explained if one in OWNERS] == list(OWNERS)
    owned = {shown.removeprefix("the ").partition("'s: ")[0] for *_, shown in rows_of(page)}
    assert set(OWNERS) <= owned


def test_every_clause_cited_in_code_and_tests_exists() -> None:
    known = set(numbers()) | NOT_CLAUSES
    unknown = {
        f"{file.relative_to(REPO)}: {cited}"
        for file in citing_files()
        if file != Path(__file__)
        for cited in _CITED.findall(file.read_text(encoding="utf-8"))
        if cited not in known
    }
    assert unknown == set()


def test_this_file_would_see_a_broken_reference() -> None:
    """The checks above are worth nothing if they cannot fail."""
    here = "tests/docs/test_clauses.py"
    good = f"`{here}::test_every_clause_stands_there_once_and_in_order`"

    assert mark_of(good) == mark_of(f"{good}, {good}") == "shown"
    assert mark_of(f"open, in part {good}, {good}; lacking: the rest") == "in part"
    assert mark_of("open") == "open"
    assert mark_of("the order desk's: it asks for `POST /calls`") == "another's"
    assert broken_references(good) == []
    assert broken_references(f"`{here}::test_gone`") == [f"{here}::test_gone"]
    assert broken_references("`tests/gone.py::test_x`") == ["tests/gone.py::test_x"]
    assert broken_references("[here](clauses.md#1), [gone](gone.md)") == ["gone.md"]
    # A function that is not a test shows nothing.
    assert broken_references(f"`{here}::numbers`") == [f"{here}::numbers"]
    for shown in (
        "",
        "done",
        f"{good} and more",
        "tests/docs/test_clauses.py::test_x",
        f"open, in part {good}",
        "open, in part; lacking: all of it",
        "the moon's: it shines",
        "the house's:",
    ):
        assert mark_of(shown) is None, shown
    assert counts_of([("T01", "", good), ("T02", "", "open"), ("V01", "", "open")]) == (
        "| chapter | clauses | shown | in part | open | another's |\n"
        "|---|---|---|---|---|---|\n"
        "| T | 2 | 1 | 0 | 1 | 0 |\n"
        "| V | 1 | 0 | 0 | 1 | 0 |\n"
        "| all | 3 | 1 | 0 | 2 | 0 |"
    )
    assert _CITED.findall("(T09), E33–E43 and L1; not #F00, x-T10, T099, UTF8 or aL1") == [
        "T09",
        "E33",
        "E43",
        "L1",
    ]
