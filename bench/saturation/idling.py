"""What a saturated round says: calls answered per second, and how long freed agents idled."""

from collections.abc import Sequence
from typing import Any

import msgspec

from bench.offer.figures import Spread, spread

NS_PER_S = 1_000_000_000


class Round(msgspec.Struct, frozen=True, kw_only=True):
    """One round under ``kind``; all but ``calls`` counts only while it is saturated.

    ``idle`` is from an agent's 200 to BYE to the next INVITE to that phone, and can be below zero:
    Asterisk is done with a leg before its phone is.  ``waiting_min`` is the least number of callers
    without an answer at any moment, which shows that agents idled only because of whoever
    distributes.
    """

    kind: str
    calls: int
    answered_per_s: float
    idle: Spread
    waiting_min: int
    waiting_at_the_end: int
    cpu_ms_per_call: float
    load: float


def read(
    kind: str,
    seen: Sequence[Sequence[Any]],
    *,
    warm_up_s: int,
    cpu_ms: int,
    load: float,
    picked_up: bool = False,
) -> Round:
    """Read a capture.  Saturated is from ``warm_up_s`` after the first INVITE to the last.

    With ``picked_up`` a caller's 200 is not yet an agent, and agents hang up: then an agent's 200
    answers, and their BYE frees them.  Raises ValueError when nobody called.
    """
    called: dict[str, int] = {}
    answered: dict[str, int] = {}
    freed: dict[str, int] = {}
    offers: dict[str, dict[str, int]] = {}
    """By phone: Call-IDs in order, and when the INVITE left."""
    for at, what, inbound, call_id, _, phone in seen:
        if what == "INVITE" and inbound:
            called.setdefault(call_id, at)
        elif what == "INVITE":
            offers.setdefault(phone, {}).setdefault(call_id, at)
        elif what == "200 INVITE" and (call_id in called) is not picked_up:
            answered.setdefault(call_id, at)
        elif what == ("BYE" if picked_up else "200 BYE") and inbound:
            freed.setdefault(call_id, at)
    if not called:
        raise ValueError("Nobody called.")
    begin, end = min(called.values()) + warm_up_s * NS_PER_S, max(called.values())
    waiting = _waiting(called, answered, begin=begin, end=end)
    in_time = [at for at in answered.values() if begin <= at <= end]
    return Round(
        kind=kind,
        calls=len(called),
        answered_per_s=round(len(in_time) * NS_PER_S / (end - begin), 2),
        idle=spread(_idle_ms(offers, freed, begin=begin, end=end)),
        waiting_min=min(waiting),
        waiting_at_the_end=waiting[-1],
        cpu_ms_per_call=round(cpu_ms / len(called), 2),
        load=round(load, 1),
    )


def _waiting(
    called: dict[str, int], answered: dict[str, int], *, begin: int, end: int
) -> list[int]:
    """Return how many waited, at each moment when that changed, and at both ends."""
    changes = [(at, 1) for at in called.values()] + [(at, -1) for at in answered.values()]
    counts: list[int] = []
    waiting = 0
    for at, change in sorted(changes):
        if at > end:
            break
        if at >= begin:
            counts.append(waiting)
        waiting += change
    return [*counts, waiting]


def _idle_ms(
    offers: dict[str, dict[str, int]], freed: dict[str, int], *, begin: int, end: int
) -> list[float]:
    """An agent who was never offered a call again has idled to the end."""
    found = []
    for of_phone in offers.values():
        calls = list(of_phone)
        for call_id, following in zip(calls, [*calls[1:], None], strict=True):
            at = freed.get(call_id)
            if at is not None and begin <= at <= end:
                until = end if following is None else of_phone[following]
                found.append((until - at) / 1e6)
    return found
