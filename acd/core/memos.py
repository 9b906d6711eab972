"""When a memo is written: once a call has come, and whenever something changes in it that Asterisk
would not know.  Nobody waits for it; see ``memo`` for what it is and ``recovery`` for who reads it.
"""

from msgspec import structs

from acd.core.commands import KeepCaller, KeepMemo
from acd.core.entities import Agent, Call, Dial, Leg
from acd.core.ids import CallId, LegId, PlaybackId
from acd.core.memo import Memo, Part, Placed
from acd.core.state import State
from acd.core.tables import AgentState, CallState, LegState, PartyState, SilenceState
from acd.core.timers import TimerKey

KEEP_AGAIN_MS = 700
"""A caller who is not kept within 3 s is the dialplan's."""

_ENDING = CallState.ENDING

AGAIN_MS = 3_000
"""Pause before a memo that could not be written is tried again: AMI may be away."""


def keep(s: State) -> None:
    """Write the memos of the calls that this step has changed."""
    for one in s.touched:
        if isinstance(one, Call) and one.id in s.calls:
            _keep(s, one)


def _keep(s: State, call: Call) -> None:
    if call.queue is None or call.kind is None:
        return  # the number dialled means nothing here
    leg = _keeper(s, call)
    if leg is None or leg.ended_by_us:
        return
    said = playback(s, call)
    if said is None and call.kept:
        said = call.kept[0]  # that it is over need not be told
    state = _changes(s, call, leg, said)
    if call.kept != state:
        if not call.kept and leg.id == call.caller_leg and call.placed is None:
            s.emit(KeepCaller(call.id, leg.id))
        call.kept = state
        s.emit(KeepMemo(call.id, leg.id, of(s, call, leg)))


def is_kept(s: State, call: Call) -> bool:
    """Tell whether the newest memo says what the call is, or none need be written."""
    leg = _keeper(s, call)
    if not call.kept or call.queue is None or leg is None or leg.ended_by_us:
        return True
    said = playback(s, call)
    return call.kept == _changes(s, call, leg, call.kept[0] if said is None else said)


def not_kept(s: State, key: CallId) -> None:
    """A memo could not be written: it is written again, as long as there is a call.  It has more
    time than a caller who is not kept, whose memo fails in the same moment."""
    timer: TimerKey = ("memo", key)
    s.timers.set(timer, min(s.now + AGAIN_MS, s.timers.due(timer) or s.now + AGAIN_MS))


def caller_not_kept(s: State, key: CallId) -> None:
    """The dialplan's time limit could not be ended: again, before it takes the caller."""
    s.timers.set(("memo", key), s.now + KEEP_AGAIN_MS)


def keep_again(s: State, key: CallId) -> None:
    """Write the call's memo again."""
    call = s.calls.get(key)
    if call is not None:
        call.kept = ()
        s.touched[call] = None


def is_over(s: State, leg: Leg) -> None:
    """We go on without a leg that Asterisk will not let go of: no later life shall take it up."""
    call = s.calls.get(leg.call)
    if call is not None and call.queue is not None and call.kind is not None:
        s.emit(KeepMemo(call.id, leg.id, structs.replace(of(s, call, leg), is_over=True)))


def playback(s: State, call: Call) -> PlaybackId | None:
    """Return what is being said to the caller."""
    caller = s.legs.get(call.caller_leg)
    return call.playback if caller is None or caller.speech is None else caller.speech


def _keeper(s: State, call: Call) -> Leg | None:
    """Return the leg whose channel has the newest memo: the caller's, and until there is one the
    agent's who calls."""
    caller = s.legs.get(call.caller_leg)
    if caller is None and call.agent_leg is not None:
        return s.legs.get(call.agent_leg)
    return caller


def _changes(s: State, call: Call, leg: Leg, said: PlaybackId | None) -> tuple[object, ...]:
    """Return what a memo is written for; the rest of it rides along."""
    later, later_reason = _wish(s, call)
    return (
        said,
        leg.id,
        call.queue,
        call.alone_since_ms,
        call.promise_broken,
        call.incident_opened,
        call.raised,
        call.answered_ms,
        call.agent,
        call.talking_since_ms,
        call.held_since_ms,
        _calling(s, call),
        call.disposition,
        call.responds,
        _silence(call),
        None if call.scene is None else call.scene.case,
        call.state is _ENDING,
        call.is_asking,
        later,
        later_reason,
    )


