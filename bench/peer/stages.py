"""The three stages of the comparison, each a bed of its own and a pair of rounds at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from typing import Any

import msgspec

from bench.offer.bed import DIALLED, Bed, bed
from bench.offer.figures import figures, latencies
from bench.offer.sipp import CallsFailed
from bench.peer.ratios import Measure, Pair
from bench.saturation import idling
from bench.saturation.__main__ import WARM_UP_S, waits_as_in_the_queue

OFFERED_WITHIN_MS = 500.0
OFFERED_SHARE_MIN = 0.99
"""A rate is sustained when so many callers have an agent's phone ringing within that time, and
every caller has one in the end."""

Values = dict[str, Pair]
Seen = Sequence[Sequence[Any]]
Tell = Callable[[str], None]


class Mode(StrEnum):
    """With or without sound."""

    BARE = "bare"
    MEDIA = "media"


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """How much of everything; calls per second, seconds, milliseconds."""

    agents: int
    rate: int
    seconds: int
    talk_ms: int
    saturated_agents: int
    saturated_rate: int
    saturated_seconds: int
    saturated_talk_ms: int
    sustained_top: int
    sustained_grain: int
    sustained_seconds: int
    sustained_talk_ms: int


LOADS = {
    Mode.BARE: Load(
        agents=200, rate=50, seconds=10, talk_ms=1000,
        saturated_agents=50, saturated_rate=60, saturated_seconds=12, saturated_talk_ms=1100,
        sustained_top=320, sustained_grain=10, sustained_seconds=4, sustained_talk_ms=500,
    ),
    # Two cores carry some 130 legs of sound with SIPp beside them: less of everything.
    Mode.MEDIA: Load(
        agents=100, rate=20, seconds=10, talk_ms=1000,
        saturated_agents=20, saturated_rate=20, saturated_seconds=12, saturated_talk_ms=1300,
        sustained_top=240, sustained_grain=5, sustained_seconds=4, sustained_talk_ms=500,
    ),
}  # fmt: skip

OFFERS = (
    Measure(name="offer_p50", title="trunk INVITE to agent INVITE, p50", unit="ms"),
    Measure(name="offer_p99", title="trunk INVITE to agent INVITE, p99", unit="ms", ratio_max=1.0),
    Measure(name="release_p50", title="one BYE to the other, p50", unit="ms"),
    Measure(name="cpu", title="CPU per call", unit="ms", ratio_max=0.95),
)
SATURATED = (
    Measure(
        name="idle_p95", title="freed agent to next INVITE, p95", unit="ms",
        ratio_max=0.02, value_max=10.0,
    ),
    Measure(name="throughput", title="answered at saturation", unit="calls/s", ratio_min=1.5),
)  # fmt: skip
SUSTAINED = (Measure(name="sustained", title="sustained", unit="calls/s", ratio_min=1.0),)


class Stage:
    """One stage in one mode; ``pair`` measures both once.  ``curves`` are for the plots."""

    measures: tuple[Measure, ...]

    def __init__(self, mode: Mode, load: Load, tell: Tell) -> None:
        self.mode, self.load, self.tell = mode, load, tell
        self.curves: dict[str, list[float]] = {kind: [] for kind in DIALLED}

    @contextmanager
    def bed(self) -> Iterator[Bed]:
        """Bring up what the stage needs."""
        with bed(self.load.agents, recording=False, media_talk_ms=self._talk_ms()) as found:
            yield found

    def pair(self, both: Bed) -> Values:
        """Measure ``Queue()``, then the switch."""
        found = {kind: self.measure(both, kind) for kind in DIALLED}
        return {
            one.name: (found["queue"][one.name], found["service"][one.name])
            for one in self.measures
        }

    def measure(self, both: Bed, kind: str) -> dict[str, float]:
        """Return each measure's value for one of the two."""
        raise NotImplementedError

    def _talk_ms(self) -> int | None:
        return self.load.talk_ms if self.mode is Mode.MEDIA else None


