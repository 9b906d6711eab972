"""What the saturation bench reads out of a capture, and when it says that something fails."""

from collections.abc import Sequence
from typing import Any

import pytest

from bench.offer.figures import spread
from bench.saturation.__main__ import verdict
from bench.saturation.idling import Round, read


def capture(*lines: str) -> Sequence[Sequence[Any]]:
    """Lines like ``5.100 > INVITE a1 a9000``: seconds, into or out of Asterisk, what, whose call,
    whose phone."""
    seen = []
    for line in lines:
        at, way, *what, call_id, phone = line.split()
        seen.append([int(float(at) * 1e9), " ".join(what), way == ">", call_id, "", phone])
    return seen


CAPTURE = capture(
    "0.000 > INVITE c1 95001", "0.100 > INVITE c2 95001", "0.200 > INVITE c3 95001",
    "0.300 > INVITE c4 95001",
    "0.300 < INVITE a1 a9000", "0.310 < 200 INVITE c1 -",
    "3.500 < INVITE a2 a9001", "3.510 < 200 INVITE c2 -",
    "4.000 < BYE a1 -", "4.001 > 200 BYE a1 -",
    "4.005 < INVITE a3 a9000", "4.006 < INVITE a3 a9000", "4.010 < 200 INVITE c3 -",
    "5.000 > 200 BYE a2 -",
    "5.000 < 200 BYE c2 -",
    "7.000 > INVITE c5 95001",
    "7.500 < 200 INVITE c4 -", "7.600 > 200 BYE a3 -", "9.000 < INVITE a4 a9000",
)  # fmt: skip


def test_only_the_saturated_time_counts_and_who_is_never_rung_again_idles_to_its_end() -> None:
    found = read("queue", CAPTURE, warm_up_s=3, cpu_ms=50, load=0.54)
    assert found.calls == 5
    assert found.answered_per_s == 0.5  # two in the four seconds from 3 s to the last INVITE
    assert (found.idle.count, found.idle.p10, found.idle.worst) == (2, 4.0, 2000.0)
    assert (found.waiting_min, found.waiting_at_the_end) == (1, 2)
    assert (found.cpu_ms_per_call, found.load) == (10.0, 0.5)


def test_where_callers_are_picked_up_at_once_an_agent_answers_and_hangs_up() -> None:
    """The caller's 200 is the system's; the agent's own 200 and BYE count."""
    seen = capture(
        "0.000 > INVITE c1 95001", "0.010 < 200 INVITE c1 -", "0.100 > INVITE c2 95001",
        "0.110 < 200 INVITE c2 -", "3.000 < INVITE a1 a9000", "3.500 > 200 INVITE a1 -",
        "4.000 > BYE a1 -", "4.001 < 200 BYE a1 -", "4.020 < INVITE a2 a9000",
        "7.000 > INVITE c3 95001",
    )  # fmt: skip
    found = read("service", seen, warm_up_s=3, cpu_ms=0, load=0.0, picked_up=True)
    assert found.answered_per_s == 0.25
    assert (found.idle.count, found.idle.worst) == (1, 20.0)
    assert found.waiting_min == 1


def test_a_capture_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="Nobody called"):
        read("queue", [], warm_up_s=3, cpu_ms=0, load=0.0)


def one_round(kind: str, *, rate: float, idle_ms: float, waiting_min: int = 9) -> Round:
    return Round(
        kind=kind, calls=900, answered_per_s=rate, idle=spread([idle_ms]), waiting_min=waiting_min,
        waiting_at_the_end=99, cpu_ms_per_call=10.0, load=0.5,
    )  # fmt: skip


QUEUE = one_round("queue", rate=28.0, idle_ms=730.0)


@pytest.mark.parametrize(
    ("queue", "switch", "sentence"),
    [
        (QUEUE, one_round("service", rate=44.0, idle_ms=4.0), ""),
        (QUEUE, one_round("service", rate=44.0, idle_ms=-0.1), ""),
        (QUEUE, one_round("service", rate=41.0, idle_ms=4.0), "1.46 times as many calls"),
        (QUEUE, one_round("service", rate=44.0, idle_ms=11.0), "a freed agent idles 11.0 ms"),
        (
            one_round("queue", rate=28.0, idle_ms=200.0),
            one_round("service", rate=44.0, idle_ms=5.0),
            "40.0 times shorter",
        ),
        (
            QUEUE,
            one_round("service", rate=44.0, idle_ms=4.0, waiting_min=0),
            "round 2 (service) was not saturated",
        ),
        (
            one_round("queue", rate=0.0, idle_ms=730.0),
            one_round("service", rate=44.0, idle_ms=4.0),
            "round 1 (queue) answered nobody",
        ),
    ],
)
def test_what_does_not_hold_is_said_and_is_the_exit_code(
    queue: Round, switch: Round, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert verdict([queue, switch]) == bool(sentence)
    complaint = capsys.readouterr().err
    assert sentence in complaint
    assert bool(complaint) == bool(sentence)
