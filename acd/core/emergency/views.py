"""What may be seen of a case that is open, as plain values.  Looking changes nothing."""

import msgspec

from acd.core.emergency import cases, witness
from acd.core.emergency.case import Case, CaseRole, Place
from acd.core.entities import Call, Leg, Wanted
from acd.core.events import Heard
from acd.core.follow_up.owed import Obligation
from acd.core.ids import AgentId, CallId, CaseId, LegId
from acd.core.state import State


class LegView(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the call.  ``heard`` is what the caller's gives, None where nobody has judged."""

    leg: LegId
    role: str
    agent: AgentId | None
    number: str | None
    state: str
    place: Place
    since_ms: int
    answered_ms: int | None
    heard: Heard | None


class PartyView(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who is called; ``service`` is None for a contact."""

    number: str
    service: str | None
    state: str
    by: AgentId | None
    asks: bool
    """Has to press 1 before they count as reached."""
    leg: LegId


class RoleView(msgspec.Struct, frozen=True, kw_only=True):
    """A role that somebody shall have: who is being rung for it, and whether for nobody else."""

    role: CaseRole
    since_ms: int
    ringing: AgentId | None
    holder: AgentId | None
    """Who had it, and is rung first."""
    successor: AgentId | None


class SceneView(msgspec.Struct, frozen=True, kw_only=True):
    """What goes on around the caller in one call of the case."""

    call: CallId
    state: str
    caller: str | None
    arrived_ms: int
    agent: AgentId | None
    responds: bool | None
    held: bool
    device: tuple[str, ...]
    """What the terminal has said of itself in it (T27)."""
    legs: tuple[LegView, ...]
    parties: tuple[PartyView, ...]
    wanted: tuple[RoleView, ...]


def open_cases(s: State) -> list[Case]:
    """Return the open cases, the oldest first."""
    return sorted(s.cases.values(), key=lambda case: (case.opened_ms, case.id))


def scenes(s: State, key: CaseId) -> tuple[SceneView, ...]:
    """Return what goes on in the live calls of a case, in the order of the calls."""
    case = s.cases.get(key)
    return () if case is None else tuple(_scene(s, call) for call in cases.live(s, case))


def owed(s: State, case: Case) -> list[Obligation]:
    """Return what is owed in a case, for one of its calls or to the elder, by deadline."""
    found = [
        one
        for one in s.obligations.values()
        if one.case == case.id
        or one.call in case.calls
        or (one.number is not None and one.number == case.number)
    ]
    return sorted(found, key=lambda one: (one.deadline_ms, one.id))


def _scene(s: State, call: Call) -> SceneView:
    scene = call.scene
    return SceneView(
        call=call.id,
        state=call.state,
        caller=call.caller,
        arrived_ms=call.arrived_ms,
        agent=call.agent,
        responds=call.responds,
        held=call.held,
        device=tuple(call.device_reports.values()),
        legs=tuple(_leg(s, call, s.legs[key]) for key in call.legs),
        parties=()
        if scene is None
        else tuple(
            PartyView(
                number=party.number,
                service=party.service,
                state=party.state,
                by=party.by,
                asks=party.asks,
                leg=party.leg,
            )
            for party in scene.parties.values()
        ),
        wanted=()
        if scene is None
        else tuple(_role(s, call, role, wanted) for role, wanted in scene.wanted.items()),
    )


def _leg(s: State, call: Call, leg: Leg) -> LegView:
    return LegView(
        leg=leg.id,
        role=leg.role,
        agent=leg.agent,
        number=call.caller if leg.id == call.caller_leg else leg.number,
        state=leg.state,
        place=witness.place_of(s, call, leg.wanted),
        since_ms=leg.started_ms,
        answered_ms=leg.answered_ms,
        heard=leg.heard,
    )


def _role(s: State, call: Call, role: CaseRole, wanted: Wanted) -> RoleView:
    assert call.scene is not None
    offers = [key for key, one in call.scene.ringing.items() if one is role]
    return RoleView(
        role=role,
        since_ms=wanted.since_ms,
        ringing=s.offers[offers[0]].agent if offers else None,
        holder=wanted.holder,
        successor=wanted.successor,
    )
