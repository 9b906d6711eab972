"""Test rings: how somebody who did not answer is found to be there again, without a caller.

An agent who has missed too many rings in a row is not responding, and would stay so for ever
(kazoo PR #6609) if only their own word brought them back.  So after a pause the switch rings the
phone itself.  Whoever answers is ready again; where the phone answers by itself, they are asked to
press a key.  Whoever does not is rung again after twice the pause, a few times and never in a
circle.  Any word of their own, or of their phone, ends it.  A phone that is away or in use is rung
a pause after it can be again, which wakes nobody before.
"""

from acd.core.commands import Release
from acd.core.directory import SeatMode
from acd.core.entities import Agent, DeskCall, LegEnd
from acd.core.events import Hangup
from acd.core.facts import TestRang, TestResult, TestRingEnded
from acd.core.ids import AgentId
from acd.core.moves import hang_up
from acd.core.staff import agents, desk
from acd.core.state import State
from acd.core.tables import AgentState, DeskMove, DeskState

RING_MS = 15_000
"""Three rings (C01); nobody waits for the answer."""

KEY_MS_MAX = 10_000
"""How long a phone that has answered by itself waits for a person's key."""

PAUSE_MS_MAX = 900_000
"""Pauses double, but an agent who is back is found within a quarter of an hour."""

CALLER = "*61"
"""What the phone shows; to call back is to be ready."""

PRESS_A_KEY = ("agent-test-ring",)


def due(s: State, key: AgentId) -> None:
    """The pause is over: ring the phone, unless it is away or in use, which is no test."""
    agent = s.agents[key]
    trial = agent.trial
    assert trial is not None and agent.state is AgentState.NOT_RESPONDING
    phone = s.ringing_phone(agent)
    node = s.node_for_new()
    if phone is None or agent.seat is None or node is None or not s.available(agent):
        trial.waits = True
        return
    trial.rung += 1
    call = desk.ring(s, node, phone, key, ring_ms=RING_MS, caller=CALLER)
    call.tested = key
    trial.call = call.id
    s.touched[agent] = None
    s.emit(
        TestRang(
            at_ms=s.now,
            agent=key,
            seat=agent.seat,
            phone=phone.id,
            leg=call.leg,
            number=trial.rung,
        )
    )


def answered(s: State, call: DeskCall) -> None:
    """The phone has been picked up, by a person where it rings."""
    if not desk.move(s, call, DeskMove.ANSWERED):
        return
    agent = _tested(s, call)
    seat = None if agent is None or agent.seat is None else s.seats.get(agent.seat)
    if seat is None or seat.mode is SeatMode.RING:
        present(s, call)
    else:
        desk.say(s, call, PRESS_A_KEY)
        s.timers.set(("desk", call.id), s.now + KEY_MS_MAX)


def key_pressed(s: State, call: DeskCall) -> None:
    """Any key will do, once the phone has been picked up."""
    if call.state is DeskState.DIALLING:
        desk.move(s, call, DeskMove.DIGIT)
    else:
        present(s, call)


def present(s: State, call: DeskCall) -> None:
    """Somebody is there: the agent is ready again, and hears it."""
    if not desk.move(s, call, DeskMove.PRESENT):
        return
    agent = _tested(s, call)
    if agent is not None:
        _told(s, agent, TestResult.READY)
        agent.trial = None
        agent.misses = 0
        agent.idle_since_ms = s.now
        agents.free(s, agent)
    desk.confirm(s, call, desk.READY)


def timed_out(s: State, call: DeskCall) -> None:
    """Nobody has answered, or pressed a key: stop ringing; what follows comes with the end."""
    if desk.move(s, call, DeskMove.TIMED_OUT):
        hang_up(s, s.legs[call.leg], Release.NO_ANSWER)


def leg_gone(s: State, call: DeskCall, end: LegEnd) -> None:
    """The test is over; without a person the next one comes after twice the pause."""
    agent = _tested(s, call)
    if agent is None or agent.trial is None:
        return
    if end.why in (Hangup.BUSY, Hangup.REJECTED):
        result = TestResult.REFUSED
    elif end.why in (Hangup.NORMAL, Hangup.NO_ANSWER):
        result = TestResult.MISSED
    else:
        result = TestResult.FAILED
    _told(s, agent, result)
    trial = agent.trial
    trial.call = None
    trial.pause_ms = min(2 * trial.pause_ms, PAUSE_MS_MAX)
    if trial.rung < trial.rings_max:
        s.timers.set(("test_ring", agent.id), s.now + trial.pause_ms)


def _told(s: State, agent: Agent, result: TestResult) -> None:
    assert agent.trial is not None
    s.emit(TestRingEnded(at_ms=s.now, agent=agent.id, number=agent.trial.rung, result=result))


def _tested(s: State, call: DeskCall) -> Agent | None:
    """Return the agent who is still being tested by this call."""
    agent = None if call.tested is None else s.agents.get(call.tested)
    if agent is None or agent.trial is None or agent.trial.call != call.id:
        return None
    return agent
