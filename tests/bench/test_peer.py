"""The arithmetic of the comparison: ratios over pairs, when enough is known, what is sustained."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from bench.offer.bed import Bed
from bench.peer.__main__ import measured, table
from bench.peer.ratios import NARROW, Measure, Pair, figures, ratio
from bench.peer.stages import LOADS, Mode, Stage, Sustained, Values, highest, is_sustained
from bench.results.model import Result

OFFER = Measure(name="offer", title="offer", unit="ms", ratio_max=1.0)


def test_the_ratio_is_the_geometric_mean_and_its_interval_holds_it() -> None:
    found = ratio(OFFER, [(2.0, 1.0), (1.0, 2.0), (1.0, 1.0)])
    assert found.value == pytest.approx(1.0)
    assert found.low < 1.0 < found.high
    turned = ratio(OFFER, [(1.0, 2.0), (2.0, 1.0), (1.0, 1.0)])
    assert turned.value == pytest.approx(1 / found.value)


def test_pairs_that_agree_make_a_narrow_interval_and_others_do_not() -> None:
    calm = ratio(OFFER, [(10.0, 9.0 + n / 10) for n in range(5)])
    wild = ratio(OFFER, [(10.0, 2.0), (10.0, 30.0), (10.0, 9.0), (10.0, 4.0), (10.0, 12.0)])
    assert calm.is_narrow and calm.high - calm.low < NARROW
    assert not wild.is_narrow
    assert ratio(OFFER, [(10.0, 9.0)] * 5).low == pytest.approx(0.9)


def test_one_pair_knows_nothing() -> None:
    found = ratio(OFFER, [(2.0, 1.0)])
    assert not found.is_narrow and found.holds is False
    assert [one.low for one in figures("bare", found)] == [None, None, None]


def test_a_target_is_reached_by_the_point_and_a_narrow_interval() -> None:
    close = [(10.0, 9.0), (10.0, 9.1), (10.0, 9.2)]
    assert ratio(OFFER, close).holds is True
    assert ratio(OFFER, [(b, a) for a, b in close]).holds is False
    unsure = ratio(OFFER, [(10.0, 5.0), (10.0, 14.0), (10.0, 6.0)])
    assert unsure.value < 1 and unsure.holds is False
    more = Measure(name="throughput", title="throughput", unit="calls/s", ratio_min=1.5)
    assert ratio(more, [(10.0, 16.0), (10.0, 16.1)]).holds is True
    assert ratio(more, [(10.0, 14.0), (10.0, 14.1)]).holds is False


@pytest.mark.parametrize("pairs", [[], [(0.0, 1.0)], [(1.0, -1.0)]])
def test_what_cannot_be_a_ratio_is_refused(pairs: list[Pair]) -> None:
    with pytest.raises(ValueError, match="values above 0"):
        ratio(OFFER, pairs)


class Made(Stage):
    """Pairs that somebody has made up."""

    measures = (OFFER,)
    given: list[Pair]
    asked = 0

    @contextmanager
    def bed(self) -> Iterator[Bed]:
        yield None  # type: ignore[misc]  # nobody asks it

    def pair(self, both: Bed) -> Values:
        self.asked += 1
        if not self.given:
            raise TimeoutError("the phones did not come back")
        return {"offer": self.given.pop(0)}


def made(pairs: list[Pair], *, most: int = 9) -> tuple[Made, Result]:
    stage = Made(Mode.BARE, LOADS[Mode.BARE], lambda sentence: None)
    stage.given = pairs
    result = Result(bench="peer", command="make bench-peer")
    measured(result, Mode.BARE, stage, argparse.Namespace(pairs=3, pairs_max=most))
    return stage, result


def test_pairs_are_added_until_the_interval_is_narrow() -> None:
    wild: list[Pair] = [(10.0, 6.0), (10.0, 12.0), (10.0, 8.0)]
    stage, result = made([*wild, *[(10.0, 8.0)] * 40], most=60)
    assert 3 < stage.asked < 43
    assert not result.remarks
    assert Made(Mode.BARE, LOADS[Mode.BARE], print).asked == 0
    assert made([(10.0, 9.0)] * 9)[0].asked == 3


def test_what_stays_unsure_is_said_and_not_called_reached() -> None:
    stage, result = made([(10.0, 2.0), (10.0, 19.0)] * 3, most=5)
    assert stage.asked == 5
    assert "not known well enough" in result.remarks[0]
    figure = result.figure("bare_offer_ratio")
    assert figure is not None and figure.holds is False
    assert "| bare: offer, ms | 10 |" in table(result)
    assert "**not reached**" in table(result)


def test_a_run_that_fails_half_way_keeps_what_it_knows() -> None:
    stage = Made(Mode.BARE, LOADS[Mode.BARE], lambda sentence: None)
    stage.given = [(10.0, 9.0), (10.0, 9.1)]
    result = Result(bench="peer", command="make bench-peer")
    with pytest.raises(TimeoutError):
        measured(result, Mode.BARE, stage, argparse.Namespace(pairs=5, pairs_max=5))
    figure = result.figure("bare_offer_queue")
    assert figure is not None and figure.value == 10.0


def offers(*waits_ms: float) -> list[list[Any]]:
    """A capture of calls that were offered after so long."""
    seen: list[list[Any]] = []
    for n, wait_ms in enumerate(waits_ms):
        seen.append([0, "INVITE", True, f"c{n}", f"u{n}", ""])
        seen.append([int(wait_ms * 1e6), "INVITE", False, f"a{n}", f"u{n}", ""])
    return seen


def test_a_rate_is_sustained_when_nearly_all_are_offered_at_once_and_all_in_the_end() -> None:
    assert is_sustained(offers(*[3.0] * 99, 900.0), calls=100)
    assert not is_sustained(offers(*[3.0] * 98, 900.0, 900.0), calls=100)
    assert not is_sustained(offers(*[3.0] * 99), calls=100)


@pytest.mark.parametrize(
    ("limit", "found"), [(97, 90), (100, 100), (43, 40), (10, 10), (9, 0), (319, 310), (1234, 1230)]
)
def test_the_highest_rate_that_holds_is_found_also_beyond_the_top(limit: int, found: int) -> None:
    assert highest(lambda rate: rate <= limit, grain=10, top=320) == found


class Machine(Sustained):
    """A stage whose machine carries so much, and stumbles when it is told to."""

    limit = 0
    stumbles = False
    rates: list[int]

    def _holds(self, both: Bed, kind: str, rate: int) -> bool:
        again = rate in self.rates
        self.rates.append(rate)
        return rate <= self.limit and (again or not self.stumbles)


def machine(limit: int) -> Machine:
    stage = Machine(Mode.BARE, LOADS[Mode.BARE], lambda sentence: None)
    stage.limit, stage.rates = limit, []
    return stage


def test_a_rate_that_fails_once_is_tried_again() -> None:
    stage = machine(97)
    stage.stumbles = True
    assert stage.measure(None, "queue") == {"sustained": 90.0}  # type: ignore[arg-type]


def test_no_pair_leans_on_the_one_before_it() -> None:
    stage = machine(250)
    stage.measure(None, "queue")  # type: ignore[arg-type]
    first, stage.rates = stage.rates, []
    stage.measure(None, "queue")  # type: ignore[arg-type]
    assert stage.rates == first


def test_a_machine_that_carries_nothing_is_told_in_a_sentence() -> None:
    with pytest.raises(ValueError, match="not even 10 calls per second"):
        machine(9).measure(None, "queue")  # type: ignore[arg-type]
