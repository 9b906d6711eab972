"""The rooms of a case: the caller's, the rescue room beside it, and a private one for A and B.

All are rooms of the caller's own call, and ``rooms.place`` alone moves people between them.  Where
the caller is follows from where the others are: with whoever is there, else at the music, told
every 10 s that they are not forgotten (E16, C08).  Whoever was called and is left alone in the
rescue room hears music too, until an agent comes back or brings them to the caller.
"""

from acd.core.asks import Ask, done, refuse
from acd.core.call_control import conversation, rooms, speech, transfers
from acd.core.call_control.transfers import PLACES_MAX
from acd.core.commands import Release
from acd.core.emergency import cases, roles
from acd.core.entities import Call, Leg, Party
from acd.core.ids import AgentId, RoomId
from acd.core.moves import hang_up
from acd.core.outside import outbound
from acd.core.replies import Refusal, Reply
from acd.core.state import State
from acd.core.tables import (
    PARTY,
    CallState,
    Ignore,
    LegState,
    PartyMove,
    PartyState,
    TransferState,
)

PRIVATE = ("caller-we-confer",)
"""What the caller hears while A and B talk between themselves."""


# On an agent's word -----------------------------------------------------------------------------


def come_back(s: State, ask: Ask) -> Reply:
    """Back to the caller (*92), out of whichever room, and off the second phone."""
    scene = ask.call.scene
    if scene is not None and scene.beside is not None and scene.beside.agent == ask.leg.agent:
        drop_beside(s, ask.call)
        if not conversation.is_aside(ask.call, ask.leg):
            return done(ask)
    if not conversation.is_aside(ask.call, ask.leg):
        return refuse(s, ask, Refusal.NOT_ASIDE, "You are with the caller.")
    if ask.call.transfer is not None and ask.call.transfer.by_leg == ask.leg.id:
        return _is_asking(s, ask)
    conversation.come_back(s, ask.call, ask.leg)
    park(s, ask.call)
    conversation.arrange(s, ask.call)
    return done(ask)


def _is_asking(s: State, ask: Ask) -> Reply:
    sentence = "Somebody has been asked into this call: complete, join all, or go back."
    return refuse(s, ask, Refusal.TRANSFER_UNDER_WAY, sentence)


def merge(s: State, ask: Ask) -> Reply:
    """Bring whoever was called, and the agent, to the caller (*93)."""
    call = ask.call
    if cases.of(s, call) is None or call.scene is None:
        return no_case(s, ask)
    assert call.room is not None
    coming = [leg for party in call.scene.parties.values() if (leg := _on_line(s, party))]
    if not coming:
        return refuse(s, ask, Refusal.NOBODY_CALLED, "Nobody who was called is on the line.")
    agents = [leg for leg in _in_rescue(s, call) if leg.is_agents]
    moved = [leg for leg in (*agents, *coming) if leg.wanted != call.room.id]
    if len(conversation.company(s, call)) + len(moved) + 1 > PLACES_MAX:
        sentence = f"A conference has at most {PLACES_MAX} places, and all are taken."
        return refuse(s, ask, Refusal.CONFERENCE_FULL, sentence)
    for party in call.scene.parties.values():
        if party.state is PartyState.WAITING and _on_line(s, party) is not None:
            move_party(s, party, PartyMove.TAKEN)
    if moved:
        rooms.place(s, call, call.room.id, *moved)
    if any(_consulted(s, call, leg) for leg in agents):
        transfers.joined(s, call)  # who was asked aside has come along
    drop_beside(s, call)
    conversation.arrange(s, call)
    return done(ask)


def split(s: State, ask: Ask) -> Reply:
    """Take whoever was called away from the caller again, with the agent (*94)."""
    call = ask.call
    if cases.of(s, call) is None or call.scene is None:
        return no_case(s, ask)
    assert call.room is not None
    home = call.room.id
    going = [
        leg for party in call.scene.parties.values()
        if (leg := _on_line(s, party)) is not None and leg.wanted == home
    ]  # fmt: skip
    if not going:
        sentence = "Nobody who was called is with the caller."
        return refuse(s, ask, Refusal.NOBODY_CALLED, sentence)
    along = _consulted(s, call, ask.leg)
    rooms.place(s, call, rescue_room(s, call), ask.leg, *along, *going)
    conversation.arrange(s, call)
    return done(ask)


