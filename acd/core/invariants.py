"""What must hold between any two steps.

``check_touched`` looks at what the last step changed and is cheap enough for every step of a test
or a simulation; ``check_all`` looks at everything.  Both return sentences, none when all is well.
In production they feed a metric that must stay 0.
"""

from collections.abc import Iterator

from acd.core import memos
from acd.core.call_control import conversation, rooms
from acd.core.directory import EntryKind
from acd.core.emergency import silence
from acd.core.entities import Agent, Call, Leg, Phone, Pool
from acd.core.follow_up.owed import OF_TERMINALS, ObligationKind
from acd.core.ids import AgentId, CallId, QueueId
from acd.core.moves import is_clearing
from acd.core.outside import placing
from acd.core.queueing import lines, matching, waiting
from acd.core.queueing.preferences import BUSY
from acd.core.staff import agents
from acd.core.state import State
from acd.core.tables import (
    AgentState,
    CallState,
    DeskState,
    LegState,
    ObligationState,
    OfferState,
    RoomState,
)
from acd.core.timers import TimerKey

IN_LINE = (CallState.WAITING, CallState.OFFERING)
_BUSY = (AgentState.OFFERED, AgentState.TALKING)


def check_touched(s: State) -> list[str]:
    """Check what the last step touched, and the lines."""
    found: list[str] = []
    for entity in s.touched:
        if isinstance(entity, Call):
            found.extend(_call(s, entity))
        elif isinstance(entity, Agent):
            found.extend(_agent(s, entity))
        elif isinstance(entity, Phone):
            found.extend(_phone(s, entity))
    found.extend(_lines(s))
    return found


def check_all(s: State) -> list[str]:
    """Check every entity, every index and every count."""
    found: list[str] = []
    for call in s.calls.values():
        found.extend(_call(s, call))
        if not memos.is_kept(s, call):
            found.append(f"call {call.id} ({call.state}) is not what its channel's memo says")
    for agent in s.agents.values():
        found.extend(_agent(s, agent))
    for phone in s.phones.values():
        found.extend(_phone(s, phone))
    found.extend(_lines(s))
    found.extend(_counts(s))
    found.extend(_ownership(s))
    found.extend(_obligations(s))
    return found


def _call(s: State, call: Call) -> Iterator[str]:
    if call.state is CallState.ENDED or call.id not in s.calls:
        return
    name = f"call {call.id} ({call.state})"
    if not call.legs and call.id not in s.callbacks:
        yield f"{name} has no leg"
    for leg in call.legs:
        if leg not in s.legs or s.legs[leg].call != call.id:
            yield f"{name} claims leg {leg}, which is not its own"
    apart = call.is_apart or lines.is_held_back(s, call) or lines.is_leaving(s, call)
    if call.state is CallState.WAITING and call.place == 0 and not apart:
        yield f"{name} waits in no line"
    if bool(call.place) != lines.wants_phones(s, call):
        yield f"{name} with {len(call.ringing)} phones ringing has place {call.place}"
    if call.patient and ("prefer", call.id) not in s.timers:
        yield f"{name} waits for somebody in particular without a limit"
    if call.place and call.standing is None and not call.patient:
        yield f"{name} has no patience and waits for somebody in particular"
    elif call.place and call.standing not in (None, lines.standing_of(s, call)):
        yield f"{name} stands as {call.standing} with {len(call.ringing)} phones ringing"
    if (call.state is CallState.OFFERING) != bool(call.ringing):
        yield f"{name} has offers {list(call.ringing)}"
    for offer in call.ringing:
        if ("ring", offer) not in s.timers:
            yield f"{name} is rung without a limit"
    if (call.dialogue is not None) != (("dialogue", call.id) in s.timers):
        yield f"{name} is in a dialogue without a clock, or the other way round"
    if call.state is CallState.SELF_SERVICE and call.dialogue is None:
        yield f"{name} is alone with the machine, and it says nothing"
    unanswered = call.state in waiting.UNANSWERED
    if ("treatment", call.id) in s.timers and call.state not in IN_LINE:
        yield f"{name} has something to be told"
    for mark in ("promise", "incident"):
        if (mark, call.id) in s.timers and not unanswered:
            yield f"{name} has the {mark} to be marked"
    if (
        waiting.is_waiting(s, call)
        and ("incident", call.id) not in s.timers
        and not call.incident_opened
    ):
        yield f"{name} has no incident ahead"
    brought = call.transfer is not None or bool(conversation.company(s, call))
    # An outside party that is being let go: its end brings the caller back to the line.
    brought |= any(s.legs[key].dial is not None for key in call.legs if key != call.caller_leg)
    if call.state is CallState.TALKING and call.agent is None and not brought:
        yield f"{name} has nobody with its caller, nor on the way"
    if call.state is CallState.CONNECTING or (
        call.state is CallState.TALKING and call.agent is not None
    ):
        if call.agent is None or call.agent_leg not in call.legs:
            yield f"{name} has no agent's leg"
        elif s.agents[call.agent].call != call.id:
            yield f"{name} has agent {call.agent}, who is elsewhere"
        if call.caller_leg not in call.legs:
            yield f"{name} has no caller"
    if call.state is CallState.REACHING and placing.leg_of(s, call) is None:
        yield f"{name} calls nobody"
    yield from _whereabouts(s, call, name)
    yield from _silence(s, call, name)


