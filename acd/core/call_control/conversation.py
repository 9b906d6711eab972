"""The conversation: who is with the caller, who has stepped aside, what the caller hears meanwhile.

Whoever is to be with the caller is wanted in the call's main room; whoever holds or consults steps
aside into a room of their own.  From that alone it follows where the caller belongs: in the main
room with whoever is there, else at the music.  ``arrange`` is the one place that says so, and is
asked after everything that moves somebody, so a caller is never left in an empty room.

Talk and hold time follow what Asterisk says of the rooms, not what was asked for.
"""

from acd.core.call_control import rooms, speech
from acd.core.entities import Call, Leg
from acd.core.facts import CallHeld, CallResumed
from acd.core.ids import CallId, LegId, PlaybackId
from acd.core.scripts import SILENT
from acd.core.state import State
from acd.core.tables import CallState, LegState

HOLD_NOTICE = ("caller-hold-notice",)
CASE_NOTICE = ("caller-help-is-called",)
"""The same for the caller of an emergency that has a case (C17, E16)."""
HOLD_THANKS = ("caller-hold-thanks",)

_UP = LegState.UP


def company(s: State, call: Call) -> list[Leg]:
    """Return who is, or is about to be, with the caller."""
    room = call.room
    if room is None:
        return []
    home, caller, legs = room.id, call.caller_leg, s.legs
    found = []
    for key in call.legs:  # asked in most steps: a loop costs half of a comprehension
        if key != caller:
            leg = legs[key]
            if leg.wanted == home and leg.state is _UP and not leg.ended_by_us:
                found.append(leg)
    return found


def _is_there(leg: Leg) -> bool:
    return leg.state is LegState.UP and not leg.ended_by_us


def those_aside(s: State, call: Call) -> list[Leg]:
    """Return who is, or is about to be, in another room of the call."""
    legs = (s.legs[key] for key in call.legs)
    return [leg for leg in legs if is_aside(call, leg) and _is_there(leg)]


def is_aside(call: Call, leg: Leg) -> bool:
    """Tell whether somebody has stepped aside."""
    return leg.wanted in call.sides


def step_aside(s: State, call: Call, leg: Leg) -> None:
    """Take somebody out of the caller's hearing."""
    rooms.place(s, call, rooms.open_side(s, call).id, leg)


def come_back(s: State, call: Call, leg: Leg) -> None:
    """Bring somebody (back) to the caller."""
    assert call.room is not None
    rooms.place(s, call, call.room.id, leg)


def arrange(s: State, call: Call, told: tuple[str, ...] = ()) -> None:
    """Bring the caller to where they belong; ``told`` is said to them before anything changes for
    the better, or over the music."""
    if call.state is not CallState.TALKING or call.room is None:
        return
    caller = s.legs[call.caller_leg]
    if not company(s, call):
        _to_the_music(s, call, caller)
        if told:
            speech.say(s, call, caller, told)
    elif call.held:
        _back_from_the_music(s, call, caller, told or HOLD_THANKS)


def _to_the_music(s: State, call: Call, caller: Leg) -> None:
    call.thanked = False
    if not call.held:
        call.held = True
        rooms.music(s, call, caller)
    if ("hold_notice", call.id) not in s.timers:
        notice_later(s, call)


def _back_from_the_music(s: State, call: Call, caller: Leg, told: tuple[str, ...]) -> None:
    """C08: thanked for the patience, or told what has come to nothing (T38), and then joined."""
    assert call.room is not None
    s.timers.cancel(("hold_notice", call.id))
    if not call.thanked:
        call.thanked = True
        speech.say(s, call, caller, told)
    elif not speech.is_speaking(caller):
        call.held = call.thanked = False
        rooms.place(s, call, call.room.id, caller)


def heard(s: State, call: Call, playback: PlaybackId) -> bool:
    """Tell whether the playback was said to somebody in the conversation, who has heard it."""
    for key in call.legs:
        if s.legs[key].speech == playback:
            speech_over(s, key)
            return True
    return False


