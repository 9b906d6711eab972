"""A second person's word that nobody had to be sent (E35): by the API, or by telephone.

Whoever closes a case in which nobody was sent to somebody who did not respond is free at once; the
case stays open.  Meanwhile the switch rings those who may agree: supervisors at their own phones,
and duty phones over a trunk, one after the other, whoever was rung least first.  Everybody else
dials *65 and hears the same question.  1 agrees, 2 lets the case go on.  Agents who answer callers
are never rung for it: a question can wait, a caller cannot.
"""

from acd.core import spoken
from acd.core.asks import refuse_for
from acd.core.call_control import speech
from acd.core.commands import Release
from acd.core.directory import EntryKind, Role
from acd.core.emergency import cases, chasers, roles
from acd.core.emergency.case import Case
from acd.core.entities import Agent, Agreeing, Call, DeskCall, Dial
from acd.core.events import CaseAction, CaseRequested, CodeDialled
from acd.core.follow_up import callbacks
from acd.core.ids import AgentId, CaseId, Node, RequestId
from acd.core.moves import bid_farewell, hang_up
from acd.core.outside import outbound, placing
from acd.core.queueing import matching
from acd.core.replies import Done, Refusal, Refused, Reply
from acd.core.staff import desk
from acd.core.state import State
from acd.core.tables import CaseMove, CaseState, DeskMove, DeskState

CODE = "*65"

RING_MS = 15_000
"""Three rings of a supervisor's own phone."""

ASK_MS = 20_000
"""From the pick-up to the key; the question with a number takes some ten seconds."""

PAUSE_MS = 20_000
"""Between two rings: nobody is rung in a circle, and who was asked can dial *65."""

FAREWELL_MS_MAX = 8_000
"""A confirmation that never ends keeps no line."""

QUESTION = ("agreement-for",)
REQUEST = ("agreement-press",)
AGREED = ("agreement-noted",)
GOES_ON = ("agreement-goes-on",)
NOTHING = ("agreement-nothing-asked",)
PROMPTS = (*QUESTION, *REQUEST, *AGREED, *GOES_ON, *NOTHING)
"""Every prompt this module asks for by itself."""

_ACTIONS = {"1": CaseAction.AGREE, "2": CaseAction.DISAGREE}


# What is said of it -----------------------------------------------------------------------------


def ask(s: State, case: Case) -> None:
    """Somebody has to agree: begin to ask those who may."""
    chasers.to_agree(s, case)
    begin(s, case)


def begin(s: State, case: Case) -> None:
    """Ring those who may agree, until one has said something."""
    s.agreeing[case.id] = Agreeing()
    next_due(s, case.id)


def answer(s: State, event: CaseRequested, case: Case) -> Reply:
    """A second person agrees, or does not."""
    if case.state is not CaseState.UNCONFIRMED:
        sentence = "Nobody has asked for an agreement."
        return refuse_for(s, event.request, event.agent, Refusal.NOT_ASKED, sentence)
    if event.agent == case.closed_by:
        sentence = f"You have closed it, {event.agent}: a second person has to agree."
        return refuse_for(s, event.request, event.agent, Refusal.YOURSELF, sentence)
    chasers.agreed(s, case)
    if event.action is CaseAction.AGREE:
        case = cases.change(
            s, case, "agreed", by=event.agent, move=CaseMove.CLOSED,
            agreed_by=event.agent, closed_ms=s.now,
        )  # fmt: skip
        roles.case_closed(s, case)
        callbacks.case_closed(s, case)
    else:
        case = cases.change(
            s, case, "not agreed", by=event.agent, move=CaseMove.NOT_AGREED, closed_by=None
        )
    _over(s, case.id)
    return Done(event.request, case.state)


def _over(s: State, key: CaseId) -> None:
    """Nobody has to be asked any more: what rings is ended, whoever hears the question is told."""
    s.agreeing.pop(key, None)
    s.timers.cancel(("agree", key))
    for one in tuple(s.desk_calls.values()):
        if one.agrees == key and one.state is DeskState.DIALLING:
            desk.move(s, one, DeskMove.TIMED_OUT)
            hang_up(s, s.legs[one.leg], Release.ANSWERED_ELSEWHERE)
    for call in tuple(s.calls.values()):
        if _asks_about(call) == key and not placing.is_far_end_there(s, call):
            callbacks.take_back(s, call)


def _asks_about(call: Call) -> CaseId | None:
    return None if call.placed is None else call.placed.agrees


# Whom to ring -----------------------------------------------------------------------------------


def next_due(s: State, key: CaseId) -> None:
    """Ring the next one, if there is anybody; look again a little later."""
    case, asking = s.cases.get(key), s.agreeing.get(key)
    if case is None or asking is None or case.state is not CaseState.UNCONFIRMED:
        s.agreeing.pop(key, None)
        return
    s.timers.set(("agree", key), s.now + RING_MS + PAUSE_MS)
    found = [
        (asking.rung.get(agent.id, 0), agent.profile.outside is not None, agent.position, agent)
        for agent in s.agents.values()
        if agent.id != case.closed_by and _may_be_rung(s, agent)
    ]
    node = s.node_for_new()
    if not found or node is None:
        return
    agent = min(found, key=lambda one: one[:3])[3]
    asking.rung[agent.id] = asking.rung.get(agent.id, 0) + 1
    if agent.profile.outside is not None:
        _call_outside(s, node, case, agent)
    else:
        phone = s.ringing_phone(agent)
        assert phone is not None
        rung = desk.ring(s, node, phone, agent.id, ring_ms=RING_MS, caller=CODE)
        rung.agrees = key
        cases.change(s, case, f"agent {agent.id} was rung to agree")


