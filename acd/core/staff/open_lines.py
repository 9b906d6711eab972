"""Open lines: the phone of a seat that is nailed up has one leg, which outlives its calls.

The line is dialled when somebody logs in and stays in a room of its own.  An offer is a beep in it
(see ``presence``); a call that is accepted borrows the leg and gives it back.  That the leg is in
the line's room again is to the call what the end of a leg is to others (``departures.part_over``).
An agent whose line is not open is not responding, so that "staffed" is never believed of it.

Whatever else is picked up on the phone takes the line's place: the line is ended, and dialled again
when the phone is free.  One that ends by itself is dialled again after a pause that doubles.
"""

from acd.core.commands import CallPhone, CloseRoom, JoinRoom, OpenRoom, Release
from acd.core.entities import Agent, DeskCall, Leg, OpenLine, Phone
from acd.core.facts import LegRole
from acd.core.ids import AgentId, CallId, RoomId
from acd.core.moves import hang_up
from acd.core.staff import agents, desk
from acd.core.state import State
from acd.core.tables import AgentState, DeskMove, DeskState, LegState

OPENING_MS_MAX = 15_000
"""From the INVITE to the line; a phone that does not answer by itself rings three times."""

PAUSE_MS_MIN = 1_000
PAUSE_MS_MAX = 60_000
"""Before a line that has ended by itself is dialled again; doubled each time it does not last."""

LASTING_MS = 10_000
"""A line that has been open for so long was well."""

CALLER = "*60"
"""What the phone shows."""


def settle(s: State) -> None:
    """Dial the lines that should be open, end those that should not."""
    while s.lines_to_follow:
        keys, s.lines_to_follow = s.lines_to_follow, {}
        for key in keys:
            _follow(s, key)


def _follow(s: State, key: AgentId) -> None:
    agent = s.agents.get(key)
    open_line = s.open_lines.get(key)
    line = None if open_line is None else s.desk_calls.get(open_line)
    if line is not None:
        if not s.legs[line.leg].ended_by_us and not _may_stay(s, agent, line):
            _end(s, line)
    elif agent is not None and s.wants_line(agent):
        phone = s.ringing_phone(agent)
        waits = ("open_line", key) in s.timers
        if phone is not None and _is_free(phone) and s.nodes and not waits:
            _dial(s, agent, phone)
    else:
        s.timers.cancel(("open_line", key))  # nobody wants it any more


def _is_free(phone: Phone) -> bool:
    return phone.registered and not phone.legs and not phone.in_use


def _may_stay(s: State, agent: Agent | None, line: DeskCall) -> bool:
    """Tell whether the line is as it should be, or lent: whoever is in a call stays there."""
    if s.legs[line.leg].is_lent:
        return True
    if agent is None or not s.wants_line(agent):
        return False
    phone = s.ringing_phone(agent)
    others = (s.legs[key] for key in s.phone(line.phone).legs if key != line.leg)
    is_here = phone is not None and phone.id == line.phone
    return is_here and not any(leg.state is LegState.UP for leg in others)


def _end(s: State, line: DeskCall) -> None:
    assert line.line is not None
    line.line.wanted = False
    _let_go(s, line)
    agents.phone_changed(s, s.phone(line.phone))


def _let_go(s: State, line: DeskCall) -> None:
    if desk.move(s, line, DeskMove.TIMED_OUT):
        s.timers.cancel(("desk", line.id))
        hang_up(s, s.legs[line.leg], Release.NORMAL)


# The line's life --------------------------------------------------------------------------------


def _dial(s: State, agent: Agent, phone: Phone) -> None:
    node = s.node_for_new()
    assert node is not None
    key = CallId(f"{s.epoch}-d{s.next_number('call')}")
    line = DeskCall(
        id=key,
        leg=s.new_leg_id(node),
        phone=phone.id,
        started_ms=s.now,
        state=DeskState.DIALLING,
        code="",
        line=OpenLine(agent=agent.id, room=s.room_id(node, key)),
    )
    s.desk_calls[key] = line
    s.open_lines[agent.id] = key
    s.legs[line.leg] = _leg(line, agent.id, started_ms=s.now)
    phone.legs[line.leg] = None
    s.touched[phone] = None
    s.emit(
        CallPhone(
            call=key,
            phone=phone.id,
            leg=line.leg,
            ring_ms=OPENING_MS_MAX,
            caller=CALLER,
            picks_up=True,
        )
    )
    s.timers.set(("desk", key), s.now + OPENING_MS_MAX)


def _leg(line: DeskCall, agent: AgentId, *, started_ms: int) -> Leg:
    return Leg(
        id=line.leg,
        role=LegRole.DESK,
        call=line.id,
        started_ms=started_ms,
        state=LegState.DIALLING,
        number=line.phone,
        phone=line.phone,
        agent=agent,
        line=line.id,
    )