def private(s: State, ask: Ask) -> Reply:
    """A and B step aside together (*95), or come back together."""
    call = ask.call
    case = cases.of(s, call)
    if case is None or call.scene is None:
        return no_case(s, ask)
    if ask.leg.wanted is not None and ask.leg.wanted == call.scene.private:
        assert call.room is not None
        both = [leg for leg in agents_on(s, call) if leg.wanted == call.scene.private]
        rooms.place(s, call, call.room.id, *both)
        conversation.arrange(s, call)
        return done(ask)
    legs = [leg for one in (case.a, case.b) if (leg := roles.leg_of(s, call, one)) is not None]
    if len(legs) < 2 or any(leg.wanted is None for leg in legs):
        return refuse(s, ask, Refusal.NOBODY_TO_HEAR, "There is nobody to talk to in private.")
    if call.transfer is not None and call.transfer.by_leg in [leg.id for leg in legs]:
        return _is_asking(s, ask)
    room = rooms.open_side(s, call)
    call.scene.private = room.id
    rooms.place(s, call, room.id, *legs)
    park(s, call)
    conversation.arrange(s, call, PRIVATE)
    return done(ask)


def end_private(s: State, call: Call) -> None:
    """Whoever is left alone in the private room goes back to the caller, who hears music."""
    if call.scene is None or call.scene.private is None or call.state is not CallState.TALKING:
        return
    there = [leg for leg in agents_on(s, call) if leg.wanted == call.scene.private]
    if len(there) == 1:
        conversation.come_back(s, call, there[0])
        conversation.arrange(s, call)


def no_case(s: State, ask: Ask) -> Reply:
    """Refuse what only a case has."""
    return refuse(s, ask, Refusal.NO_CASE, f"There is no case of call {ask.call.id}; open one.")


# Where people are -------------------------------------------------------------------------------


def to_rescue(s: State, call: Call, leg: Leg) -> None:
    """Bring an agent to the rescue room, unless they are there, by one phone or the other."""
    room = rescue_room(s, call)
    if rescue_leg_of(s, call, leg.agent) is not roles.leg_of(s, call, leg.agent):
        return
    if leg.wanted != room:
        rooms.place(s, call, room, leg, *_consulted(s, call, leg))
        conversation.arrange(s, call)


def _consulted(s: State, call: Call, leg: Leg) -> list[Leg]:
    """Return whom an agent talks with aside, who goes along and is not left alone there."""
    transfer = call.transfer
    if transfer is None or transfer.by_leg != leg.id or transfer.second is not None:
        return []
    return [s.legs[transfer.leg]] if transfer.state is TransferState.TALKING else []


def rescue_leg_of(s: State, call: Call, agent: AgentId | None) -> Leg | None:
    """Return the line by which an agent speaks in the rescue room: their second phone's where they
    have the room there, else their own."""
    beside = None if call.scene is None else call.scene.beside
    second = None if beside is None or beside.agent != agent else s.legs.get(beside.leg)
    if second is not None and second.state is LegState.UP and not second.ended_by_us:
        return second
    leg = roles.leg_of(s, call, agent)
    return leg if leg is not None and leg.state is LegState.UP else None


def drop_beside(s: State, call: Call) -> None:
    """The rescue room is not wanted on the second phone any more."""
    if call.scene is not None and call.scene.beside is not None:
        beside, call.scene.beside = call.scene.beside, None
        s.touched[call] = None
        s.timers.cancel(("beside", beside.leg))
        hang_up(s, s.legs[beside.leg], Release.NORMAL)
        park(s, call)


def rescue_room(s: State, call: Call) -> RoomId:
    """Return the rescue room, made anew when it was closed."""
    assert call.scene is not None
    room = call.scene.rescue
    if room is None or room not in call.sides:
        room = call.scene.rescue = rooms.open_side(s, call).id
    return room


def found_in(call: Call, leg: Leg) -> None:
    """After a restart the rescue room is where somebody who was called is found beside the
    caller's room."""
    if call.scene is not None and leg.dial in call.scene.parties and leg.room in call.sides:
        call.scene.rescue = leg.room


