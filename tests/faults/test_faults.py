"""One fault after the other under twenty calls: nobody is forgotten, nobody is cut (T14, T18, F09).

What each fault is, and what it may cost, stands in bench/chaos/faults.py; `make chaos` does the
same under many more calls.
"""

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from bench.chaos.deaths import left_alone
from bench.chaos.faults import FAULTS, Fault
from bench.chaos.trial import trial
from bench.chaos.verdict import PROMISE_MS, Line, forgotten, late, table
from bench.chaos.world import World
from servers.service import Service
from servers.settings import Settings
from servers.stack import Stack
from tests.faults.conftest import LOG_LINES, pytest_runtest_call

RECOVERED_S_MAX = 60.0
"""Not for speed (the table of docs/reliability.md is): a service that comes back at all."""

numbers: Iterator[int] = count(1)


@pytest.mark.parametrize(
    "fault", [fault for fault in FAULTS if not fault.open], ids=lambda fault: fault.name
)
def test_nobody_is_forgotten(world: World, tmp_path: Path, fault: Fault) -> None:
    """Twenty calls that talk, wait, ring and come in the middle of it: none is cut but by the death
    of its own Asterisk, each has one record with the end that it had, who waited is served in the
    order of arrival, and whoever was cut is owed a callback."""
    line = trial(world, fault, tmp_path / "crowd", next(numbers))
    assert line.problems(cuts=fault.cuts) == []
    assert line.in_flight == world.size.calls
    assert line.recovered_s is not None
    assert line.recovered_s < RECOVERED_S_MAX


def test_a_trial_that_failed_shows_the_end_of_the_services_log(tmp_path: Path) -> None:
    """Nothing else is left of it where CI has run: what was said before the trial is not its."""
    service = Service(cast(Stack, SimpleNamespace(settings=Settings(run_dir=tmp_path))))
    service.log.parent.mkdir()
    service.log.write_text("before\n")
    shown: list[tuple[str, str, str]] = []
    item = SimpleNamespace(
        funcargs={"running": service}, add_report_section=lambda *told: shown.append(told)
    )
    trial_runs = pytest_runtest_call(cast(pytest.Function, item))
    next(trial_runs)
    with service.log.open("a") as file:
        file.writelines(f"line {n}\n" for n in range(LOG_LINES + 1))
    with pytest.raises(ZeroDivisionError):
        trial_runs.throw(ZeroDivisionError())
    lines = "\n".join(f"line {n}" for n in range(1, LOG_LINES + 1))
    assert shown == [("call", "log of the service", lines)]


def test_a_call_without_its_one_end_counts_as_forgotten() -> None:
    ended = {"ended_at": 1, "outcome": "abandoned"}
    answered = {"ended_at": 1, "outcome": "answered"}
    wanted = {"answered"}

    def judged(*rows: dict[str, object], owed: bool = True) -> str | None:
        return forgotten("1", rows, outcomes=wanted, must_be_owed=not owed)

    assert judged() == "1 (no record)"
    assert judged({"ended_at": None, "outcome": None}) == "1 (no end)"
    assert judged(answered, answered) == "1 (2 records)"
    assert judged(ended) == "1 (abandoned)"
    assert judged(answered, owed=False) == "1 (nothing owed)"
    assert judged(answered) is None


def test_late_is_after_the_promise_or_never() -> None:
    assert late([])
    assert late([{"answered_at": None, "wait_ms": 1}])
    assert late([{"answered_at": 1, "wait_ms": PROMISE_MS + 1}])
    assert not late([{"answered_at": 1, "wait_ms": PROMISE_MS}])


def test_a_caller_whose_agent_goes_is_cut_and_an_agent_who_was_second_is_not_missed() -> None:
    talks = [(0.0, 9_000.0)]
    assert left_alone(talks, 20_000)
    assert not left_alone(talks, 9_100), "the caller has hung up"
    assert not left_alone([*talks, (8_000.0, 20_000.0)], 20_000)
    assert not left_alone([(0.0, 900.0), (0.0, 20_000.0)], 20_000), "answered elsewhere"
    assert left_alone([*talks, (9_500.0, 20_000.0)], 20_000), "and then had to wait"


def test_the_table_shows_a_line_for_each_fault() -> None:
    lines = [
        Line("one", 20, 0, [], 1, 2.04, order_kept=True),
        Line("two", 20, 3, ["1 (no end)"], 0, None, order_kept=False),
        Line("all", 20, 20, [], 0, 3.0),
    ]
    assert table(lines).splitlines() == [
        "| fault | calls in flight | cut | forgotten | late | recovered in | waiting order kept |",
        "|-------|-----------------|-----|-----------|------|--------------|--------------------|",
        "| one   | 20              | 0   | 0         | 1    | 2.0 s        | yes                |",
        "| two   | 20              | 3   | 1         | 0    | never        | no                 |",
        "| all   | 20              | 20  | 0         | 0    | 3.0 s        | –                  |",
    ]
    assert lines[0].problems(cuts=False) == []
    assert lines[1].problems(cuts=False) == [
        "two: forgotten: 1 (no end)",
        "two: 3 calls were cut",
        "two: the order of those who wait was not kept",
        "two: the service has not come back",
    ]
    assert len(lines[1].problems(cuts=True)) == 3
