"""Erlang's formulas give what is printed in the books."""

import math

import pytest

from acd.simulation import erlang
from acd.simulation.erlang import Impatient


@pytest.mark.parametrize(
    ("agents", "load", "blocked"),
    [(10, 4.461, 0.01), (20, 12.03, 0.01), (50, 37.90, 0.01), (100, 84.06, 0.01),
     (10, 5.084, 0.02), (20, 13.18, 0.02), (1, 1.0, 0.5), (5, 0.0, 0.0)],
)  # fmt: skip
def test_erlang_b_is_the_table(agents: int, load: float, blocked: float) -> None:
    """The table of offered loads at 1 % and 2 % that every telephone handbook prints."""
    assert erlang.blocking(load, agents) == pytest.approx(blocked, abs=5e-5)


@pytest.mark.parametrize(
    ("load", "lines"), [(3.092, 10), (9.411, 20), (16.68, 30), (32.51, 50), (75.24, 100)]
)
def test_lines_for_one_lost_call_in_a_thousand_are_the_table_s(load: float, lines: int) -> None:
    """T30: the column of 0.1 % that telephone handbooks print; a trifle more needs another."""
    assert erlang.lines_for(load, 0.001) == lines
    assert erlang.lines_for(load + 0.02, 0.001) == lines + 1


def test_nobody_calls_on_one_line_at_least() -> None:
    assert erlang.lines_for(0.0, 0.001) == 1


@pytest.mark.parametrize(
    ("load", "agents", "handling_s", "waits", "mean_s", "limit_s", "within"),
    [(10, 11, 180, 0.682, 122.8, 20, 0.390),
     (10, 14, 180, 0.174, 7.8, 20, 0.888),
     (48, 55, 240, 0.239, 8.2, 15, 0.846)],
)  # fmt: skip
def test_erlang_c_is_the_textbooks_example(
    load: float, agents: int, handling_s: float, waits: float, mean_s: float, limit_s: float,
    within: float,
) -> None:  # fmt: skip
    """200 calls an hour of 3 minutes, and 360 a half hour of 4: the two that are printed most."""
    assert erlang.waiting(load, agents) == pytest.approx(waits, abs=5e-4)
    assert erlang.mean_wait_s(load, agents, handling_s) == pytest.approx(mean_s, abs=0.06)
    assert erlang.answered_within(load, agents, limit_s, handling_s) == pytest.approx(
        within, abs=6e-4
    )


def test_erlang_a_is_the_published_example() -> None:
    """Garnett, Mandelbaum and Reiman (2002), table 1: 48 calls a minute of one minute on 50 agents,
    two minutes of patience: 3.1 % leave and the mean wait is 3.7 s, where Erlang C says 20.8 s."""
    line = Impatient(load=48, agents=50, handling_s=60, patience_s=120)
    assert line.abandoned == pytest.approx(0.031, abs=5e-4)
    assert line.mean_wait_s == pytest.approx(3.7, abs=0.05)
    assert erlang.mean_wait_s(48, 50, 60) == pytest.approx(20.8, abs=0.05)


def test_erlang_a_is_erlang_c_when_nobody_ever_leaves() -> None:
    """The two agree where they must, and whoever does not leave is answered some day."""
    endless = Impatient(load=48, agents=55, handling_s=240, patience_s=1e8)
    assert endless.waiting == pytest.approx(erlang.waiting(48, 55), abs=1e-5)
    assert endless.answered_within(15) == pytest.approx(
        erlang.answered_within(48, 55, 15, 240), abs=1e-5
    )
    line = Impatient(load=60, agents=50, handling_s=60, patience_s=120)
    assert line.answered_within(1e9) == pytest.approx(1 - line.abandoned, abs=1e-9)
    assert line.answered_within(0) == pytest.approx(1 - line.waiting, abs=1e-9)


def test_erlang_a_in_overload() -> None:
    """Far too few agents: those who are served are as many as the agents can serve."""
    for load, agents in ((50.0, 2), (500.0, 20), (5_000.0, 20)):
        line = Impatient(load=load, agents=agents, handling_s=240, patience_s=300)
        assert line.waiting == pytest.approx(1, abs=1e-6)
        assert line.abandoned == pytest.approx(1 - agents / load, abs=1e-6)


def test_overload_and_emptiness() -> None:
    """Too few agents for a line that ends, and a line that nobody calls."""
    assert erlang.waiting(12, 10) == 1
    assert erlang.answered_within(12, 10, 10, 240) == 0
    assert erlang.mean_wait_s(12, 10, 240) == math.inf
    empty = Impatient(load=0, agents=2, handling_s=240, patience_s=60)
    assert (empty.waiting, empty.abandoned, empty.answered_within(0)) == (0, 0, 1)


@pytest.mark.parametrize(
    "call",
    [
        lambda: erlang.blocking(-1, 5),
        lambda: erlang.waiting(math.nan, 5),
        lambda: erlang.waiting(3, 0),
        lambda: erlang.answered_within(math.inf, 5, 10, 240),
        lambda: Impatient(load=3, agents=4, handling_s=240, patience_s=0),
        lambda: Impatient(load=50, agents=2, handling_s=240, patience_s=1e9),
        lambda: erlang.agents_for(1.0, lambda n: 1.0),
        lambda: erlang.lines_for(10, 0.0),
        lambda: erlang.lines_for(10, 1.0),
        lambda: erlang.lines_for(-1, 0.001),
        lambda: erlang.agents_for(0.9, lambda n: 0.5),
    ],
)
def test_what_cannot_be_is_refused(call: object) -> None:
    """Loads below nothing, no agents, a share that no number of agents can reach."""
    with pytest.raises(
        ValueError, match=r"cannot be|answer nothing|longer|planned|not even|endless"
    ):
        call()  # type: ignore[operator]


def test_the_fewest_agents_are_the_fewest() -> None:
    """One less would not do; and never fewer than asked for."""
    needed = erlang.agents_for(0.9, lambda n: erlang.answered_within(37.5, n, 6.5, 273.5))
    assert erlang.answered_within(37.5, needed, 6.5, 273.5) >= 0.9
    assert erlang.answered_within(37.5, needed - 1, 6.5, 273.5) < 0.9
    assert erlang.agents_for(0.9, lambda n: 1.0, at_least=2) == 2