def note_wish(s: State, agent: Agent) -> None:
    """The agent has said what comes after the conversation, or has taken it back."""
    call = None if agent.call is None else s.calls.get(agent.call)
    if call is not None and call.agent == agent.id:
        s.touched[call] = None


def _wish(s: State, call: Call) -> tuple[AgentState | None, str | None]:
    """Return what whoever has the conversation wants to be after it, and why."""
    agent = None if call.agent is None else s.agents.get(call.agent)
    return (None, None) if agent is None else (agent.later, agent.later_reason)


def _calling(s: State, call: Call) -> tuple[str, ...]:
    if call.scene is None:
        return ()
    beside = call.scene.beside
    meant = None if beside is None or _is_up(s, beside.leg) else beside.rescue
    called = [
        one.number
        for one in call.scene.parties.values()
        if one.service is not None and one.state is PartyState.DIALLING
    ]
    return tuple(called if meant is None else [*called, meant])


def _is_up(s: State, key: LegId) -> bool:
    leg = s.legs.get(key)
    return leg is not None and leg.state is LegState.UP


def _silence(call: Call) -> SilenceState | None:
    clock = call.silence
    return clock.state if clock is not None and clock.listened else None


def of(s: State, call: Call, leg: Leg) -> Memo:
    """Return what the channel of a leg shall keep."""
    assert call.queue is not None and call.kind is not None
    placed = call.placed
    later, later_reason = _wish(s, call)
    return Memo(
        call=call.id,
        arrived_ms=call.arrived_ms,
        kind=call.kind,
        queue=call.queue,
        entered=call.entered,
        called=call.called,
        trunk=call.trunk,
        caller=call.caller,
        terminal=call.terminal,
        elders=call.elders,
        precedence=call.precedence,
        skills=_skills(call) if call.prefers else (),
        has_keys=call.has_keys,
        recorded=call.recorded,
        placed=None
        if placed is None
        else Placed(
            number=placed.number,
            since_ms=placed.since_ms,
            person=placed.person,
            reference=placed.reference,
            caller_ids=placed.caller_ids,
            given_away=placed.given_away,
            obligation=placed.obligation,
            is_contact=placed.is_contact,
            asks=placed.asks,
        ),
        case=None if call.scene is None else call.scene.case,
        alone_since_ms=call.alone_since_ms,
        promise_broken=call.promise_broken,
        incident_opened=call.incident_opened,
        raised=call.raised,
        answered_ms=call.answered_ms,
        first_agent=call.first_agent,
        agent=call.agent,
        later=later,
        later_reason=later_reason,
        talking_since_ms=call.talking_since_ms,
        held_since_ms=call.held_since_ms,
        talk_ms=call.talk_ms,
        hold_ms=call.hold_ms,
        playback=playback(s, call),
        calling=_calling(s, call),
        disposition=call.disposition,
        responds=call.responds,
        silence=_silence(call),
        is_over=call.state is _ENDING,
        offers=call.offers,
        ring_ms=call.ring_ms,
        first_offer_ms=call.first_offer_ms,
        part=_part(s, leg),
    )


def _skills(call: Call) -> tuple[str, ...]:
    return tuple(one.skill for one in call.prefers if one.skill is not None)


def _part(s: State, leg: Leg) -> Part | None:
    offer = None if leg.offer is None else s.offers.get(leg.offer)
    dial = None if leg.dial is None else s.dials.get(leg.dial)
    if dial is not None:
        return _of_dial(dial, leg)
    if offer is None:
        return None
    return Part(
        made_ms=offer.made_ms,
        until_ms=s.timers.due(("ring", offer.id)),
        phone=leg.phone,
        agent=offer.agent,
        offer=offer.id,
        queue=leg.queue,
        picks_up=offer.picks_up,
    )


def _of_dial(dial: Dial, leg: Leg) -> Part:
    return Part(
        made_ms=dial.started_ms,
        agent=leg.agent,
        offer=leg.offer,
        queue=leg.queue,
        dial=dial.id,
        number=dial.number,
        trunk=dial.trunk,
        purpose=dial.purpose,
        person=dial.person,
        is_awaited=dial.is_awaited,
    )
