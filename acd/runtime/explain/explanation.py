"""A call's life in plain words: who was chosen and why, what became of it, what slack was left.

Pure: from the records to sentences.  What the records do not say (rows of an older version, a call
that goes on) is left out.  The full list of those not chosen comes by a replay: see ``decisions``.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec

from acd.adapters.postgres.history import CallHistory, CallRecord, OfferRecord
from acd.core.directory import Reach, Selection
from acd.core.facts import OfferResult, Outcome, TransferKind
from acd.runtime.explain import happenings

PERSONAL = tuple(TransferKind)
"""What stands for the rule where a colleague asked for the agent by number."""

_MS = timedelta(milliseconds=1)

_OUT_OF = {Reach.WRAP_UP: "out of wrap-up", Reach.BREAK: "out of a break"}

_PREFERRED = {
    "named": "the caller had asked for them",
    "owner": "had the caller's first contact",
    "last": "had spoken with the caller last",
}
"""Why somebody went before the rule; anything else is a skill that the caller prefers."""

SKIPPED = {
    "wrap_up": "in wrap-up",
    "not_responding": "not responding",
    "logged_out": "logged out",
    "below_needs": "free but below what was asked for by then",
}

_WHY = {
    "busy": "busy",
    "rejected": "rejected on the phone",
    "no_answer": "no answer",
    "unreachable": "the phone could not be reached",
    "failed": "the phone failed",
    "normal": "the phone hung up",
    "lost": "the leg was gone after the link to Asterisk had been away",
}


class Line(msgspec.Struct, frozen=True):
    """One sentence, and when it was so: ``after_ms`` counts from the arrival."""

    at: datetime
    after_ms: int
    sentence: str
    decision: OfferRecord | None = None
    """The offer whose making it tells."""


class _Told(NamedTuple):
    at: datetime
    sentence: str
    decision: OfferRecord | None = None


def explain(history: CallHistory) -> list[Line]:
    """Return the sentences in the order of what they tell."""
    told = sorted(_told(history), key=lambda one: one.at)
    begin = history.call.arrived_at
    return [Line(one.at, (one.at - begin) // _MS, one.sentence, one.decision) for one in told]


def _told(history: CallHistory) -> Iterator[_Told]:
    """Yield what is to be told; what shares a moment in the order of cause and effect."""
    call = history.call
    yield _Told(call.arrived_at, _arrival(call))
    if call.picked_up_at is not None:
        sentence = "No agent was there yet: the system picked up and spoke; that is not an answer."
        yield _Told(call.picked_up_at, sentence)
    if call.promise_broken_at is not None:
        sentence = "The promise was over, and no agent's audio was there."
        yield _Told(call.promise_broken_at, sentence)
    if call.incident_at is not None:
        sentence = "An incident was opened: a person must look after this caller."
        yield _Told(call.incident_at, sentence)
    for offer in history.offers:
        if offer.ended_at is not None:
            yield _Told(offer.ended_at, _offer_end(offer, _winner(history, offer.ended_at)))
    for offer in history.offers:
        if offer.made_at is not None:
            yield _Told(offer.made_at, _offer(offer), offer)
    if call.answered_at is not None:
        yield _Told(call.answered_at, _answer(call))
    for happening in history.happenings:
        told = happenings.sentence(happening)
        if told is not None:
            yield _Told(happening.at, told)
    if call.ended_at is not None:
        yield _Told(call.ended_at, _end(call))


def _arrival(call: CallRecord) -> str:
    caller = "A caller without a number" if call.caller is None else f"Caller {call.caller}"
    trunk = "" if call.trunk is None else f" by trunk {call.trunk}"
    where = "no queue" if call.queue is None else f"queue {call.queue}"
    kind = "" if call.kind is None else f" ({call.kind})"
    goes = ""
    if call.precedence:
        ahead = "one step" if call.precedence == 1 else f"{call.precedence} steps"
        goes = f" They go {ahead} before others of the queue"
        goes += ", for they had just called and not been answered." if call.repeat else "."
    return f"{caller} dialled {call.called or 'nothing known'}{kind}{trunk}, for {where}.{goes}"


def _offer(offer: OfferRecord) -> str:
    return " ".join([_choice(offer), *_others(offer), *_time(offer)])


def _choice(offer: OfferRecord) -> str:
    if offer.selection in PERSONAL:
        return f"Agent {offer.agent} was rung: a colleague had asked for them."
    beside = ""
    if offer.phones is not None and offer.phones > 1:
        beside = f" as number {offer.phones} of the phones ringing at once"
    if offer.reach in (Reach.WRAP_UP, Reach.BREAK):
        out_of = _OUT_OF[Reach(offer.reach)]
        return f"Nobody was free, so agent {offer.agent} was rung {out_of}{beside}."
    if offer.reach == Reach.SUPERVISOR:
        return f"No agent could be rung, so supervisor {offer.agent} was{beside}."
    if offer.reach == Reach.OUTSIDE:
        return f"Nobody in the house could be rung, so duty phone {offer.agent} was{beside}."
    if offer.preferred is not None:
        why = _PREFERRED.get(offer.preferred, f"has {offer.preferred}, which the caller prefers")
        return f"Agent {offer.agent} was rung{beside}: {why}."
    if offer.free == 1 and not offer.tier and offer.overflow is None:
        return f"Agent {offer.agent} was rung{beside}: the only one free."
    rule = _rule(offer)
    among = "" if offer.free is None else f" of {offer.free} free"
    why = f": {rule}{among}" if rule else ""
    return f"Agent {offer.agent} was rung{beside}{why}."


def _rule(offer: OfferRecord) -> str:
    """Return by what the winner was first."""
    rank = offer.rank or 0
    match offer.selection:
        case Selection.LONGEST_IDLE:
            return f"the longest idle ({_seconds(offer.idle_ms or 0)})"
        case Selection.HIGHEST_SKILL:
            return f"the highest skill (level {-rank})"
        case Selection.BEST_FIT:
            return f"the lowest skill that will do (level {rank})"
        case Selection.ROUND_ROBIN:
            return "the one rung longest ago"
        case Selection.FEWEST_CALLS:
            return f"the fewest calls ({rank})"
        case Selection.LEAST_TALK:
            return f"the least time talking ({_seconds(rank)})"
        case Selection.LINEAR:
            return "the first in the list"
        case Selection.RANDOM:
            return "drawn at random"
        case Selection.WEIGHTED:
            return "drawn at random, in proportion to the level"
        case _:
            return ""


def _others(offer: OfferRecord) -> Iterator[str]:
    if offer.overflow is not None:
        yield f"They serve queue {offer.overflow}, which helps after so long a wait (overflow)."
    elif offer.tier:
        step = "one step" if offer.tier == 1 else f"{offer.tier} steps"
        yield f"They have less than the queue asks for at first: relaxed by {step} by then."
    if offer.next:
        yield f"Next would have been {', '.join(offer.next)}."
    if offer.skipped:
        counts = sorted(offer.skipped.items(), key=lambda pair: (-pair[1], pair[0]))
        skipped = ", ".join(f"{count} {SKIPPED.get(why, why)}" for why, count in counts)
        yield f"Skipped: {skipped}."


def _time(offer: OfferRecord) -> Iterator[str]:
    if offer.slack_ms is None or offer.selection in PERSONAL:
        return
    if offer.slack_ms >= 0:
        slack = f"{_seconds(offer.slack_ms)} were left of the promise"
    else:
        slack = f"the promise had been over for {_seconds(-offer.slack_ms)}"
    limit = "" if offer.ring_limit_ms is None else f"; ring limit {_seconds(offer.ring_limit_ms)}"
    yield f"{slack[:1].upper()}{slack[1:]}{limit}."


def _winner(history: CallHistory, moment: datetime) -> str | None:
    """Return who answered the phone at that moment."""
    answered = (
        offer.agent
        for offer in history.offers
        if offer.ended_at == moment and offer.result == OfferResult.ACCEPTED
    )
    return next(answered, None)


def _offer_end(offer: OfferRecord, winner: str | None) -> str:
    rang = "" if offer.ring_ms is None else f" after ringing for {_seconds(offer.ring_ms)}"
    why = "" if offer.why is None else f" ({_WHY.get(offer.why, offer.why)})"
    match offer.result:
        case OfferResult.ACCEPTED:
            return f"Agent {offer.agent} answered the phone{rang}."
        case OfferResult.MISSED:
            return f"Agent {offer.agent} did not answer{rang}."
        case OfferResult.REJECTED:
            return f"Agent {offer.agent} refused{rang}{why}."
        case OfferResult.UNATTENDED:
            return f"Agent {offer.agent}'s phone picked up by itself, and nobody was there."
        case OfferResult.FAILED if offer.why is None:
            return f"Agent {offer.agent}'s phone never rang within the limit."
        case OfferResult.FAILED:
            return f"Agent {offer.agent} could not be rung{why}."
        case OfferResult.WITHDRAWN if winner is not None:
            return f"The ring of agent {offer.agent} was withdrawn{rang}: {winner} had answered."
        case OfferResult.WITHDRAWN:
            return f"The ring of agent {offer.agent} was withdrawn{rang}: the caller had gone."
        case _:
            return f"The ring of agent {offer.agent} ended{rang}."


def _answer(call: CallRecord) -> str:
    waited = "" if call.wait_ms is None else f" after {_seconds(call.wait_ms)}"
    kept = "the promise was kept" if call.promise_broken_at is None else "too late for the promise"
    return f"The audio of agent {call.agent} reached the caller{waited}: {kept}."


def _is_callable(call: CallRecord) -> bool:
    return call.caller is not None and call.caller.isdigit()


def _end(call: CallRecord) -> str:
    waited = _seconds(call.wait_ms or 0)
    match call.outcome:
        case Outcome.ANSWERED:
            talk, wrap_up = _seconds(call.talk_ms or 0), _seconds(call.wrap_up_ms)
            return f"The call ended after a conversation of {talk}; wrap-up took {wrap_up}."
        case Outcome.ABANDONED:
            left = f"The caller left after {waited} without an answer."
            return left if _is_callable(call) else f"{left} Without a number they cannot be called."
        case Outcome.REFUSED:
            return "The call was refused: the dialled number means nothing here."
        case Outcome.FALLBACK:
            return "The call was handed to the dialplan's fallback, for we had lost its thread."
        case Outcome.LOST:
            return "The caller was gone after the link to Asterisk had been away."
        case _:
            return "The call ended."


def _seconds(duration_ms: int) -> str:
    return f"{duration_ms / 1000:.1f} s"
