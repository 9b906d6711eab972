"""What kinds of load there are.

Rates are shares of what the agents can carry, so that a profile means the same with ten agents and
with two hundred: an agent carries one call per talk, answer and wrap-up.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

import msgspec

ANSWER_MS = 800
"""A robot's hand needs so long to the receiver."""
SILENT_TALK_MS = 4_000
"""An agent who hears nothing asks twice."""
RATE_MIN = 0.02


class Group(StrEnum):
    """Whose calls they are; each is judged alone."""

    EMERGENCY = "emergency"
    ENQUIRY = "enquiry"
    FLOOD = "flood"


class Stream(msgspec.Struct, frozen=True, kw_only=True):
    """Calls of one group, so many per second, from a moment of the run on."""

    group: Group
    begin_s: float
    seconds: float
    rate: float
    talk_ms: int

    @property
    def calls(self) -> int:
        """How many there are; one at least."""
        return max(1, round(self.rate * self.seconds))


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of load: (group, from and to as shares of the run, share of what agents carry)."""

    name: str
    text: str
    parts: tuple[tuple[Group, float, float, float], ...]
    seconds: int
    """Of a run, unless the tester says otherwise."""
    promise_kept: bool
    """Whether 95 % of the emergencies must be answered within 10 s."""

    def streams(
        self, *, agents: int, seconds: float, talk_ms: int, wrap_up_ms: int
    ) -> list[Stream]:
        """Return the run's calls.  Raises ValueError when there is nothing to carry them."""
        if agents < 1 or seconds <= 0 or talk_ms <= 0 or wrap_up_ms < 0:
            raise ValueError("A load needs an agent, a time and a talk of more than nothing.")
        carried = agents * 1000 / (talk_ms + wrap_up_ms + ANSWER_MS)
        return [
            Stream(
                group=group,
                begin_s=begin * seconds,
                seconds=(end - begin) * seconds,
                rate=max(RATE_MIN, share * carried),
                talk_ms=SILENT_TALK_MS if group is Group.FLOOD else talk_ms,
            )
            for group, begin, end, share in self.parts
        ]


def _all() -> Iterator[Profile]:
    emergency, enquiry, flood = Group.EMERGENCY, Group.ENQUIRY, Group.FLOOD
    yield Profile(
        name="quiet",
        text="a fifth of what the agents carry: what a call costs, and how fast it is",
        parts=((emergency, 0, 1, 0.2),),
        seconds=120,
        promise_kept=True,
    )
    yield Profile(
        name="busy",
        text="three quarters of what the agents carry: the busy hour",
        parts=((emergency, 0, 1, 0.75),),
        seconds=300,
        promise_kept=True,
    )
    yield Profile(
        name="surge",
        text="ten times a calm load for a fifth of the time, then calm again: how long it lasts",
        parts=((emergency, 0, 1, 0.25), (emergency, 0.2, 0.4, 2.25)),
        seconds=300,
        promise_kept=False,
    )
    yield Profile(
        name="flood",
        text="a calm load, and for half of the time as many silent calls as the agents carry",
        parts=((emergency, 0, 1, 0.25), (flood, 0.25, 0.75, 1.0)),
        seconds=300,
        promise_kept=False,
    )
    yield Profile(
        name="mix",
        text="two thirds of what the agents carry, 3 % of it emergencies, the rest enquiries",
        parts=((emergency, 0, 1, 0.02), (enquiry, 0, 1, 0.65)),
        seconds=300,
        promise_kept=True,
    )
    yield Profile(
        name="soak",
        text="half of what the agents carry for long: does anything grow?",
        parts=((emergency, 0, 1, 0.3), (enquiry, 0, 1, 0.2)),
        seconds=7_200,
        promise_kept=True,
    )


PROFILES = {one.name: one for one in _all()}