def speech_over(s: State, key: LegId) -> None:
    """A leg has heard what was said to it."""
    leg = s.legs.get(key)
    call = None if leg is None else s.calls.get(leg.call)
    if leg is None or call is None:
        return
    speech.over(s, leg)
    rooms.heard(s, call, leg)
    if key == call.caller_leg:
        arrange(s, call)


def speech_timed_out(s: State, key: LegId) -> None:
    """The end of what was said was never reported.  If it is still being said it is cut off: the
    leg could not be moved before its end."""
    leg = s.legs.get(key)
    call = None if leg is None else s.calls.get(leg.call)
    if leg is not None and call is not None:
        speech.hush(s, call, leg)
        speech_over(s, key)


def notice_due(s: State, key: CallId) -> None:
    """The caller has heard nothing but music for long enough."""
    call = s.calls[key]
    caller = s.legs[call.caller_leg]
    if not speech.is_speaking(caller):
        speech.say(s, call, caller, HOLD_NOTICE if call.scene is None else CASE_NOTICE)
    notice_later(s, call)


def notice_later(s: State, call: Call) -> None:
    """Let the caller be told again that nobody has forgotten them, as often as their queue says."""
    line = None if call.queue is None else s.lines.get(call.queue)
    treatment = SILENT if line is None else line.queue.treatment
    s.timers.set(("hold_notice", call.id), s.now + treatment.hold_notice_ms)


def let_go(s: State, leg: Leg) -> None:
    """Forget everything that was under way with a leg that is gone."""
    rooms.left(s, s.calls.get(leg.call), leg)
    speech.over(s, leg)
    forget_code(s, leg)


def forget_code(s: State, leg: Leg) -> None:
    """Let go of a code that was begun."""
    if leg.keys is not None:
        leg.keys = None
        s.timers.cancel(("keys", leg.id))


# Clocks -----------------------------------------------------------------------------------------


def follow(s: State, call: Call) -> None:
    """Somebody has entered or left a room: let talk or hold time run."""
    if call.state is not CallState.TALKING or call.room is None:
        return
    members = call.room.members
    if call.caller_leg in members and len(members) > 1:
        for key in members:
            if s.legs[key].agent is not None and s.legs[key].engaged_ms is None:
                s.legs[key].engaged_ms = s.now
        if call.talking_since_ms is None:
            call.talking_since_ms = s.now
            s.touched[call] = None
            _resumed(s, call)
    elif call.talking_since_ms is not None:
        _stop_talking(s, call)
        call.held_since_ms = s.now
        s.touched[call] = None
        s.emit(CallHeld(at_ms=s.now, call=call.id, arrived_ms=call.arrived_ms, agent=call.agent))


def _resumed(s: State, call: Call) -> None:
    if call.held_since_ms is None:
        return
    hold_ms, call.held_since_ms = s.now - call.held_since_ms, None
    call.hold_ms += hold_ms
    s.emit(
        CallResumed(
            at_ms=s.now,
            call=call.id,
            arrived_ms=call.arrived_ms,
            agent=call.agent,
            hold_ms=hold_ms,
        )
    )


def _stop_talking(s: State, call: Call) -> None:
    if call.talking_since_ms is not None:
        call.talk_ms += s.now - call.talking_since_ms
        call.talking_since_ms = None


def stop(s: State, call: Call) -> None:
    """The conversation is over: the caller waits again, is let go, or has left."""
    _stop_talking(s, call)
    if call.held_since_ms is not None:
        call.hold_ms += s.now - call.held_since_ms
        call.held_since_ms = None
    call.held = call.thanked = False
    s.timers.cancel(("hold_notice", call.id))
    s.timers.cancel(("release", call.id))


def disengage(s: State, leg: Leg) -> None:
    """This agent's part in the conversation is over."""
    if leg.engaged_ms is not None and leg.talked_ms is None:
        leg.talked_ms = s.now - leg.engaged_ms
