"""What ties an agent to an elder, so that they see telephone numbers and health (L2, X01).

A call in which the agent is, or whose notes they write; an open case that they have a part in; what
is owed and in their hands.  A caller who has nobody yet ties every agent: anybody may be rung for
them next, and no screen waits for that (E04, T06).

Ties and what an answer is about are both sets of marks, such as an elder's or a call's id: the
answer is shown in full where they meet.  A mark is never a proof of identity; a number that two
elders share ties to both.  What is shown of the rest, ``acd.adapters.http.veil`` says.
"""

from collections.abc import Iterable
from enum import StrEnum

from acd.core.directory import EntryKind
from acd.core.emergency import cases
from acd.core.emergency.case import Case
from acd.core.entities import Call
from acd.core.facts import CaseNoted, Fact, ObligationNoted
from acd.core.follow_up.owed import Obligation, OwedFor
from acd.core.ids import AgentId, CallId
from acd.core.queueing.waiting import UNANSWERED
from acd.core.state import State


class Of(StrEnum):
    """What a mark names."""

    CALL = "call"
    CASE = "case"
    OWED = "owed"
    ELDER = "elder"
    TERMINAL = "terminal"
    NUMBER = "number"
    OFFLINE = "offline"


Mark = tuple[Of, str]
Ties = frozenset[Mark]

ANY_ELDER: Mark = (Of.ELDER, "*")
"""No elder's id.  Whoever helps in an emergency may look into any one record: a neighbour calls, or
a daughter from a telephone that nobody knows (E25)."""


def marks(
    *,
    calls: Iterable[str | None] = (),
    cases: Iterable[str | None] = (),
    owed: Iterable[str] = (),
    elders: Iterable[str] = (),
    terminals: Iterable[str | None] = (),
    numbers: Iterable[str | None] = (),
    offline: Iterable[str | None] = (),
) -> Ties:
    """Return the marks of these, without those that nobody knows."""
    named = (
        (Of.CALL, calls),
        (Of.CASE, cases),
        (Of.OWED, owed),
        (Of.ELDER, elders),
        (Of.TERMINAL, terminals),
        (Of.NUMBER, numbers),
        (Of.OFFLINE, offline),
    )
    return frozenset((of, one) for of, those in named for one in those if one is not None)


def of(s: State, agent: AgentId) -> Ties:
    """Return everything that ties an agent now."""
    found = set(recorded(agent, s.cases.values(), s.obligations.values()))
    for call in s.calls.values():
        if _is_in(s, agent, call):
            found |= _of_call(call) | _of_emergency(s, call)
        elif _is_anybodys(call):
            found |= _of_call(call)
    who = s.agents.get(agent)
    if who is not None and who.wrap_up is not None:
        notes = who.wrap_up
        found |= marks(
            calls=[notes.call],
            elders=notes.elders,
            terminals=[notes.terminal],
            numbers=[notes.number],
        )
    return frozenset(found)


def recorded(agent: AgentId, open_cases: Iterable[Case], owed: Iterable[Obligation]) -> Ties:
    """Return what of it stands in the records too: open cases, and what is owed."""
    found: set[Mark] = set()
    for case in open_cases:
        if has_part(agent, case):
            found |= of_case(case)
    for one in owed:
        if _is_theirs(agent, one):
            found |= of_owed(one)
    return frozenset(found)


def has_call(s: State, agent: AgentId, key: CallId | None) -> bool:
    """Tell whether a call ties an agent: a live one, or the one whose notes they write."""
    if key is None:
        return False
    call = s.calls.get(key)
    if call is not None:
        return _is_anybodys(call) or _is_in(s, agent, call)
    who = s.agents.get(agent)
    return who is not None and who.wrap_up is not None and who.wrap_up.call == key


def has_part(agent: AgentId, case: Case) -> bool:
    """Tell whether an agent is A or B of a case, answers for it, or has it in hand."""
    return agent in (case.a, case.b, case.owner, case.assignee)


def has_case(s: State, agent: AgentId, case: Case) -> bool:
    """Tell whether a case ties an agent, who may be in one of its calls."""
    return has_part(agent, case) or any(has_call(s, agent, key) for key in case.calls)


def has_owed(s: State, agent: AgentId, owed: Obligation) -> bool:
    """Tell whether something owed ties an agent, who may be in the call in which it is worked."""
    return _is_theirs(agent, owed) or has_call(s, agent, owed.working)


def has_fact(s: State, agent: AgentId, fact: Fact) -> bool:
    """Tell whether an agent is told of a fact in full."""
    match fact:
        case CaseNoted():
            return has_case(s, agent, fact.case)
        case ObligationNoted():
            return has_owed(s, agent, fact.obligation)
        case _:
            return has_call(s, agent, getattr(fact, "call", None))


def of_case(case: Case) -> Ties:
    """Return what a case is about."""
    return marks(
        calls=case.calls,
        cases=[case.id],
        elders=case.elders,
        terminals=[case.terminal],
        numbers=[case.number],
    )


def of_owed(owed: Obligation) -> Ties:
    """Return what something owed is about."""
    return marks(
        calls=[owed.call, owed.working],
        cases=[owed.case],
        owed=[owed.id],
        elders=owed.elders,
        terminals=[owed.terminal],
        numbers=[owed.number],
        offline=[owed.about if owed.why is OwedFor.OFFLINE else None],
    )


def _of_call(call: Call) -> Ties:
    return marks(
        calls=[call.id], elders=call.elders, terminals=[call.terminal], numbers=[call.caller]
    )


def _of_emergency(s: State, call: Call) -> Ties:
    """Whoever is in an emergency's call is in its case too; and whose it is may be another elder
    than the number says, or nobody knows."""
    case = cases.of(s, call)
    if case is not None:
        return of_case(case) | {ANY_ELDER}
    is_unknown = call.kind is EntryKind.EMERGENCY and not call.elders
    return frozenset({ANY_ELDER}) if is_unknown else frozenset()


def _is_in(s: State, agent: AgentId, call: Call) -> bool:
    """Tell whether an agent is in a call, or is being rung for it."""
    return call.agent == agent or any(s.legs[key].agent == agent for key in call.legs)


def _is_anybodys(call: Call) -> bool:
    """Tell whether anybody may be rung for a call next: no agent has it, and none has placed it."""
    return call.state in UNANSWERED and not call.is_for_one


def _is_theirs(agent: AgentId, owed: Obligation) -> bool:
    """Tell whether an agent answers for something owed, or has it in hand."""
    return agent in (owed.owner, owed.assignee)