def _silence(s: State, call: Call, name: str) -> Iterator[str]:
    """Nobody who says nothing is forgotten, and nobody is let go for it who must be kept (C05)."""
    clock = call.silence
    for timer in ("silence", "silent", "let_go"):
        if (timer, call.id) in s.timers and (clock is None or not clock.listened):
            yield f"{name} has {timer} ahead and is not listened to"
    if clock is None:
        return
    armed: tuple[tuple[TimerKey, int | None], ...] = (
        (("silence", call.id), clock.due_ms),
        (("silent", call.id), clock.overdue_ms),
    )
    for key, due_ms in armed:
        if s.timers.due(key) != due_ms:
            yield f"{name} has {key[0]} ahead at another time than its clock says"
    if not clock.listened:
        return
    waits = clock.state in silence.WINDOWS
    with_agent = call.state is CallState.TALKING and not call.held and call.disposition is None
    watched = ("silent", call.id) in s.timers
    emergency = call.kind is EntryKind.EMERGENCY
    if waits and with_agent and emergency and conversation.company(s, call):
        if not watched:
            yield f"{name} could be silent for ever"
    elif watched and not (waits and emergency):
        yield f"{name} is to be flagged, and has responded or need not"
    if ("silence", call.id) in s.timers and call.is_without_response:
        yield f"{name} is without response, and a window is open for it"
    if ("let_go", call.id) in s.timers and silence.is_held_open(call):
        yield f"{name} is to be let go, and must be kept"


def _whereabouts(s: State, call: Call, name: str) -> Iterator[str]:
    """Whoever is on the way somewhere gets there or is asked again; no caller is in silence."""
    for key in call.legs:
        leg = s.legs[key]
        on_the_way = leg.wanted in s.rooms and leg.room != leg.wanted and not leg.ended_by_us
        if on_the_way and ("place", key) not in s.timers:
            yield f"{name} has {key} on the way to {leg.wanted} without a limit"
        if leg.speech is not None and not (
            ("speech", key) in s.timers or ("release", call.id) in s.timers or leg.ended_by_us
        ):
            yield f"{name} speaks to {key} without a limit"
    if call.transfer is not None and call.state is not CallState.TALKING:
        yield f"{name} is being transferred to {call.transfer.number}"
    for room in call.sides:
        if room not in s.rooms:
            yield f"{name} has side room {room}, which is closed"
    caller = s.legs.get(call.caller_leg)
    if caller is None or caller.state is not LegState.UP or caller.ended_by_us:
        return
    if call.is_asking:
        dial = None if call.placed is None else call.placed.dial
        if dial is None or ("asked", dial) not in s.timers:
            yield f"{name} asks whoever has picked up without a limit"
        return
    at_the_music = rooms.has_music(s, caller)
    if call.state is CallState.TALKING and not at_the_music and not conversation.company(s, call):
        yield f"{name} has its caller in an empty room"
    if call.state in (CallState.WAITING, CallState.OFFERING) and not at_the_music:
        yield f"{name} has its caller on an answered line without music"
    if call.state is CallState.TALKING and call.held != at_the_music:
        yield f"{name} is held: {call.held}, at the music: {at_the_music}"
    if call.held and not call.thanked and ("hold_notice", call.id) not in s.timers:
        yield f"{name} is held and would never be told that it is not forgotten"