def answered(s: State, line: DeskCall) -> None:
    """The phone has picked up: the line goes into its room."""
    assert line.line is not None
    s.emit(OpenRoom(line.id, line.line.room))
    s.emit(JoinRoom(line.id, line.line.room, (line.leg,)))


def joined(s: State, line: DeskCall, room: RoomId) -> None:
    """The leg is in a room; in its own the line is open, and its agent can be reached."""
    assert line.line is not None
    if room != line.line.room:
        s.ignored("an open line was late in the room of a call that is over", line.leg)
        return
    s.legs[line.leg].room = room
    if line.line.opened_ms is not None:
        s.ignored("an open line is where it was", line.leg)
        return
    if not desk.move(s, line, DeskMove.OPENED):
        return
    s.timers.cancel(("desk", line.id))
    line.line.opened_ms = s.now
    _agent_is_there(s, line)


def held(s: State, line: DeskCall, *, is_held: bool) -> None:
    """The phone has put the line on hold, for another call of its own, or has taken it back."""
    assert line.line is not None
    line.line.held = is_held
    agents.phone_changed(s, s.phone(line.phone))


def timed_out(s: State, line: DeskCall) -> None:
    """Nobody and nothing has picked up."""
    _let_go(s, line)


def leg_gone(s: State, line: DeskCall, leg: Leg) -> None:
    """The line is no more: closed by us, by the agent's hand, or lost."""
    assert line.line is not None
    key = line.line.agent
    if leg.answered_ms is not None:
        s.emit(CloseRoom(line.id, line.line.room))
    del s.open_lines[key]
    s.lines_to_follow[key] = None
    agent = s.agents.get(key)
    if agent is None or agent.seat is None or not line.line.wanted:
        return
    since_ms = line.line.opened_ms
    if since_ms is not None and s.now - since_ms >= LASTING_MS:
        agent.line_pause_ms = 0
    agent.line_pause_ms = min(max(2 * agent.line_pause_ms, PAUSE_MS_MIN), PAUSE_MS_MAX)
    s.timers.set(("open_line", key), s.now + agent.line_pause_ms)


def try_again(s: State, key: AgentId) -> None:
    """The pause is over."""
    s.lines_to_follow[key] = None


def link_up(s: State) -> None:
    """A node can be commanded: lines can be dialled there."""
    s.lines_to_follow.update((key, None) for key, one in s.agents.items() if one.seat is not None)


def is_home(s: State, leg: Leg, room: RoomId) -> bool:
    """Tell whether the room is the line's own, of which this leg is."""
    line = None if leg.line is None else s.desk_calls[leg.line].line
    return line is not None and line.room == room


# Lent to a call ---------------------------------------------------------------------------------


def lend(s: State, line: DeskCall, call: CallId) -> Leg:
    """Return the line's leg as a leg of this call, new but for where it is and who speaks."""
    assert line.line is not None
    line.line.parts += 1
    own = s.legs[line.leg]
    lent = _leg(line, line.line.agent, started_ms=s.now)
    lent.role, lent.call, lent.part = LegRole.AGENT, call, line.line.parts
    lent.state, lent.answered_ms = LegState.UP, s.now
    lent.room, lent.speaks = own.room, own.speaks
    s.legs[lent.id] = lent
    s.touched[s.phone(line.phone)] = None
    return lent


def bring_home(s: State, lent: Leg, *, is_there: bool) -> None:
    """The part in the call is over; the line is free again, unless its channel is gone."""
    assert lent.line is not None
    line = s.desk_calls[lent.line]
    assert line.line is not None and line.line.opened_ms is not None
    own = _leg(line, line.line.agent, started_ms=line.started_ms)
    own.state, own.answered_ms = LegState.UP, line.line.opened_ms
    own.joined_ms = line.line.opened_ms
    is_well = is_there and not line.line.given_up
    if not line.line.given_up:
        # What was asked for in vain was its way home; an end of its channel is still to be.
        s.timers.cancel(("HangUp", lent.id))
    own.room = line.line.room if is_well else None
    own.ended_by_us = line.line.given_up
    own.speaks = lent.speaks
    s.legs[own.id] = own


def lost_sight(s: State, lent: Leg) -> None:
    """Nobody knows where the line is: its channel is to be ended."""
    assert lent.line is not None
    line = s.desk_calls[lent.line].line
    assert line is not None
    line.given_up = True


def give_up(s: State, lent: Leg) -> None:
    """We have lost the thread of the call: nobody knows where the line is, so it is ended."""
    s.timers.cancel(("home", lent.id))
    bring_home(s, lent, is_there=False)
    hang_up(s, s.legs[lent.id], Release.NORMAL)


def _agent_is_there(s: State, line: DeskCall) -> None:
    assert line.line is not None
    agent = s.agents.get(line.line.agent)
    if (
        agent is not None
        and agent.state is AgentState.NOT_RESPONDING
        and agent.reason == agents.LINE_CLOSED
        and s.open_line(agent) is line
    ):
        agents.free(s, agent)
    agents.phone_changed(s, s.phone(line.phone))
