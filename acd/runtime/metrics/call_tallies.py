"""What happens in every call, counted once by the finest key, and added up when somebody reads.

An answer is shown by queue, skill, group and entry: here it is put into one list, by all that makes
a difference, and ``CallMetrics``, ``SkillMetrics``, ``GroupMetrics`` and ``EntryMetrics`` each take
it at a scrape.  So there are no more keys than queues times groups times entries that were met
since, and no longer lists than ``exposition.UNFOLDED_MAX`` facts make.
"""

from collections.abc import Mapping
from operator import add
from typing import NamedTuple

from acd.core.facts import (
    CallAnswered,
    CallOffered,
    CallTakenUp,
    OfferEnded,
    OfferResult,
    WrapUpEnded,
)
from acd.core.ids import AgentId, CallId, EntryId, QueueId
from acd.runtime.metrics.exposition import Exposition
from acd.runtime.metrics.series import Ordered, Tally
from acd.runtime.metrics.synthetic_calls import SyntheticCalls

UNKNOWN = EntryId("unknown")
"""What was dialled when no entry of the directory was: it may be anything, and is no label."""

Answers = tuple[QueueId | None, str | None, EntryId | None]
Conversations = tuple[QueueId | None, str | None, EntryId | None]
Offers = tuple[str | None, OfferResult]


class Times(NamedTuple):
    """What conversations took (ms)."""

    talks: Ordered
    notes: Ordered
    handled: Ordered
    """Talk and notes together."""


def _times(talks_and_notes: list[int]) -> Times:
    """Take apart what stands in turn."""
    talks, notes = talks_and_notes[::2], talks_and_notes[1::2]
    handled = sorted(map(add, talks, notes))
    talks.sort()
    notes.sort()
    return Times(Ordered(talks), Ordered(notes), Ordered(handled))


def _ordered(values: list[int]) -> Ordered:
    """Put them in order, so that several can count them."""
    values.sort()
    return Ordered(values)


class CallTallies:
    """Takes calls that are not synthetic: that they came, answers, notes and offers."""

    def __init__(self, out: Exposition, synthetic: SyntheticCalls) -> None:
        self.groups: Mapping[AgentId, str] = {}
        """Whom the directory has in a group."""
        self.entries: dict[CallId, EntryId] = {}
        """What live calls dialled; whoever counts their end takes them out."""
        self.offered: Tally[tuple[EntryId, QueueId | None], None] = out.tally(len)
        """Calls that came, by entry and queue."""
        self.answered: Tally[Answers, int] = out.tally(_ordered)
        """By queue, group and entry: how long whoever was answered had waited (ms)."""
        self.wrapped_up: Tally[Conversations, int] = out.tally(_times)
        """Likewise: each conversation's talk and then its notes (ms), in turn; handed on as
        ``Times``."""
        self.rung: Tally[Offers, int] = out.tally(_ordered)
        """By group and result: how long each phone rang (ms)."""
        self.not_rung: Tally[Offers, None] = out.tally(len)
        """Likewise, offers that ended before the phone rang."""
        self._synthetic = synthetic
        out.on_all(CallOffered, self._offered)
        out.on_all(CallTakenUp, self._taken_up)
        out.on_all(CallAnswered, self._answered)
        out.on_all(WrapUpEnded, self._wrapped_up)
        out.on_all(OfferEnded, self._offers_ended)

    def _offered(self, facts: list[CallOffered]) -> None:
        entries, offered = self.entries, self.offered
        for fact in facts:
            if not fact.synthetic:
                entries[fact.call] = entry = fact.entry or UNKNOWN
                offered[entry, fact.queue].append(None)

    def _taken_up(self, facts: list[CallTakenUp]) -> None:
        for fact in facts:
            if not fact.synthetic and not fact.is_placed:
                self.entries[fact.call] = fact.entry or UNKNOWN

    def _answered(self, facts: list[CallAnswered]) -> None:
        group, entry, answered = self.groups.get, self.entries.get, self.answered
        for fact in facts:
            if not (fact.again or fact.synthetic):
                key = fact.queue, group(fact.agent), entry(fact.call)
                answered[key].append(fact.wait_ms)

    def _wrapped_up(self, facts: list[WrapUpEnded]) -> None:
        group, wrapped_up = self.groups.get, self.wrapped_up
        for fact in facts:
            if not fact.synthetic:
                times_ms = wrapped_up[fact.queue, group(fact.agent), fact.entry]
                times_ms.append(fact.talk_ms)
                times_ms.append(fact.wrap_up_ms)

    def _offers_ended(self, facts: list[OfferEnded]) -> None:
        group, rung = self.groups.get, self.rung
        for fact in self._synthetic.without(facts):
            if (ring_ms := fact.ring_ms) is not None:
                rung[group(fact.agent), fact.result].append(ring_ms)
            else:
                self.not_rung[group(fact.agent), fact.result].append(None)