def _agent(s: State, agent: Agent) -> Iterator[str]:
    if agent.id not in s.agents:
        return
    name = f"agent {agent.id} ({agent.state})"
    if (agent.state is AgentState.LOGGED_OUT) != (agent.seat is None):
        yield f"{name} is at seat {agent.seat}"
    if agent.seat is not None and s.occupants.get(agent.seat) != agent.id:
        yield f"{name} sits at {agent.seat}, where {s.occupants.get(agent.seat)} is"
    if agents.is_stranded(s, agent):
        yield f"{name} has no leg"
    if agent.state in (AgentState.READY, AgentState.RESERVED) and s.lacks_line(agent):
        yield f"{name} has no open line, and the seat is nailed up"
    if agent.call is not None and agent.state not in (*_BUSY, AgentState.WRAP_UP):
        yield f"{name} still has call {agent.call}"
    placed = bool(agent.free_token) or agent.resting is not None
    if placed != matching.can_be_rung(s, agent):
        yield f"{name} can{'not' if placed else ''} be rung, and the books say otherwise"
    if agent.free_token and agent.state is not AgentState.READY:
        yield f"{name} counts as free"
    if agent.resting is not None and agent.resting is not matching.RUNG_FROM.get(agent.state):
        yield f"{name} stands among those in {agent.resting}"
    if agent.interrupted and agent.state is not AgentState.OFFERED:
        yield f"{name} is said to be rung out of a break"
    if agent.trial is not None and agent.state is not AgentState.NOT_RESPONDING:
        yield f"{name} is being tested"
    if (agent.leave is not None) != (("leave", agent.id) in s.timers):
        yield f"{name} has asked for leave without an end"
    reserved = agent.state is AgentState.RESERVED
    if (("reserved", agent.id) in s.timers) != reserved or reserved == (
        agent.reserved_until_ms is None
    ):
        yield f"{name} is reserved without an end, or has the end without being reserved"
    if agent.wrap_up is None and agent.state is AgentState.WRAP_UP:
        yield f"{name} has nothing to wrap up"
    if agent.wrap_up is not None and agent.state not in (AgentState.WRAP_UP, AgentState.OFFERED):
        yield f"{name} still has notes to write"
    if agent.state is AgentState.WRAP_UP and ("wrap_up", agent.id) not in s.timers:
        yield f"{name} wraps up without an end"


def _phone(s: State, phone: Phone) -> Iterator[str]:
    held = [leg for leg in phone.legs if leg in s.legs and s.legs[leg].offer is not None]
    if len(held) > 1:
        yield f"phone {phone.id} holds {len(held)} offers or conversations: {held}"
    for leg in phone.legs:
        if leg not in s.legs:
            yield f"phone {phone.id} holds leg {leg}, which is gone"
    lines = [leg for leg in phone.legs if leg in s.legs and s.legs[leg].line is not None]
    if len(lines) > 1:
        yield f"phone {phone.id} has {len(lines)} open lines"
    for key in lines:
        yield from _open_line(s, s.legs[key])


def _open_line(s: State, leg: Leg) -> Iterator[str]:
    name = f"open line {leg.id}"
    line = s.desk_calls.get(leg.line or CallId(""))
    if line is None or line.line is None or s.open_lines.get(line.line.agent) != line.id:
        yield f"{name} is nobody's"
        return
    if leg.is_lent and leg.id not in s.calls[leg.call].legs:
        yield f"{name} is lent to {leg.call}, which does not know it"
    on_the_way = leg.is_lent and leg.ended_by_us
    if on_the_way and ("home", leg.id) not in s.timers and ("HangUp", leg.id) not in s.timers:
        hung_up = is_clearing(s, leg.id)
        if not hung_up and leg.wanted is None:
            yield f"{name} is to come home without a limit"
    if line.state is DeskState.DIALLING and ("desk", line.id) not in s.timers:
        yield f"{name} is being opened without a limit"


def _lines(s: State) -> Iterator[str]:
    for line in s.lines.values():
        if line.waiting and matching.is_anybody_waited_for(s, line):
            yield f"queue {line.queue.id}: {line.waiting} wait while somebody could be rung"
        if line.waiting < 0 or line.calls < 0 or any(pool.free < 0 for pool in line.pools):
            yield f"queue {line.queue.id}: a count is below zero"


def _counts(s: State) -> Iterator[str]:
    calls: dict[QueueId | None, list[Call]] = {}
    for call in s.calls.values():
        calls.setdefault(call.queue, []).append(call)
    members: dict[Pool, list[Agent]] = {}
    for agent in s.agents.values():
        for pool in agent.pools:
            members.setdefault(pool, []).append(agent)
    for line in s.lines.values():
        key = line.queue.id
        here = calls.get(key, [])
        in_line_now = sum(1 for call in here if call.place)
        if (in_line_now, len(here)) != (line.waiting, line.calls):
            yield (
                f"queue {key}: counts waiting={line.waiting} calls={line.calls}, "
                f"there are {in_line_now}, {len(here)}"
            )
        in_line = sorted(
            (lines.due_ms(line.queue, call), call.number, call.id)
            for call in here
            if call.state in IN_LINE and waiting.is_waiting(s, call)
        )
        if line.order != in_line:
            yield f"queue {key}: {line.order} are in line, and {in_line} wait"
        fit: dict[int | None, list[AgentId]] = {}
        for agent in s.agents.values():
            fit.setdefault(matching.tier_of(agent.profile, line.queue), []).append(agent.id)
        for pool in line.pools:
            yield from _pool(pool, members.get(pool, []), fit.get(pool.tier, []))


