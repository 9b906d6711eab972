"""Three times the calls that can be taken, and a flood from one number: emergencies keep their
promise, others hear where they stand and are called back, and nobody is forgotten (T14, E45)."""

import pytest

from acd.simulation.overload import REAL_AT_MS, delay_ms, play, within

SEED = 3


def test_emergencies_keep_their_promise_and_others_are_told_and_called_back() -> None:
    rush = play(SEED, times=3.0)
    assert len(rush.emergency_waits_ms) > 15
    assert None not in rush.emergency_waits_ms
    assert within(rush.emergency_waits_ms, 10_000) >= 0.95
    assert rush.enquiries > 400
    assert rush.answered < rush.enquiries / 2, "else it is no overload"
    assert (rush.long > 200, rush.untold) == (True, 0)
    assert (rush.offered > 100, rush.asked > 50, rush.lost) == (True, True, 0)
    assert rush.calls_max <= rush.enquiries + len(rush.emergency_waits_ms)
    assert rush.broken == 0


def test_at_the_calls_that_can_be_taken_nobody_is_pushed_into_a_callback() -> None:
    rush = play(SEED, times=0.7)
    assert rush.answered > rush.enquiries * 0.8
    assert rush.offered < rush.enquiries * 0.1


@pytest.mark.parametrize("at_ms", [REAL_AT_MS[1], REAL_AT_MS[-1]])
def test_a_flood_from_one_number_delays_no_real_emergency(at_ms: int) -> None:
    """Ten agents: without decision 19 the flood has all of them within a second or two."""
    beside, without = delay_ms(at_ms, flood=300)
    assert without <= 4_000
    assert beside - without <= 100
