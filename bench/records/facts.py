"""The facts of ordinary calls, as many as asked for."""

from collections.abc import Iterator

from acd.core.directory import EntryKind, Reach, Selection
from acd.core.events import Hangup
from acd.core.facts import (
    AgentStateChanged,
    CallAnswered,
    CallEnded,
    CallOffered,
    Fact,
    LegEnded,
    LegRole,
    OfferEnded,
    OfferMade,
    OfferResult,
    Outcome,
    WrapUpEnded,
)
from acd.core.ids import (
    AgentId,
    CallId,
    ElderId,
    EntryId,
    LegId,
    OfferId,
    PhoneId,
    QueueId,
    SeatId,
    TerminalId,
    TrunkId,
)

AGENTS = 200
GAP_MS = 20
"""Fifty calls a second."""
TALK_MS = 1_500
WRAP_UP_MS = 500
NEXT = tuple(AgentId(str(8101 + n)) for n in range(5))
SKIPPED = (("talking", 40), ("wrap_up", 5), ("paused", 3))
STATES = ("ready", "offered", "talking", "wrap_up", "ready")


def facts(calls: int, *, since_ms: int) -> Iterator[Fact]:
    """Yield the facts of ``calls`` answered calls, call after call: twelve for each."""
    for n in range(calls):
        yield from _life(n, since_ms + n * GAP_MS)


def _life(n: int, at: int) -> Iterator[Fact]:
    call, agent, queue = CallId(f"w{n}"), AgentId(str(8001 + n % AGENTS)), QueueId("emergency")
    seat, offer = SeatId(f"s{agent}"), OfferId(f"w{n}-1")
    caller_leg, agent_leg = LegId(f"n1:c{n}"), LegId(f"n1:a{n}")
    number = f"0216{n % 10_000_000:07d}"
    answered = at + 800
    ended = answered + TALK_MS
    yield CallOffered(
        at_ms=at, call=call, arrived_ms=at, leg=caller_leg, trunk=TrunkId("carrier-a"),
        caller=number, called=EntryId("95001"), entry=EntryId("95001"), kind=EntryKind.EMERGENCY,
        queue=queue, terminal=TerminalId(number), elders=(ElderId(f"e{n}"),), synthetic=False,
        recording=f"{n}.wav",
    )  # fmt: skip
    yield OfferMade(
        at_ms=at, call=call, arrived_ms=at, offer=offer, agent=agent, seat=seat,
        phone=PhoneId(f"a{agent}"), leg=agent_leg, slack_ms=10_000, free=9, idle_ms=1_000,
        selection=Selection.HIGHEST_SKILL, rank=-8, next=NEXT, skipped=SKIPPED, reach=Reach.READY,
        ring_limit_ms=6_500, phones=1,
    )  # fmt: skip
    yield OfferEnded(
        at_ms=answered, call=call, arrived_ms=at, offer=offer, agent=agent,
        result=OfferResult.ACCEPTED, ring_ms=700, why=None,
    )  # fmt: skip
    yield CallAnswered(
        at_ms=answered, call=call, arrived_ms=at, agent=agent, seat=seat, wait_ms=800, again=False,
        queue=queue, kind=EntryKind.EMERGENCY, synthetic=False,
    )  # fmt: skip
    for leg, role in ((agent_leg, LegRole.AGENT), (caller_leg, LegRole.CALLER)):
        yield LegEnded(
            at_ms=ended, call=call, call_arrived_ms=at, leg=leg, role=role, number=number,
            agent=agent if role is LegRole.AGENT else None, started_ms=at, rang_ms=None,
            answered_ms=answered, joined_ms=answered, why=Hangup.NORMAL, cause=16,
        )  # fmt: skip
    yield CallEnded(
        at_ms=ended, call=call, arrived_ms=at, outcome=Outcome.ANSWERED, agent=agent,
        first_offer_ms=at, answered_ms=answered, wait_ms=800, ring_ms=700, talk_ms=TALK_MS,
        hold_ms=0, offers=1, queue=queue, kind=EntryKind.EMERGENCY, synthetic=False,
    )  # fmt: skip
    moments = (at, answered, ended, ended + WRAP_UP_MS)
    before = at - AGENTS * GAP_MS + (answered - at) + TALK_MS + WRAP_UP_MS
    for was, now, begun, moment in zip(
        STATES, STATES[1:], (before, *moments), moments, strict=False
    ):
        yield AgentStateChanged(
            at_ms=moment, agent=agent, seat=seat, was=was, now=now, reason=None, from_ms=begun,
            call=call,
        )  # fmt: skip
    yield WrapUpEnded(
        at_ms=ended + WRAP_UP_MS, agent=agent, call=call, arrived_ms=at, wrap_up_ms=WRAP_UP_MS,
        talk_ms=TALK_MS, queue=queue, entry=EntryId("95001"), synthetic=False,
    )  # fmt: skip
