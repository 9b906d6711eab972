"""Desk calls: an agent's phone dials a feature code and hears a spoken confirmation.

*60 log in and ready, *61 ready, *62 pause (then a reason digit, or dialled with it: *621),
*63 end wrap-up, *64 more time for it, *31 and *20 with two digits (a word about the call whose
notes are being written, see ``emergency.afterword``), *65 (a second person's word on a case, see
``emergency.agreement``), *66 and *67 with an agent's number (a supervisor lets them go, or does
not), *69 log out.  The codes end in the same requests as the API's, so both obey the same rules;
what the API says in a sentence the phone says in a prompt.
"""

from acd.core import directory
from acd.core.commands import AnswerLeg, CallPhone, Play, Release, StopPlay
from acd.core.emergency import afterword
from acd.core.entities import DeskCall, Leg, Phone
from acd.core.events import CodeDialled
from acd.core.facts import LegRole, RequestRefused
from acd.core.ids import AgentId, CallId, Node, PlaybackId, RequestId, node_of
from acd.core.moves import hang_up, move_leg
from acd.core.replies import Done, Refusal, Reply
from acd.core.staff import agents, shifts
from acd.core.state import State
from acd.core.tables import DESK, DeskMove, DeskState, Ignore, LegMove, LegState

REASON_MS_MAX = 8_000
"""How long *62 waits for the reason digit before it gives up."""

CONFIRMATION_MS_MAX = 15_000
"""A confirmation whose end was never reported is cut here: a phone must not stay occupied."""

LOGGED_IN_READY = ("agent-logged-in-ready",)
READY = ("agent-ready",)
PAUSE_MENU = ("agent-pause-menu",)
PAUSED = {
    reason: ("agent-paused", f"pause-reason-{reason}")
    for reason in directory.PAUSE_REASONS.values()
}
AFTER_THIS_CALL = ("agent-after-this-call",)
WRAP_UP_EXTENDED = ("agent-wrap-up-extended",)
WRAP_UP_ENDED = ("agent-wrap-up-ended",)
LOGGED_OUT = ("agent-logged-out",)
ASKED = ("agent-leave-asked",)
LEAVE_ANSWERED = ("agent-leave-answered",)
INVALID_CODE = ("agent-invalid-code",)
NOT_ALLOWED = ("agent-not-allowed",)
REFUSED = ("agent-refused-in-this-state",)

PROMPTS = tuple(
    dict.fromkeys(
        name
        for spoken in (
            LOGGED_IN_READY,
            READY,
            PAUSE_MENU,
            *PAUSED.values(),
            AFTER_THIS_CALL,
            WRAP_UP_EXTENDED,
            WRAP_UP_ENDED,
            LOGGED_OUT,
            ASKED,
            LEAVE_ANSWERED,
            INVALID_CODE,
            NOT_ALLOWED,
            REFUSED,
        )
        for name in spoken
    )
)
"""Every prompt this module can ask for; a test holds the prompt list to it."""


def dialled(s: State, event: CodeDialled) -> None:
    """An agent's phone has dialled a feature code."""
    desk = open_(s, event)
    if event.code == "*62":
        say(s, desk, PAUSE_MENU)
        s.timers.set(("desk", desk.id), s.now + REASON_MS_MAX)
    else:
        desk.state = DeskState.CONFIRMING
        confirm(s, desk, _carry_out(s, desk, event.code))


def refuse(s: State, event: CodeDialled, prompts: tuple[str, ...]) -> None:
    """Say why what was dialled is not done."""
    desk = open_(s, event)
    desk.state = DeskState.CONFIRMING
    confirm(s, desk, prompts)


def open_(s: State, event: CodeDialled) -> DeskCall:
    """Answer a phone that has dialled a code."""
    desk = DeskCall(
        id=CallId(f"{s.epoch}-d{s.next_number('call')}"),
        leg=event.leg,
        phone=event.phone,
        started_ms=s.now,
        state=DeskState.ASKING,
        code=event.code,
    )
    leg = Leg(
        id=event.leg,
        role=LegRole.DESK,
        call=desk.id,
        started_ms=s.now,
        state=LegState.RINGING,
        number=event.phone,
        phone=event.phone,
    )
    s.desk_calls[desk.id] = desk
    s.legs[leg.id] = leg
    phone = s.phone(event.phone)
    phone.legs[leg.id] = None
    agents.phone_reported(s, phone.id, registered=True, in_use=phone.in_use)
    agents.phone_changed(s, phone)
    s.touched[phone] = None
    move_leg(s, leg, LegMove.ANSWERED)
    s.emit(AnswerLeg(desk.id, leg.id))
    return desk


def ring(
    s: State, node: Node, phone: Phone, agent: AgentId, *, ring_ms: int, caller: str
) -> DeskCall:
    """Ring an agent's phone from the switch itself, and show ``caller`` there; the module that
    wants it says on the desk call what for."""
    call = DeskCall(
        id=CallId(f"{s.epoch}-d{s.next_number('call')}"),
        leg=s.new_leg_id(node),
        phone=phone.id,
        started_ms=s.now,
        state=DeskState.DIALLING,
        code="",
    )
    s.desk_calls[call.id] = call
    s.legs[call.leg] = Leg(
        id=call.leg,
        role=LegRole.DESK,
        call=call.id,
        started_ms=s.now,
        state=LegState.DIALLING,
        number=phone.id,
        phone=phone.id,
        agent=agent,
    )
    phone.legs[call.leg] = None
    s.touched[phone] = None
    agents.phone_changed(s, phone)
    s.emit(CallPhone(call=call.id, phone=phone.id, leg=call.leg, ring_ms=ring_ms, caller=caller))
    s.timers.set(("desk", call.id), s.now + ring_ms)
    return call


