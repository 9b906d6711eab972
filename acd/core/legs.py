"""Whose leg it is: what happens to a leg goes to whoever the leg belongs to.

It may be a caller's, an agent's who is offered a call, an outside number's, or that of a phone
which talks to the switch itself.  One that nobody knows has gone already, and is harmless.
"""

from acd.core import calls, departures, devices, due, memos
from acd.core.call_control import conversation, keys, supervision, transfers
from acd.core.emergency import agreement, beside, parties, roles, silence, witness
from acd.core.entities import Leg, LegEnd
from acd.core.events import (
    CallerHeard,
    CommandFailed,
    DigitPressed,
    Hangup,
    LegAnswered,
    LegAway,
    LegGone,
    LegHungUp,
    LegJoined,
    LegRang,
    PromptFinished,
    RecordingStarted,
    SpeechEnded,
    SpeechStarted,
)
from acd.core.facts import LegRecorded, LegRole
from acd.core.ids import LegId
from acd.core.moves import AGAIN_MS, farewell_failed, farewell_over, move_leg
from acd.core.outside import dialled, outbound, placing
from acd.core.queueing import offers, presence
from acd.core.resync import healing, recovery
from acd.core.self_service import answers
from acd.core.staff import desk, open_lines, trial_rings
from acd.core.state import State
from acd.core.tables import CallState, LegMove


def rang(s: State, event: LegRang) -> None:
    """The far end rings: an agent's phone, or a number that was dialled."""
    leg = s.legs.get(event.leg)
    if leg is None:
        s.ignored("ringing of an unknown leg", event.leg)
    elif not move_leg(s, leg, LegMove.RANG):
        return
    elif leg.offer is not None:
        offers.rang(s, s.offers[leg.offer])
    elif leg.dial is not None:
        dialled.leg_rang(s, leg)


def recording_started(s: State, event: RecordingStarted) -> None:
    """Tell of the recording; a caller's own counts as the call's."""
    leg = s.legs.get(event.leg)
    call = None if leg is None else s.calls.get(leg.call)
    if call is None:
        s.ignored("recording of an unknown leg", event.leg)
        return
    is_callers = event.leg == call.caller_leg and call.placed is None
    call.recorded = call.recorded or is_callers
    s.emit(
        LegRecorded(
            at_ms=s.now,
            call=call.id,
            arrived_ms=call.arrived_ms,
            leg=event.leg,
            recording=event.recording,
            is_callers=is_callers,
        )
    )


def answered(s: State, event: LegAnswered) -> None:
    """The far end has picked up.  A leg of ours for which nobody waits is ended."""
    leg = s.legs.get(event.leg)
    if leg is None:
        if s.is_ours(event.leg):
            # Nobody waits for it any more, and a phone must not be left in an empty room.
            healing.end_orphan(s, event.leg, "orphan leg answered")
        else:
            s.ignored("answer of an unknown leg", event.leg)
    elif not move_leg(s, leg, LegMove.ANSWERED):
        return
    elif leg.offer is not None:
        call, offer = s.calls[leg.call], s.offers[leg.offer]
        if offer.picks_up:
            presence.picked_up(s, call, leg, offer)
        elif offer.role is not None:
            roles.answered(s, call, leg, offer)
        elif offer.personal:
            transfers.offer_answered(s, call, leg, offer)
        else:
            calls.offer_answered(s, call, leg, offer)
    elif leg.dial is not None:
        dialled.leg_answered(s, leg)
    elif (desk_call := s.desk_calls.get(leg.call)) is not None:
        if desk_call.watch is not None:
            supervision.answered(s, desk_call)
        elif desk_call.line is not None:
            open_lines.answered(s, desk_call)
        elif desk_call.agrees is not None:
            agreement.answered(s, desk_call)
        else:
            trial_rings.answered(s, desk_call)
    elif beside.is_second(s.calls[leg.call], leg):
        keys.second_phone_answered(s, s.calls[leg.call], leg)