def _may_be_rung(s: State, agent: Agent) -> bool:
    if agent.removed or not matching.can_be_rung(s, agent):
        return False
    return agent.profile.outside is not None or agent.profile.role is Role.SUPERVISOR


def _call_outside(s: State, node: Node, case: Case, agent: Agent) -> None:
    assert agent.profile.outside is not None
    call = placing.begin(
        s,
        node,
        agent.profile.outside.number,
        queue=cases.queue_of(s, case),
        kind=EntryKind.EMERGENCY,
        person=None,
        reference=case.id,
        since_ms=s.now,
        caller_ids=() if case.entry is None else (case.entry,),
    )
    assert call.placed is not None
    call.placed.is_contact = call.placed.asks = True
    call.placed.agrees, call.placed.agreeing = case.id, agent.id
    changed = f"duty phone {agent.id} was rung to agree"
    cases.change(s, case, changed, calls=(*case.calls, call.id))
    if isinstance(placing.dial(s, call), outbound.NotDialled):
        callbacks.call_off(s, call)


# At a phone of the house ------------------------------------------------------------------------


def dialled(s: State, event: CodeDialled) -> None:
    """Somebody dials *65: ask them about the oldest case that waits for a second person."""
    call = desk.open_(s, event)
    by = s.agent_at(event.phone)
    waiting = [
        case for case in s.cases.values()
        if by is not None and case.state is CaseState.UNCONFIRMED and case.closed_by != by.id
    ]  # fmt: skip
    if not waiting:
        call.state = DeskState.CONFIRMING
        desk.confirm(s, call, NOTHING)
        return
    case = min(waiting, key=lambda one: (one.opened_ms, one.id))
    call.agrees = case.id
    _question(s, call, case)


def answered(s: State, call: DeskCall) -> None:
    """Whoever was rung has picked up."""
    case = _case_of(s, call)
    if not desk.move(s, call, DeskMove.ANSWERED):
        return
    if case is None:
        desk.confirm(s, call, NOTHING)
    else:
        _question(s, call, case)


def key_pressed(s: State, call: DeskCall, digit: str) -> None:
    """1 agrees, 2 lets the case go on; any other key says nothing."""
    if digit not in _ACTIONS or call.state is not DeskState.ASKING:
        s.ignored("a key of somebody who is asked to agree", call.id)
        return
    case, by = _case_of(s, call), s.agent_at(call.phone)
    desk.move(s, call, DeskMove.DIGIT)
    if case is None or by is None:
        desk.confirm(s, call, NOTHING)
        return
    desk.confirm(s, call, _take(s, RequestId(call.id), case, by.id, digit))


def timed_out(s: State, call: DeskCall) -> None:
    """Nobody has picked up, or pressed a key."""
    if desk.move(s, call, DeskMove.TIMED_OUT):
        s.timers.cancel(("desk", call.id))
        hang_up(s, s.legs[call.leg], Release.NO_ANSWER)


def _case_of(s: State, call: DeskCall) -> Case | None:
    case = None if call.agrees is None else s.cases.get(call.agrees)
    return case if case is not None and case.state is CaseState.UNCONFIRMED else None


def _question(s: State, call: DeskCall, case: Case) -> None:
    desk.say(s, call, _words(case))
    s.timers.set(("desk", call.id), s.now + ASK_MS)


def _words(case: Case) -> tuple[str, ...]:
    return (*QUESTION, *spoken.digits(case.number or ""), *REQUEST)


def _take(s: State, request: RequestId, case: Case, by: AgentId, digit: str) -> tuple[str, ...]:
    action = _ACTIONS[digit]
    event = CaseRequested(request=request, case=case.id, action=action, agent=by)
    if isinstance(answer(s, event, case), Refused):
        return NOTHING
    return AGREED if action is CaseAction.AGREE else GOES_ON


# At an outside telephone ------------------------------------------------------------------------


def picked_up(s: State, call: Call, dial: Dial) -> None:
    """Somebody or something has picked up the duty phone."""
    case = s.cases.get(_asks_about(call) or CaseId(""))
    if case is None or case.state is not CaseState.UNCONFIRMED:
        hang_up(s, s.legs[dial.leg], Release.NORMAL)
        return
    speech.say(s, call, s.legs[dial.leg], _words(case))
    s.timers.set(("asked", dial.id), s.now + ASK_MS)


def digit(s: State, call: Call, dial: Dial, key: str) -> None:
    """A key at the duty phone."""
    assert call.placed is not None and call.placed.agreeing is not None
    case = s.cases.get(_asks_about(call) or CaseId(""))
    if key not in _ACTIONS:
        s.ignored("a key of somebody who is asked to agree", dial.id)
        return
    s.timers.cancel(("asked", dial.id))
    leg = s.legs[dial.leg]
    speech.hush(s, call, leg)
    said: tuple[str, ...] = NOTHING
    if case is not None:
        said = _take(s, RequestId(call.id), case, call.placed.agreeing, key)
    bid_farewell(s, leg, Release.NORMAL, said)
    s.timers.set(("HangUp", leg.id), s.now + FAREWELL_MS_MAX)