def digit(s: State, desk: DeskCall, pressed: str) -> None:
    """A digit during *62: the reason of the pause."""
    if move(s, desk, DeskMove.DIGIT):
        confirm(s, desk, _carry_out(s, desk, "*62" + pressed))


def timed_out(s: State, key: CallId) -> None:
    """No reason was given, or the confirmation's end was never reported."""
    desk = s.desk_calls[key]
    asking = desk.state is DeskState.ASKING
    if not move(s, desk, DeskMove.TIMED_OUT):
        return
    if asking:
        confirm(s, desk, INVALID_CODE)
    else:
        s.timers.cancel(("desk", desk.id))
        hang_up(s, s.legs[desk.leg], Release.NORMAL)


def prompt_finished(s: State, desk: DeskCall, playback: PlaybackId) -> None:
    """The confirmation has been heard: end the desk call."""
    if playback == desk.playback and move(s, desk, DeskMove.PROMPT_FINISHED):
        s.timers.cancel(("desk", desk.id))
        hang_up(s, s.legs[desk.leg], Release.NORMAL)


def leg_gone(s: State, leg: Leg) -> None:
    """The phone has hung up, or we have."""
    desk = s.desk_calls.pop(leg.call)
    move(s, desk, DeskMove.LEG_GONE)
    s.timers.cancel(("desk", desk.id))
    if desk.playback is not None:
        s.playbacks.pop(desk.playback, None)


def _carry_out(s: State, desk: DeskCall, code: str) -> tuple[str, ...]:
    """Make the request that the code stands for; return the prompts that tell what came of it."""
    request = RequestId(desk.id)
    seat = s.seat_of_phone.get(desk.phone)
    occupant = s.agent_at(desk.phone)
    if seat is None:
        return _refused(s, Refusal.UNKNOWN_SEAT)
    if code == "*60":
        usual = s.seats[seat].agent if occupant is None else occupant.id
        if usual is None:
            return _refused(s, Refusal.UNKNOWN_AGENT)
        return _prompt(shifts.log_in(s, request, usual, seat), LOGGED_IN_READY)
    if code[:3] in ("*66", "*67") and len(code) > 3 and occupant is not None:
        reply = shifts.answer_leave(
            s,
            request,
            AgentId(code[3:]),
            supervisor=occupant.id,
            granted=code.startswith("*66"),
        )
        return LEAVE_ANSWERED if isinstance(reply, Done) else REFUSED
    if afterword.is_code(code) and occupant is not None:
        return afterword.dialled(s, request, occupant, code)
    reason = directory.PAUSE_REASONS.get(code[3:]) if code.startswith("*62") else None
    if reason is None and code not in ("*61", "*63", "*64", "*69"):
        s.emit(RequestRefused(at_ms=s.now, agent=None, refusal=Refusal.UNKNOWN_CODE))
        return INVALID_CODE
    if occupant is None:
        return _refused(s, Refusal.NOT_LOGGED_IN)
    if reason is not None:
        return _prompt(shifts.pause(s, request, occupant.id, reason), PAUSED[reason])
    if code == "*61":
        return _prompt(shifts.be_ready(s, request, occupant.id), READY)
    if code == "*63":
        return _prompt(shifts.end_wrap_up(s, request, occupant.id), WRAP_UP_ENDED)
    if code == "*64":
        return _prompt(shifts.extend_wrap_up(s, request, occupant.id), WRAP_UP_EXTENDED)
    return _prompt(shifts.log_out(s, request, occupant.id), LOGGED_OUT)


def _prompt(reply: Reply, done: tuple[str, ...]) -> tuple[str, ...]:
    if not isinstance(reply, Done):
        return REFUSED
    if reply.asked:
        return ASKED
    return done if reply.later is None else AFTER_THIS_CALL


def _refused(s: State, refusal: Refusal) -> tuple[str, ...]:
    s.emit(RequestRefused(at_ms=s.now, agent=None, refusal=refusal))
    return REFUSED if refusal is Refusal.NOT_LOGGED_IN else NOT_ALLOWED


def confirm(s: State, desk: DeskCall, prompts: tuple[str, ...]) -> None:
    """Say what came of it, and end the desk call when that has been heard."""
    say(s, desk, prompts)
    s.timers.set(("desk", desk.id), s.now + CONFIRMATION_MS_MAX)


def say(s: State, desk: DeskCall, prompts: tuple[str, ...]) -> None:
    """Say something to the phone, instead of what is being said."""
    if desk.playback is not None and s.playbacks.pop(desk.playback, None) is not None:
        s.emit(StopPlay(desk.id, desk.playback))
    desk.playback = s.new_playback_id(node_of(desk.leg), desk.id)
    s.emit(Play(desk.id, desk.leg, desk.playback, prompts))


def move(s: State, desk: DeskCall, what: DeskMove) -> bool:
    """Take a desk call through one move; False when the table ignores it."""
    state = DESK.after(desk.state, what)
    if isinstance(state, Ignore):
        s.ignored(state, desk.id)
        return False
    desk.state = state
    return True
