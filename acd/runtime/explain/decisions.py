"""A call's decisions with everybody who was weighed: its day once more, from the journal.

The records keep of each offer the winner, the next five and counts; who stood behind those is told
by a replay of the same events with the same version of the core.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

import msgspec

from acd.adapters.postgres.history import OfferRecord
from acd.core.codec import Frame, Header
from acd.core.directory import Reach, Selection
from acd.core.entities import Call
from acd.core.facts import CallEnded, PlacedCallEnded
from acd.core.ids import AgentId
from acd.core.queueing import candidates
from acd.core.queueing.candidates import CHOSEN, FREE, Candidate
from acd.core.queueing.matching import Choice
from acd.core.state import State
from acd.core.switch import Core
from acd.runtime.driver import Effect
from acd.runtime.explain.explanation import SKIPPED
from acd.runtime.journal import Replay, replay
from acd.runtime.sealing import NO_KEYS, Keys


class Decision(msgspec.Struct, frozen=True):
    """Somebody was chosen for a call: ``candidates`` are all, the best first."""

    at_ms: int
    agent: AgentId
    candidates: tuple[Candidate, ...]


def decisions_of(call: str, journal: Path, keys: Keys = NO_KEYS) -> tuple[list[Decision], Replay]:
    """Return the call's decisions in their order, and how the replay went: after a divergence they
    are no longer those that were made.  Raises ConfigurationError."""
    found: list[Decision] = []
    over = False

    def witness(s: State, chosen_for: Call, choice: Choice) -> None:
        if chosen_for.id == call:
            weighed = candidates.of(s, chosen_for, choice)
            found.append(Decision(s.now, choice.agent.id, weighed))

    def make(header: Header) -> Core:
        return Core(epoch=header.epoch, dice=Random(header.epoch), witness=witness)

    def each(frame: Frame, effects: Sequence[Effect]) -> None:
        nonlocal over
        over = over or any(
            isinstance(one, CallEnded | PlacedCallEnded) and one.call == call for one in effects
        )

    return found, replay(journal, make, each, until=lambda: over, keys=keys)


def lines_of(decision: Decision, offer: OfferRecord) -> Iterator[str]:
    """Tell a decision, one candidate a line."""
    for number, one in enumerate(decision.candidates, 1):
        place = f"{number}." if one.able else "–"
        yield f"{place:>4} {one.agent}: {', '.join(_words(one, decision, offer))}"


_WHENCE = {
    CHOSEN: "chosen",
    FREE: "free",
    Reach.WRAP_UP: "would have been rung out of wrap-up",
    Reach.BREAK: "would have been rung out of a break",
    Reach.SUPERVISOR: "a supervisor who would have been rung",
    Reach.OUTSIDE: "a duty phone that would have been rung",
}


def _words(one: Candidate, decision: Decision, offer: OfferRecord) -> Iterator[str]:
    if not one.able:
        yield SKIPPED.get(one.standing, one.standing)
        return
    yield _WHENCE[one.standing]
    if one.tier:
        yield "after the needs had weakened" + (f" {one.tier} times" if one.tier > 1 else "")
    if one.rank is not None and offer.selection in _RANKED:
        yield _RANKED[Selection(offer.selection)].format(rank=one.rank, level=abs(one.rank))
    if one.standing in (CHOSEN, FREE):
        yield f"idle for {(decision.at_ms - one.idle_since_ms) / 1000:.1f} s"


_RANKED = {
    Selection.HIGHEST_SKILL: "level {level}",
    Selection.BEST_FIT: "level {level}",
    Selection.ROUND_ROBIN: "turn {rank}",
    Selection.FEWEST_CALLS: "{rank} calls",
    Selection.LEAST_TALK: "{rank} ms of talk",
    Selection.LINEAR: "place {rank} in the list",
    Selection.RANDOM: "drew {rank}",
    Selection.WEIGHTED: "drew {rank}",
}
"""What a rank means under the queue's rule; by idle time alone it means nothing."""