def joined(s: State, event: LegJoined) -> None:
    """Asterisk has the leg in a room."""
    leg = s.legs.get(event.leg)
    if leg is None:
        s.ignored("join of an unknown leg", event.leg)
    elif (desk_call := s.desk_calls.get(leg.call)) is not None:
        if desk_call.line is not None:
            open_lines.joined(s, desk_call, event.room)
        elif desk_call.watch is None:
            s.ignored("a desk call joined a room", event.leg)
    elif leg.ended_by_us and open_lines.is_home(s, leg, event.room):
        departures.came_home(s, leg)
    else:
        before = leg.room
        call = s.calls[leg.call]
        was_answered = call.state is CallState.TALKING
        calls.leg_joined(s, leg, event.room)
        if call.state is CallState.TALKING and not was_answered:
            parties.tell_who_waits(s, call)
        parties.ring_back(s, call)
        if before != leg.room == event.room and leg.call in s.calls:
            witness.moved(s, s.calls[leg.call], leg, event.room)


def hung_up(s: State, event: LegHungUp) -> None:
    """The far end has hung up; the end of the channel is still to come."""
    leg = s.legs.get(event.leg)
    if leg is None:
        s.ignored("hang-up of an unknown leg", event.leg)
    else:
        departures.leg_hung_up(s, leg)


def gone(s: State, event: LegGone) -> None:
    """The channel is gone: that of a leg, or of a caller whom the dialplan had."""
    leg = s.legs.get(event.leg)
    if leg is None:
        outbound.gone_unseen(s, event.leg)
        if not recovery.left_fallback(s, event.leg):
            s.ignored("end of an unknown leg", event.leg)
    else:
        if event.why is Hangup.LOST and not leg.ended_by_us:
            s.repaired("leg was gone", event.leg)
        end = LegEnd(why=event.why, cause=event.cause, sip=event.sip, media=event.media)
        departures.leg_gone(s, leg, end)


def away(s: State, event: LegAway) -> None:
    """The dialplan has taken a caller of ours."""
    if not recovery.taken_away(s, event.leg, marked=event.marked):
        s.ignored("a caller who is not ours is in the fallback", event.leg)


def digit_pressed(s: State, event: DigitPressed) -> None:
    leg = s.legs.get(event.leg)
    call = None if leg is None else s.desk_calls.get(leg.call)
    if leg is not None:
        witness.pressed(s, leg, event.digit)
    if leg is not None and leg.dial is not None and not _commands(s, leg):
        if not _devices_digit(s, leg, event):
            dialled.digit_pressed(s, leg, event.digit)
    elif leg is not None and presence.key_pressed(s, leg):
        return
    elif leg is not None and leg.wanted is not None and _commands(s, leg):
        keys.pressed(s, s.calls[leg.call], leg, event.digit)
        if leg.call in s.calls:
            parties.ring_back(s, s.calls[leg.call])
    elif call is not None and call.tested is not None:
        trial_rings.key_pressed(s, call)
    elif call is not None and call.watch is not None:
        supervision.key_pressed(s, call, event.digit)
    elif call is not None and call.line is not None:
        s.ignored("a key on an open line", call.id)
    elif call is not None and call.agrees is not None:
        agreement.key_pressed(s, call, event.digit)
    elif call is not None:
        desk.digit(s, call, event.digit)
    elif leg is None or leg.role is not LegRole.CALLER or not _callers_digit(s, leg, event):
        s.ignored("a digit with no meaning here", event.leg)


def _callers_digit(s: State, leg: Leg, event: DigitPressed) -> bool:
    """Tell whether a caller's digit means something: the terminal says it, or who answers us."""
    return _devices_digit(s, leg, event) or answers.digit(s, s.calls[leg.call], event.digit)


def _devices_digit(s: State, leg: Leg, event: DigitPressed) -> bool:
    call = s.calls.get(leg.call)
    return call is not None and devices.pressed(s, call, leg, event.digit, event.device)