def _pool(pool: Pool, mine: list[Agent], fit: list[AgentId]) -> Iterator[str]:
    """``mine`` have the pool among theirs, ``fit`` are who should; both as the agents came."""
    name = f"queue {pool.queue}, pool {pool.tier}"
    if [agent.id for agent in mine] != fit:
        yield f"{name}: has {[agent.id for agent in mine]}, and fit are {fit}"
    free = sum(1 for agent in mine if agent.free_token)
    if pool.free != free:
        yield f"{name}: the book says {pool.free} are free, there are {free}"
    states = [agent.state for agent in mine]
    for state, count in pool.members.items():
        if count != states.count(state):
            yield f"{name}: the book says {count} are {state}, there are {states.count(state)}"
    for skill, shelf in pool.shelves.items():
        busy = sum(1 for a in mine if a.state in BUSY and skill in dict(a.profile.skills))
        if shelf.busy != busy:
            yield f"{name}: {shelf.busy} with {skill} are said to be busy, there are {busy}"
    for reach, resting in pool.resting.items():
        stand = [agent.id for agent in mine if agent.resting is reach]
        if sorted(resting) != sorted(stand):
            yield f"{name}: {list(resting)} could be rung from {reach}, there are {stand}"


def _ownership(s: State) -> Iterator[str]:
    for key, leg in s.legs.items():
        if leg.call not in s.calls and leg.call not in s.desk_calls:
            yield f"leg {key} belongs to no live call"
    for room in s.rooms.values():
        if (room.state is RoomState.OCCUPIED) != bool(room.members):
            yield f"room {room.id} is {room.state} with {len(room.members)} members"
    for offer in s.offers.values():
        live = offer.state in (OfferState.DIALLING, OfferState.RINGING, OfferState.PICKED_UP)
        call = s.calls[offer.call]
        known = {*call.ringing, *(() if call.scene is None else call.scene.ringing)}
        if call.transfer is not None and call.transfer.offer is not None:
            known.add(call.transfer.offer)
        if live and offer.id not in known:
            yield f"offer {offer.id} is live, and its call does not know it"
        if offer.leg not in s.legs:
            yield f"offer {offer.id} has no leg"


def _obligations(s: State) -> Iterator[str]:
    """Each has a step ahead, and nobody's is forgotten."""
    for owed in s.obligations.values():
        name = f"obligation {owed.id} ({owed.state})"
        if not owed.is_open:
            yield f"{name} is over and still here"
        if ("escalate", owed.id) not in s.timers:
            yield f"{name} would never be escalated"
        ahead = ("owed", owed.id) in s.timers
        is_early = owed.appointed_ms is not None and s.now < owed.appointed_ms
        if is_early and owed.state is ObligationState.DUE:
            yield f"{name} is due before its time of day"
        if owed.state is ObligationState.OWED and ahead != (owed.next_ms is not None):
            yield f"{name} is to be tried at {owed.next_ms}, and the clock says otherwise"
        if owed.state is ObligationState.WORKED:
            if owed.working is None and owed.assignee is None:
                yield f"{name} is worked by nobody"
            # A caller whom the dialplan has taken is on the line still: they are not called.
            known = owed.working in s.calls or owed.working in s.remembered_calls
            if owed.working is not None and not known:
                yield f"{name} is worked in call {owed.working}, which is over"
        if owed.kind is ObligationKind.CALLBACK:
            number = owed.number or ""
            contacts = s.contacts_owed.get(number, {}).values()
            found = {s.owed_to.get(number), *contacts, *s.appointments.get(number, ())}
            if owed.id not in found:
                yield f"{name} is not found by its number"
        mine = (owed.terminal, owed.why, owed.about)
        if owed.terminal and owed.why in OF_TERMINALS and mine not in s.owed_to_terminal:
            yield f"{name} is not found by its terminal"
    for matter, key in s.owed_to_terminal.items():
        if key not in s.obligations:
            yield f"{matter[0]} is owed {key}, which is over"
    by_number = [*s.owed_to.items()]
    for number, of_cases in s.contacts_owed.items():
        by_number += [(number, key) for key in of_cases.values()]
    for number, mine_too in s.appointments.items():
        by_number += [(number, key) for key in mine_too]
    for number, key in by_number:
        if key not in s.obligations:
            yield f"{number} is owed {key}, which is over"
    for call in s.callbacks:
        if call not in s.calls:
            yield f"callback {call} is over and still counted"