def receive(s: State, call: Call, party: Party) -> None:
    """Somebody who was called is on the line: to the agent who waits for them in the rescue room,
    else to the music."""
    assert call.scene is not None
    leg = s.legs[party.leg]
    move_party(s, party, PartyMove.ACCEPTED)
    agent = rescue_leg_of(s, call, party.by)
    if not party.asks and agent is not None and agent.wanted == call.scene.rescue:
        take(s, call, party)
    else:
        rooms.music(s, call, leg)


def take(s: State, call: Call, party: Party) -> None:
    """Bring somebody who was called to the agents in the rescue room."""
    move_party(s, party, PartyMove.TAKEN)
    rooms.place(s, call, rescue_room(s, call), s.legs[party.leg])


def park(s: State, call: Call) -> bool:
    """Let those hear music whom the agents have left alone in the rescue room; tell whether there
    is anybody."""
    scene = call.scene
    if scene is None or scene.rescue is None or call.state is CallState.ENDING:
        return False
    if _in_rescue(s, call):
        return False
    parked = False
    for party in scene.parties.values():
        leg = _on_line(s, party)
        if leg is not None and leg.wanted == scene.rescue:
            move_party(s, party, PartyMove.PARKED)
            rooms.music(s, call, leg)
            parked = True
    return parked


def is_kept(s: State, call: Call, leg: Leg) -> bool:
    """Tell whether a leg stays though the caller is gone: an agent and a rescue service or a
    contact who talk, or are about to (E10)."""
    scene = call.scene
    if scene is None or not scene.parties:
        return False
    agents = _in_rescue(s, call)
    called = any(party.leg == leg.id for party in scene.parties.values())
    beside = scene.beside is not None and scene.beside.agent == leg.agent
    return bool(agents) and (called or leg in agents or beside)


def gather(s: State, call: Call) -> None:
    """Whoever was called and had been brought to the caller, who is gone, is brought to the agents
    in the rescue room: nobody is left to be heard where they are (E10)."""
    if call.scene is None or call.room is None:
        return
    there = [_on_line(s, party) for party in call.scene.parties.values()]
    alone = [leg for leg in there if leg is not None and leg.wanted == call.room.id]
    if alone and _in_rescue(s, call):
        rooms.place(s, call, rescue_room(s, call), *alone)


def wind_up(s: State, call: Call) -> None:
    """The caller is gone: whoever is left in the rescue room goes with the last of the others."""
    scene = call.scene
    if scene is None or call.state is not CallState.ENDING:
        return
    agents = _in_rescue(s, call)
    parties = [s.legs[one.leg] for one in scene.parties.values() if one.leg in s.legs]
    if not agents or not parties:
        for key in call.legs:
            if key != call.caller_leg:  # who may still hear busy tone
                outbound.let_go(s, s.legs[key])


def say_to(s: State, call: Call, leg: Leg | None, prompts: tuple[str, ...]) -> None:
    """Tell an agent something, unless they are gone."""
    if leg is not None and prompts:
        speech.say(s, call, leg, prompts)


def move_party(s: State, party: Party, what: PartyMove) -> bool:
    """Take somebody who was called through one move."""
    state = PARTY.after(party.state, what)
    if isinstance(state, Ignore):
        s.ignored(state, party.number)
        return False
    party.state = state
    return True


def _on_line(s: State, party: Party) -> Leg | None:
    if party.state not in (PartyState.WAITING, PartyState.TALKING):
        return None
    leg = s.legs.get(party.leg)
    return leg if leg is not None and not leg.ended_by_us else None


def _in_rescue(s: State, call: Call) -> list[Leg]:
    """Return the lines of agents that are, or are about to be, in the rescue room.  Whoever has
    picked up and is still being asked is in no room, also where there is no rescue room yet."""
    room = None if call.scene is None else call.scene.rescue
    return [] if room is None else [leg for leg in agents_on(s, call) if leg.wanted == room]


def agents_on(s: State, call: Call) -> list[Leg]:
    """Return the lines of agents, a second phone's too."""
    beside = None if call.scene is None else call.scene.beside
    second = None if beside is None else beside.leg
    return [
        leg for leg in (s.legs[key] for key in call.legs)
        if (leg.is_agents or leg.id == second)
        and leg.state is LegState.UP
        and not leg.ended_by_us
    ]  # fmt: skip
