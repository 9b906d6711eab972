"""What the core may command: one conversation per phone, no leg that is not there, no end of an
emergency caller's line, every room closed once."""

from collections import Counter

from acd.core.commands import (
    AnswerLeg,
    CallPhone,
    CloseRoom,
    Command,
    HandToFallback,
    HangUp,
    JoinRoom,
    OpenRoom,
    OpenSnoop,
    Play,
    RingPhone,
    SeatAnew,
)
from acd.core.directory import EntryKind
from acd.core.events import ChannelsCompared, Event, SwitchConnected
from acd.core.ids import OUR_PREFIX, CallId, RoomId
from acd.core.resync import healing
from acd.simulation.audit.books import Books, LineBook, hold_over
from acd.simulation.careline import NODE


def ordered(b: Books, command: Command, event: Event) -> None:
    """What is asked of Asterisk can be done there, and nobody is disturbed by it."""
    match command:
        case CallPhone():
            _called(b, command)
        case RingPhone():
            _rung(b, command)
        case HangUp():
            _hung_up(b, command, event)
        case HandToFallback():
            _handed_over(b, command, event)
        case JoinRoom():
            _joined(b, command, event)
        case SeatAnew(_, room, legs):
            there = all(leg in b.live_legs for leg in legs)
            assert there or _found_out(event), f"{legs} are seated anew and are not there"
            # Who is gone with a lost link, too, is nowhere: that is found out leg by leg.
            places = {b.whereabouts.get(leg) for leg in legs if leg in b.live_legs}
            assert places <= {room}, f"{legs} are seated anew in {room} from {places}"
        case OpenSnoop():
            assert command.of in b.live_legs, f"a copy of {command.of}, which is not there"
            b.snoops[command.leg] = None
        case AnswerLeg(_, leg) | Play(_, leg):
            there = leg in b.live_legs or _found_out(event)
            assert there, f"{leg} is spoken to and is not there"
        case OpenRoom(call):
            _room(b, call, command.room)["open"] += 1
        case CloseRoom(call, room) if call == healing.ORPHAN:
            inside = [leg for leg in b.live_legs if b.whereabouts.get(leg) == room]
            assert not inside, f"{room} is closed with {inside} in it"
        case CloseRoom(call):
            _room(b, call, command.room)["close"] += 1
        case _:
            pass


def _called(b: Books, command: CallPhone) -> None:
    held = b.legs_on.setdefault(command.phone, {})
    others = [leg for leg in held if command.picks_up or leg not in b.lines]
    assert not others, f"{command.phone} is called while {others} is on it"
    held[command.leg] = None
    b.live_legs[command.leg] = None
    if command.picks_up:
        room = RoomId(f"{NODE}:{OUR_PREFIX}room-{command.call}")
        b.lines[command.leg] = LineBook(command.phone, room)


def _rung(b: Books, command: RingPhone) -> None:
    held = b.legs_on.setdefault(command.phone, {})
    others = [leg for leg in held if leg not in b.lines]
    assert not others, f"{command.phone} is rung while {others} is on it"
    assert not command.picks_up or not held, "an INVITE while the line is open"
    held[command.leg] = None
    b.live_legs[command.leg] = command.call


def _hung_up(b: Books, command: HangUp, event: Event) -> None:
    leg, call = command.leg, command.call
    b.let_go[leg] = None
    if leg in b.lines:
        b.lines[leg].is_open = False
    book = b.calls.get(call)
    if book is not None and leg == book.offered.leg:
        hold_over(b, book)
    if isinstance(event, SwitchConnected | ChannelsCompared) or call == "orphan":
        return
    if b.snoops.pop(leg, leg) is None:
        return
    assert leg in b.live_legs, f"{leg} is hung up and is not there"
    again = leg in b.hung_up and leg not in b.clearing
    assert not again, f"{leg} is hung up twice"
    if command.farewell is None:
        b.hung_up[leg] = None
    if book is not None and leg == book.offered.leg:
        kept = book.offered.kind is EntryKind.EMERGENCY and not book.disposed
        assert not kept or leg in b.clearing, f"we ended {call}"


def _handed_over(b: Books, command: HandToFallback, event: Event) -> None:
    if isinstance(event, SwitchConnected) and command.leg not in b.live_legs:
        return  # given up, and Asterisk has kept the channel
    assert command.leg in b.live_legs
    del b.live_legs[command.leg]
    book = b.calls[command.call]
    hold_over(b, book)
    book.handed_over = True
    book.open = False


def _joined(b: Books, command: JoinRoom, event: Event) -> None:
    if all(leg in b.snoops for leg in command.legs):
        return
    there = all(leg in b.live_legs for leg in command.legs)
    assert there or _found_out(event), f"{command.legs} join and are not there"
    b.whereabouts.update(dict.fromkeys(command.legs, command.room))
    if f"room-{command.call}" in command.room:
        rooms = _room(b, command.call, command.room)
        assert rooms["open"] > rooms["close"]


def _room(b: Books, call: CallId, room: RoomId) -> Counter[str]:
    assert room.endswith(call)
    if call not in b.calls:
        return b.watch_rooms.setdefault(call, Counter())
    return b.calls[call].rooms


def _found_out(event: Event) -> bool:
    """Tell whether this event says what legs there are.  What was due before is done first, and
    speaks to legs of which only then is known that they have gone."""
    return isinstance(event, SwitchConnected | ChannelsCompared)
