"""Latencies out of a capture."""

from collections.abc import Sequence
from typing import Any

import msgspec


class Spread(msgspec.Struct, frozen=True):
    """Milliseconds, and how many there were."""

    count: int
    p10: float
    p50: float
    p95: float
    p99: float
    worst: float


class Figures(msgspec.Struct, frozen=True):
    """One round's latencies.

    ``offer``: trunk INVITE in to agent INVITE out.  ``answer``: agent's 200 OK in to caller's 200
    OK out.  ``release``: the BYE of whoever hangs up in, to the other's BYE out.  An offer of the
    service's is told in three parts too: ``before``, trunk INVITE in to Asterisk's first word of
    the caller; ``ours``, from there to the originate; ``after``, originate to agent INVITE out.
    """

    calls: int
    offered: int
    offer: Spread
    answer: Spread
    release: Spread
    before: Spread
    ours: Spread
    after: Spread


def spread(values_ms: Sequence[float]) -> Spread:
    """Return the distribution; zeros when there is nothing."""
    ordered = sorted(values_ms)
    if not ordered:
        return Spread(0, 0.0, 0.0, 0.0, 0.0, 0.0)

    def at(share: float) -> float:
        return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 3)

    return Spread(len(ordered), at(0.10), at(0.50), at(0.95), at(0.99), round(ordered[-1], 3))


class Latencies(msgspec.Struct, frozen=True):
    """One round's latencies call by call, in ms; see ``Figures``."""

    calls: int
    offer: list[float]
    answer: list[float]
    release: list[float]
    before: list[float]
    ours: list[float]
    after: list[float]


def figures(seen: Sequence[Sequence[Any]]) -> Figures:
    """Return the distributions of what a capture has seen."""
    found = latencies(seen)
    return Figures(
        calls=found.calls,
        offered=len(found.offer),
        offer=spread(found.offer),
        answer=spread(found.answer),
        release=spread(found.release),
        before=spread(found.before),
        ours=spread(found.ours),
        after=spread(found.after),
    )


def latencies(seen: Sequence[Sequence[Any]]) -> Latencies:
    """Pair what belongs together: a caller's and an agent's leg have the same From user."""
    first: dict[tuple[str, str, str], int] = {}
    user_of: dict[str, str] = {}
    side_of: dict[str, str] = {}
    for nanoseconds, kind, inbound, call_id, user, _ in seen:
        if kind in ("event", "request"):
            first.setdefault((kind, "service", user), nanoseconds)
            continue
        if kind == "INVITE":
            side_of.setdefault(call_id, "caller" if inbound else "agent")
            user_of.setdefault(call_id, user)
        if call_id in user_of:
            first.setdefault((kind, side_of[call_id], user_of[call_id]), nanoseconds)

    def between(start: tuple[str, str], end: tuple[str, str]) -> list[float]:
        return [
            (first[*end, user] - at) / 1e6
            for (kind, side, user), at in first.items()
            if (kind, side) == start and (*end, user) in first
        ]

    def gaps(kind: str, start: str, end: str) -> list[float]:
        return between((kind, start), (kind, end))

    event, request = ("event", "service"), ("request", "service")
    return Latencies(
        calls=sum(1 for kind, side, _ in first if kind == "INVITE" and side == "caller"),
        offer=gaps("INVITE", "caller", "agent"),
        answer=gaps("200 INVITE", "agent", "caller"),
        release=[abs(gap) for gap in gaps("BYE", "caller", "agent")],
        before=between(("INVITE", "caller"), event),
        ours=between(event, request),
        after=between(request, ("INVITE", "agent")),
    )