def _commands(s: State, leg: Leg) -> bool:
    """Tell whether the keys of a leg in a call are codes: an agent's, on either phone or line; at a
    duty phone once 1 has been pressed."""
    call = s.calls.get(leg.call)
    if call is None or (leg.dial is not None and leg.wanted is None):
        return False
    return leg.is_agents or beside.is_second(call, leg) or transfers.is_second_line(call, leg)


def speech_started(s: State, event: SpeechStarted) -> None:
    _speech(s, event.leg, begins=True)


def speech_ended(s: State, event: SpeechEnded) -> None:
    _speech(s, event.leg, begins=False)


def _speech(s: State, key: LegId, *, begins: bool) -> None:
    leg = s.legs.get(key)
    if leg is None:
        s.ignored("speech of an unknown leg", key)
    else:
        presence.speech(s, leg, begins=begins)
        silence.talk_changed(s, leg)


def heard(s: State, event: CallerHeard) -> None:
    """Whoever judges the sound of a leg says what it is now."""
    leg = s.legs.get(event.leg)
    if leg is None:
        s.ignored("sound of an unknown leg", event.leg)
    else:
        silence.heard(s, leg, event)


def prompt_finished(s: State, event: PromptFinished) -> None:
    """A playback has ended, heard to its end or not: whoever had it played goes on."""
    key = s.playbacks.pop(event.playback, None)
    if key is None:
        s.ignored("end of a prompt that was let go", event.playback)
    elif key in s.desk_calls:
        desk.prompt_finished(s, s.desk_calls[key], event.playback)
    elif key in s.calls:
        call = s.calls[key]
        if farewell_over(s, event.playback):
            return
        if presence.beep_over(s, call, event.playback):
            return
        if conversation.heard(s, call, event.playback):
            parties.ring_back(s, call)
        else:
            answers.prompt_over(s, call, event.playback)
            placing.heard(s, call)
        silence.follow(s, call)


def command_failed(s: State, event: CommandFailed) -> None:
    """Asterisk has refused a command, or could not be told."""
    leg = None if event.leg is None else s.legs.get(event.leg)
    if event.command in ("RingPhone", "DialNumber", "CallPhone") and leg is not None:
        # Not even a channel came of it, so no end of the leg will be reported.
        departures.leg_gone(s, leg, LegEnd(why=Hangup.UNREACHABLE, cause=0))
    elif event.command == "HangUp" and leg is not None:
        s.timers.set(("HangUp", leg.id), s.now + AGAIN_MS)
    elif event.command == "AnswerLeg" and leg is not None:
        s.timers.set(("AnswerLeg", leg.id), s.now + AGAIN_MS)
    elif event.command == "Hush" and leg is not None:
        s.timers.set(("hush", leg.id), s.now + AGAIN_MS)
    elif event.command == "OpenSnoop" and event.leg is not None:
        supervision.snoop_failed(s, event.leg)
    elif event.command == "KeepMemo" and event.call in s.calls:
        memos.not_kept(s, event.call)
    elif event.command == "KeepCaller" and event.call in s.calls:
        memos.caller_not_kept(s, event.call)
    elif event.command == "JoinRoom" and supervision.join_failed(s, event.call):
        return
    elif event.command == "JoinRoom":
        departures.join_failed(s, event)
    elif event.command == "Play" and event.call in s.desk_calls:
        due.desk_timed_out(s, event.call)
    elif (
        event.command == "Play"
        and leg is not None
        and (presence.beep_failed(s, leg) or farewell_failed(s, leg))
    ):
        return
    elif event.command == "Play" and leg is not None and leg.speech is not None:
        conversation.speech_over(s, leg.id)
    elif event.command == "Play" and event.call in s.calls:
        answers.play_failed(s, s.calls[event.call])
    elif event.command == "ListenTo" and leg is not None:
        s.ignored("ListenTo failed", leg.id)
        silence.no_judge(s, leg)
    elif event.command == "RecordLeg" and event.call in s.calls:
        answers.recording_failed(s, s.calls[event.call])
    else:
        s.ignored(f"{event.command} failed", event.call or "")