class Offers(Stage):
    """More agents than calls: how fast an offer goes out, and what a call costs."""

    measures = OFFERS

    def measure(self, both: Bed, kind: str) -> dict[str, float]:
        """See ``Stage``.  Raises ValueError when a caller had no agent's phone ringing."""
        load = self.load
        seen, cpu_ms = both.round(kind, rate=load.rate, seconds=load.seconds, talk_ms=load.talk_ms)
        found = figures(seen)
        if found.offered < found.calls or not found.calls:
            raise ValueError(f"{kind}: {found.offered} of {found.calls} calls were offered.")
        self.curves[kind] += latencies(seen).offer
        self.tell(
            f"{kind:8} offer p50 {found.offer.p50:.2f} p99 {found.offer.p99:.2f} ms, "
            f"CPU {cpu_ms / found.calls:.1f} ms per call"
        )
        return {
            "offer_p50": found.offer.p50,
            "offer_p99": found.offer.p99,
            "release_p50": found.release.p50,
            "cpu": cpu_ms / found.calls,
        }


class Saturation(Stage):
    """More calls than the agents can take."""

    measures = SATURATED

    @contextmanager
    def bed(self) -> Iterator[Bed]:
        """See ``Stage``."""
        with bed(
            self.load.saturated_agents,
            recording=False,
            media_talk_ms=self._talk_ms(),
            change=waits_as_in_the_queue,
        ) as found:
            yield found

    def _talk_ms(self) -> int | None:
        return self.load.saturated_talk_ms if self.mode is Mode.MEDIA else None

    def measure(self, both: Bed, kind: str) -> dict[str, float]:
        """See ``Stage``.  Raises ValueError when the round was not saturated."""
        load = self.load
        seen, cpu_ms = both.round(
            kind,
            rate=load.saturated_rate,
            seconds=load.saturated_seconds,
            talk_ms=load.saturated_talk_ms,
        )
        found = idling.read(
            kind,
            seen,
            warm_up_s=WARM_UP_S,
            cpu_ms=cpu_ms,
            load=0.0,
            picked_up=self.mode is Mode.MEDIA,
        )
        if found.waiting_min < 1 or not found.idle.count:
            raise ValueError(f"{kind}: at some moment no caller waited: nothing was saturated.")
        self.tell(
            f"{kind:8} {found.answered_per_s:.1f} answered per second, freed agent idles "
            f"p95 {found.idle.p95:.1f} ms"
        )
        # An idle time below what the clock tells apart counts as that.
        return {"idle_p95": max(found.idle.p95, 0.001), "throughput": found.answered_per_s}


class Sustained(Stage):
    """The highest rate at which callers are still offered at once."""

    measures = SUSTAINED

    def _talk_ms(self) -> int | None:
        return self.load.sustained_talk_ms if self.mode is Mode.MEDIA else None

    def measure(self, both: Bed, kind: str) -> dict[str, float]:
        """See ``Stage``.  Each pair searches anew, so that none leans on the one before it.  Raises
        ValueError when the least rate is too much."""
        load = self.load
        rate = highest(
            # Once may be the machine's own doing.
            lambda rate: self._holds(both, kind, rate) or self._holds(both, kind, rate),
            grain=load.sustained_grain,
            top=load.sustained_top,
        )
        if not rate:
            raise ValueError(
                f"{kind}: not even {load.sustained_grain} calls per second are sustained."
            )
        self.tell(f"{kind:8} sustains {rate} calls per second")
        return {"sustained": float(rate)}

    def _holds(self, both: Bed, kind: str, rate: int) -> bool:
        try:
            seen, _ = both.round(
                kind,
                rate=rate,
                seconds=self.load.sustained_seconds,
                talk_ms=self.load.sustained_talk_ms,
            )
        except CallsFailed:
            return False
        return is_sustained(seen, calls=rate * self.load.sustained_seconds)


def highest(holds: Callable[[int], bool], *, grain: int, top: int) -> int:
    """Return the highest multiple of ``grain`` that holds, by halving what lies below ``top``, or
    beyond it when everything below holds; 0 when nothing does."""
    low, high = 0, top // grain
    failed = False
    while high - low > 1 or not failed:
        if high - low <= 1:
            high *= 2
        middle = (low + high) // 2
        if holds(middle * grain):
            low = middle
        else:
            high, failed = middle, True
    return low * grain


def is_sustained(seen: Seen, *, calls: int) -> bool:
    """Tell whether all these calls came in, were offered, and nearly all of them at once."""
    offers = latencies(seen).offer
    in_time = sum(offer_ms <= OFFERED_WITHIN_MS for offer_ms in offers)
    return len(offers) >= calls and in_time >= OFFERED_SHARE_MIN * calls


STAGES: tuple[type[Stage], ...] = (Offers, Saturation, Sustained)
