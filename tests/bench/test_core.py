"""The core's bench: the slope that it fits, and that journal and replay measure the same steps."""

import math
from pathlib import Path

import pytest

from bench.core.__main__ import figures, growth, missed, plots
from bench.core.lives import Lives
from bench.durable.__main__ import journalled, replayed
from bench.recovery.__main__ import main as recovery

SIZES = (1, 10, 100, 1_000, 10_000)


def test_a_linear_cost_has_the_exponent_one_and_a_flat_one_zero() -> None:
    assert growth([(n, 3.0 * n) for n in SIZES]) == (1.0, 1.0, 1.0)
    flat = growth([(n, 5.0 + 0.01 * (n % 3)) for n in SIZES])
    assert flat.low <= 0 <= flat.high
    assert abs(flat.slope) < 0.01


def test_a_logarithmic_cost_is_told_from_a_flat_one() -> None:
    found = growth([(n, 1 + math.log10(n)) for n in SIZES])
    assert 0.1 < found.slope < 0.25
    assert found.low < found.slope < found.high


def test_two_sizes_fit_anything_and_are_refused() -> None:
    with pytest.raises(ValueError, match="three sizes"):
        growth([(1, 1.0), (10, 2.0)])


ONE = {"steps_per_s": 60_000, "mean_us": 15.0, "p50_us": 12.0, "p99_us": 80.0, "p999_us": 200.0}
MEASURED = {
    "at_1000_and_1000": ONE,
    "large": ONE,
    "burst": {"rung": 1000, "rung_twice": 0, "p50_us": 1, "p99_us": 700, "longest_us": 900,
              "all_ms": 50},
    "by_agents": dict.fromkeys(SIZES, ONE),
    "by_waiting": dict.fromkeys(SIZES, ONE),
    "growth_agents": growth([(n, 2.0 * n**0.5) for n in SIZES]),
    "growth_waiting": growth([(n, 5.0) for n in SIZES]),
    "bytes_per_waiting_call": 2_500,
    "bytes_per_agent_talking": 3_900,
}  # fmt: skip


def test_what_grows_too_fast_does_not_hold() -> None:
    found = {one.name: one for one in figures(MEASURED)}
    assert (found["growth_agents"].value, found["growth_agents"].holds) == (0.5, False)
    assert found["growth_waiting"].holds is True
    assert found["steps_per_s"].holds is True
    assert len(missed(MEASURED)) == 1
    assert [plot.lines[0].x for plot in plots(MEASURED)] == [[float(n) for n in SIZES]] * 2


def test_kept_steps_are_those_that_were_taken() -> None:
    assert Lives(agents=2, waiting=0).steps == []
    world = Lives(agents=2, waiting=0, keeps_steps=True)
    before = len(world.steps)
    world.live(2)
    assert before > 0
    assert len(world.steps) - before == len(world.took_ns)


async def test_the_journal_takes_every_step_and_the_replay_decides_the_same(
    tmp_path: Path,
) -> None:
    written = {one.name: one for one in await journalled(tmp_path, 3)}
    (again,) = replayed(tmp_path)
    assert written["journal_steps_per_s"].holds is True
    assert written["journal_bytes"].value > 10
    assert again.holds is True
    assert again.value > 0


def test_a_crash_needs_a_call_that_talks_and_one_that_waits(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as ended:
        recovery(["--calls", "1"])
    assert ended.value.code == 2
    assert "two calls at least" in capsys.readouterr().err
