"""The table of contingencies is whole: each is noticed, has a longest time and an owner, and is
drilled (L6, X05)."""

import re
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]
COLUMNS = [
    "what happens",
    "noticed by",
    "what the switch does, and in how long",
    "longest time",
    "what people do",
    "owner",
    "drill",
]
CASES = [
    "Asterisk dies",
    "The service dies",
    "An operator's trunk is down",
    "The data network is down",
    "PostgreSQL is down",
    "Power is cut",
    "The site is lost (fire, water)",
    "A storm of calls",
    "Texts cannot be sent",
]
OWNERS = {"operator", "shift leader", "house", "director"}
OF_OTHERS = {"Texts cannot be sent": "the order desk, which sends them"}
"""What no alert of ours can notice, and who does."""


def table() -> list[list[str]]:
    """The cells of the contingencies' rows, the heading first."""
    page = (REPO / "docs" / "operations.md").read_text(encoding="utf-8")
    section = page.partition("## Contingencies\n")[2].partition("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


def test_each_contingency_is_noticed_has_an_owner_and_is_drilled() -> None:
    heading, *rows = table()
    assert heading == COLUMNS
    assert [row[0] for row in rows] == CASES
    rules = (REPO / "docker" / "prometheus" / "alerts.rules.yml").read_text(encoding="utf-8")
    alerts = set(re.findall(r"alert: (\w+)", rules))
    for what, noticed, does, _, people, owner, drill in rows:
        if what in OF_OTHERS:
            assert noticed == OF_OTHERS[what]
        else:
            assert set(noticed.split(", ")) <= alerts, what
        assert does and people, what
        assert owner in OWNERS, what
        assert re.match("each (month|quarter|half year|year)", drill), what


def test_each_contingency_has_a_longest_time_and_what_it_rests_on() -> None:
    """A time is measured by what is named, asked for by a clause, or for the house to confirm."""
    makefile = (REPO / "Makefile").read_text(encoding="utf-8")
    _, *rows = table()
    for what, _, _, longest, *_ in rows:
        assert re.search(r"\b\d+ (s|min|h)\b", longest), what
        measured = re.findall(r"`make ([\w-]+)`", longest)
        tests = re.findall(r"`(tests/[\w/]+\.py)`", longest)
        assert measured or tests or "*proposed*" in longest or re.search(r"\([A-Z]\d\d\)", longest)
        for name in measured:
            bench = name.removeprefix("bench-")
            assert f"\n{name}:" in makefile or (REPO / "bench" / bench).is_dir(), name
        assert all((REPO / test).is_file() for test in tests), what
