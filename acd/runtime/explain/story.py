"""A journal as a story: what came in and what followed, a line a moment, for a person who wants to
know what happened that night.

Told is what changes something for a caller, an agent or the switch itself; that a variable was
written or a prompt has ended is not.  Telephone numbers keep their last two digits, as in the log:
``--effects`` shows everything.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import tzinfo
from typing import Any

import msgspec

from acd.adapters.postgres.history import HAPPENINGS, HappeningRecord
from acd.adapters.postgres.moments import moment
from acd.core.codec import Frame
from acd.core.events import Event
from acd.core.ids import CallId
from acd.runtime.driver import Effect
from acd.runtime.explain.happenings import sentence
from acd.runtime.logs import mask_number


def told(
    frame: Frame, effects: Sequence[Effect], zone: tzinfo, call: CallId | None = None
) -> Iterator[str]:
    """Yield the lines of one step; only those about ``call`` when it is given."""
    clock = moment(frame.now_ms).astimezone(zone).strftime("%H:%M:%S.%f")[:-3]
    lines = [line for effect in effects if (line := _effect(effect, call)) is not None]
    came = _event(frame.event)
    if came is not None and (call is None or lines):
        yield f"{clock}  {came}"
    for line in lines:
        yield f"{clock}    {line}"


def _event(event: Event) -> str | None:
    make = _EVENTS.get(type(event).__name__)
    return None if make is None else make(event)


def _effect(effect: Effect, call: CallId | None) -> str | None:
    if call is not None and getattr(effect, "call", None) != call:
        return None
    name = type(effect).__name__
    if name in HAPPENINGS:
        body: dict[str, Any] = msgspec.to_builtins(effect)
        said = sentence(HappeningRecord(at=moment(body["at_ms"]), kind=name, body=body))
        return None if said is None else f"Call {body['call']}: {said}"
    make = _EFFECTS.get(name)
    return None if make is None else make(effect)


def _number(number: str | None) -> str:
    return "a withheld number" if number is None else mask_number(number)


def _seconds(duration_ms: int | None) -> str:
    return "?" if duration_ms is None else f"{duration_ms / 1000:.1f} s"


def _connected(event: Any) -> str:
    found = len(event.found)
    lived = f"; {found} channels with a memo" if found else ""
    return f"Asterisk {event.node} can be commanded: {len(event.legs)} legs of ours{lived}."


def _phone(event: Any) -> str:
    there = "is registered" if event.registered else "is away"
    return f"Phone {event.phone} {there}{', in use' if event.in_use else ''}."


def _offered(fact: Any) -> str:
    queue = f"waits in queue {fact.queue}" if fact.queue else "dialled a number that means nothing"
    return f"Call {fact.call}: {_number(fact.caller)} {queue} (entry {fact.entry or 'none'})."


def _made(fact: Any) -> str:
    return (
        f"Call {fact.call}: agent {fact.agent} is rung, {_seconds(fact.slack_ms)} before the "
        f"promise, for at most {_seconds(fact.ring_limit_ms)}."
    )


def _ended(fact: Any) -> str:
    return (
        f"Call {fact.call} is over: {fact.outcome}, waited {_seconds(fact.wait_ms)}, "
        f"talked {_seconds(fact.talk_ms)}."
    )


def _agent(fact: Any) -> str:
    why = f" ({fact.reason})" if fact.reason else ""
    return f"Agent {fact.agent}: {fact.was} → {fact.now}{why}."


def _owed(fact: Any) -> str:
    owed = fact.obligation
    return f"Obligation {owed.id} ({owed.kind}, {owed.why}): {fact.what}."


_EVENTS: dict[str, Callable[[Any], str]] = {
    "CallArrived": lambda e: f"{_number(e.caller)} calls {e.called}.",
    "CodeDialled": lambda e: f"Phone {e.phone} dials {e.code[:4]}.",
    "LoginRequested": lambda e: f"Agent {e.agent} wants to log in at {e.seat}.",
    "LogoutRequested": lambda e: f"Agent {e.agent} wants to log out.",
    "PauseRequested": lambda e: f"Agent {e.agent} wants a break ({e.reason}).",
    "ControlRequested": lambda e: f"Call {e.call}: somebody asks for {e.action}.",
    "RatingGiven": lambda e: f"Call {e.call}: agent {e.by} writes down how content somebody is.",
    "TerminalTestNoted": lambda e: f"Call {e.call}: agent {e.by} says that it was a test.",
    "ReportHandedIn": lambda e: f"Case {e.case}: agent {e.by} hands in the report.",
    "CallRequested": lambda e: f"Agent {e.agent} wants to call {_number(e.number)}.",
    "CommandFailed": lambda e: f"Asterisk could not do {e.command}: {e.reason}",
    "PhoneReported": _phone,
    "TrunkReported": lambda e: f"Trunk {e.trunk} is {'there' if e.reachable else 'away'}.",
    "SwitchConnected": _connected,
    "NodeLost": lambda e: f"Asterisk {e.node} is lost, and its calls with it.",
    "NodeDrained": lambda e: f"Asterisk {e.node} is {'drained' if e.drained else 'used again'}.",
    "AgentRemembered": lambda e: f"Agent {e.agent} had been {e.state} at {e.seat}.",
    "CallRemembered": lambda e: f"Call {e.call} had no end.",
    "LegHungUp": lambda e: f"The far end of {e.leg} has hung up.",
    "FallbackEnded": lambda e: f"The dialplan has served {_number(e.arrival.caller)}.",
    "LegAway": lambda e: f"The dialplan has taken caller {e.leg} from us.",
    "LegGone": lambda e: f"Leg {e.leg} is gone ({e.why}).",
}

_EFFECTS: dict[str, Callable[[Any], str]] = {
    "CallOffered": _offered,
    "CallTakenUp": lambda f: f"Call {f.call} lived on and is taken up again, {f.state}.",
    "OfferMade": _made,
    "OfferEnded": lambda f: (
        f"Call {f.call}: the ring of {f.agent} is over, {f.result}"
        + ("." if f.ring_ms is None else f" after {_seconds(f.ring_ms)}.")
    ),
    "PromiseBroken": lambda f: f"Call {f.call}: the promise is broken.",
    "IncidentOpened": lambda f: f"Call {f.call}: an incident is opened.",
    "CallPickedUp": lambda f: f"Call {f.call}: the switch has picked up.",
    "CallAnswered": lambda f: f"Call {f.call}: answered by {f.agent} after {_seconds(f.wait_ms)}.",
    "CallQueued": lambda f: f"Call {f.call} waits in queue {f.queue}.",
    "CallPlaced": lambda f: f"Call {f.call} is placed to {_number(f.number)}.",
    "NumberDialled": lambda f: f"Call {f.call}: {_number(f.number)} is dialled over {f.trunk}.",
    "DialEnded": lambda f: f"Call {f.call}: {_number(f.number)} was {f.result}.",
    "CallReached": lambda f: f"Call {f.call}: reached, with {f.agent}.",
    "CallEnded": _ended,
    "PlacedCallEnded": _ended,
    "AgentStateChanged": _agent,
    "ObligationNoted": _owed,
    "CaseNoted": lambda f: f"Case {f.case.id}: {f.what}.",
    "RequestRefused": lambda f: f"Refused: {f.refusal}.",
    "ConfigurationTakenBack": lambda f: f"The {f.what} is what it was before: {f.why}",
    "Repaired": lambda f: f"We followed Asterisk: {f.what} ({f.key}).",
    "HandToFallback": lambda c: f"Call {c.call}: the caller is given to the dialplan.",
    "Defect": lambda f: f"DEFECT: {f.sentence}",
}
