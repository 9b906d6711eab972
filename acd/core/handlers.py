"""Who takes in which event: every way into the core from outside.

Most events go straight to the module whose matter they are.  Those about a leg go to whoever the
leg belongs to: that is what the functions here find out.
"""

from collections.abc import Callable
from typing import Any

from acd.core import calls, configuration, definitions, departures, devices, due, memos
from acd.core.call_control import (
    control,
    conversation,
    keys,
    phone_requests,
    second_lines,
    supervision,
    transfers,
)
from acd.core.emergency import (
    agreement,
    beside,
    cases,
    guidance,
    report,
    requests,
    roles,
    silence,
    witness,
)
from acd.core.entities import Leg, LegEnd
from acd.core.events import (
    AgentDefined,
    AgentRemembered,
    AgentRemoved,
    AreaDefined,
    AreaRemoved,
    CallArrived,
    CallbackRequested,
    CallerHeard,
    CallRemembered,
    CallRequested,
    CaseRequested,
    CaseRestored,
    ChannelsCompared,
    CodeDialled,
    CommandFailed,
    ConfigurationRefused,
    ControlRequested,
    DigitPressed,
    EntryDefined,
    EntryRemoved,
    Event,
    FallbackEnded,
    ForceRequested,
    GuidanceDefined,
    Hangup,
    LeaveAnswerRequested,
    LegAnswered,
    LegAway,
    LegGone,
    LegHungUp,
    LegJoined,
    LegRang,
    LoginRequested,
    LogoutRequested,
    MessageEnded,
    NodeDrained,
    NodeLost,
    ObligationRequested,
    ObligationRestored,
    PauseRequested,
    PhoneHeld,
    PhoneReported,
    PhoneUnheld,
    PromptFinished,
    QueueDefined,
    QueueRemoved,
    RatingGiven,
    ReadyRequested,
    RecordingStarted,
    ReferRequested,
    ReleaseRequested,
    ReportHandedIn,
    ReservationRequested,
    SeatDefined,
    SeatRemoved,
    SnoopGone,
    SnoopStarted,
    SpeechEnded,
    SpeechStarted,
    SpendingDefined,
    SteerRequested,
    SupervisionEndRequested,
    SupervisionRequested,
    SwitchConnected,
    TerminalSilent,
    TerminalTestNoted,
    TimePassed,
    TrunkDefined,
    TrunkRemoved,
    TrunkReported,
    WrapUpEndRequested,
    WrapUpExtensionRequested,
)
from acd.core.facts import LegRecorded, LegRole
from acd.core.follow_up import callbacks, obligations, owed_requests
from acd.core.ids import LegId
from acd.core.moves import AGAIN_MS, farewell_failed, farewell_over, move_leg
from acd.core.outside import dialled, outbound, placed, placing, spending, trunks
from acd.core.queueing import offers, presence
from acd.core.resync import attendance, healing, nodes, recovery
from acd.core.self_service import menu, rating, selfservice
from acd.core.staff import agents, desk, open_lines, shifts, steering, trial
from acd.core.state import State
from acd.core.tables import CaseState, LegMove


def _code_dialled(s: State, event: CodeDialled) -> None:
    if event.leg in s.legs:
        s.ignored("dialled twice", event.leg)
    elif second_lines.dialled(s, event):
        return
    elif (number := placed.number_in(event.code)) is not None:
        placed.dialled_by_phone(s, event, number)
    elif event.code == agreement.CODE:
        agreement.dialled(s, event)
    else:
        desk.dialled(s, event)


def _case_restored(s: State, event: CaseRestored) -> None:
    known = event.case.id in s.cases
    cases.restored(s, event)
    if not known and event.case.state is CaseState.UNCONFIRMED:
        agreement.begin(s, event.case)


def _call_arrived(s: State, event: CallArrived) -> None:
    if recovery.came_back(s, event):
        return
    call = calls.arrived(s, event)
    if call is not None:
        callbacks.called_again(s, call)
        devices.called(s, call)
        # A proof may come from any terminal, also one whose elder needs help just now.
        known = None if call.synthetic else cases.find(s, call.caller)
        if known is not None:
            cases.join(s, call, known)
    if call is not None and call.menus and call.has_keys:
        menu.start(s, call)
    elif call is not None:
        calls.enter_line(s, call, None)


def _leg_rang(s: State, event: LegRang) -> None:
    leg = s.legs.get(event.leg)
    if leg is None:
        s.ignored("ringing of an unknown leg", event.leg)
    elif not move_leg(s, leg, LegMove.RANG):
        return
    elif leg.offer is not None:
        offers.rang(s, s.offers[leg.offer])
    elif leg.dial is not None:
        dialled.leg_rang(s, leg)


def _recording_started(s: State, event: RecordingStarted) -> None:
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


def _leg_answered(s: State, event: LegAnswered) -> None:
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
            trial.answered(s, desk_call)
    elif beside.is_second(s.calls[leg.call], leg):
        keys.second_phone_answered(s, s.calls[leg.call], leg)


def _leg_joined(s: State, event: LegJoined) -> None:
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
        calls.leg_joined(s, leg, event.room)
        if before != leg.room == event.room and leg.call in s.calls:
            witness.moved(s, s.calls[leg.call], leg, event.room)


def _leg_hung_up(s: State, event: LegHungUp) -> None:
    leg = s.legs.get(event.leg)
    if leg is None:
        s.ignored("hang-up of an unknown leg", event.leg)
    else:
        departures.leg_hung_up(s, leg)


def _leg_gone(s: State, event: LegGone) -> None:
    leg = s.legs.get(event.leg)
    if leg is None:
        if not recovery.left_fallback(s, event.leg):
            s.ignored("end of an unknown leg", event.leg)
    else:
        if event.why is Hangup.LOST and not leg.ended_by_us:
            s.repaired("leg was gone", event.leg)
        end = LegEnd(why=event.why, cause=event.cause, sip=event.sip, media=event.media)
        departures.leg_gone(s, leg, end)


def _leg_away(s: State, event: LegAway) -> None:
    if not recovery.taken_away(s, event.leg, marked=event.marked):
        s.ignored("a caller who is not ours is in the fallback", event.leg)


def _digit_pressed(s: State, event: DigitPressed) -> None:
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
    elif call is not None and call.tested is not None:
        trial.key_pressed(s, call)
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
    return _devices_digit(s, leg, event) or selfservice.digit(s, s.calls[leg.call], event.digit)


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


def _speech_started(s: State, event: SpeechStarted) -> None:
    _speech(s, event.leg, begins=True)


def _speech_ended(s: State, event: SpeechEnded) -> None:
    _speech(s, event.leg, begins=False)


def _speech(s: State, key: LegId, *, begins: bool) -> None:
    leg = s.legs.get(key)
    if leg is None:
        s.ignored("speech of an unknown leg", key)
    else:
        presence.speech(s, leg, begins=begins)
        silence.talk_changed(s, leg)


def _caller_heard(s: State, event: CallerHeard) -> None:
    leg = s.legs.get(event.leg)
    if leg is None:
        s.ignored("sound of an unknown leg", event.leg)
    else:
        silence.heard(s, leg, event)


def _prompt_finished(s: State, event: PromptFinished) -> None:
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
        if not conversation.heard(s, call, event.playback):
            selfservice.prompt_over(s, call, event.playback)
            placing.heard(s, call)
        silence.follow(s, call)


def _command_failed(s: State, event: CommandFailed) -> None:
    leg = None if event.leg is None else s.legs.get(event.leg)
    if event.command in ("RingPhone", "DialNumber", "CallPhone") and leg is not None:
        # Not even a channel came of it, so no end of the leg will be reported.
        departures.leg_gone(s, leg, LegEnd(why=Hangup.UNREACHABLE, cause=0))
    elif event.command == "HangUp" and leg is not None:
        s.timers.set(("HangUp", leg.id), s.now + AGAIN_MS)
    elif event.command == "AnswerLeg" and leg is not None:
        s.timers.set(("AnswerLeg", leg.id), s.now + AGAIN_MS)
    elif event.command == "OpenSnoop" and event.leg is not None:
        supervision.snoop_failed(s, event.leg)
    elif event.command == "KeepMemo" and event.call in s.calls:
        memos.not_kept(s, event.call)
    elif event.command == "KeepCaller" and event.call in s.calls:
        memos.caller_not_kept(s, event.call)
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
        selfservice.play_failed(s, s.calls[event.call])
    elif event.command == "ListenTo" and leg is not None:
        s.ignored("ListenTo failed", leg.id)
        silence.no_judge(s, leg)
    elif event.command == "RecordLeg" and event.call in s.calls:
        selfservice.recording_failed(s, s.calls[event.call])
    else:
        s.ignored(f"{event.command} failed", event.call or "")


def _phone_reported(s: State, event: PhoneReported) -> None:
    agents.phone_reported(s, event.phone, registered=event.registered, in_use=event.in_use)


def _switch_connected(s: State, event: SwitchConnected) -> None:
    for followed in recovery.connected(s, event):
        HANDLERS[type(followed)](s, followed)
    for call in tuple(s.calls.values()):
        silence.follow(s, call)


def _snoop_started(s: State, event: SnoopStarted) -> None:
    supervision.snoop_started(s, event.snoop)


def _snoop_gone(s: State, event: SnoopGone) -> None:
    supervision.snoop_gone(s, event.snoop)


def _supervision_requested(s: State, event: SupervisionRequested) -> None:
    s.emit(supervision.requested(s, event))


def _supervision_end_requested(s: State, event: SupervisionEndRequested) -> None:
    s.emit(supervision.end_requested(s, event))


def _force_requested(s: State, event: ForceRequested) -> None:
    s.emit(steering.force(s, event))


def _steer_requested(s: State, event: SteerRequested) -> None:
    s.emit(steering.steer(s, event))


def _login_requested(s: State, event: LoginRequested) -> None:
    s.emit(shifts.log_in(s, event.request, event.agent, event.seat))


def _ready_requested(s: State, event: ReadyRequested) -> None:
    s.emit(shifts.be_ready(s, event.request, event.agent))


def _pause_requested(s: State, event: PauseRequested) -> None:
    s.emit(shifts.pause(s, event.request, event.agent, event.reason))


def _wrap_up_end_requested(s: State, event: WrapUpEndRequested) -> None:
    s.emit(shifts.end_wrap_up(s, event.request, event.agent))


def _wrap_up_extension_requested(s: State, event: WrapUpExtensionRequested) -> None:
    s.emit(shifts.extend_wrap_up(s, event.request, event.agent))


def _leave_answer_requested(s: State, event: LeaveAnswerRequested) -> None:
    reply = shifts.answer_leave(
        s,
        event.request,
        event.agent,
        supervisor=event.supervisor,
        granted=event.granted,
    )
    s.emit(reply)


def _logout_requested(s: State, event: LogoutRequested) -> None:
    s.emit(shifts.log_out(s, event.request, event.agent))


def _reservation_requested(s: State, event: ReservationRequested) -> None:
    reply = shifts.reserve(
        s, event.request, event.agent, reason=event.reason, hold_ms=event.hold_ms
    )
    s.emit(reply)


def _release_requested(s: State, event: ReleaseRequested) -> None:
    s.emit(shifts.release(s, event.request, event.agent))


def _control_requested(s: State, event: ControlRequested) -> None:
    s.emit(control.requested(s, event))


def _time_passed(s: State, event: TimePassed) -> None:
    """What was due has been done before this was called."""


HANDLERS: dict[type[Event], Callable[[State, Any], None]] = {
    ObligationRestored: obligations.restored,
    CaseRestored: _case_restored,
    TerminalSilent: devices.silent,
    TerminalTestNoted: devices.tested,
    ReportHandedIn: report.handed_in,
    GuidanceDefined: guidance.defined,
    SpendingDefined: spending.defined,
    ConfigurationRefused: configuration.refused,
    AgentRemembered: attendance.remembered,
    CallRemembered: recovery.remembered,
    FallbackEnded: recovery.fallback_ended,
    ObligationRequested: owed_requests.obligation,
    CallbackRequested: owed_requests.callback,
    CaseRequested: requests.requested,
    CodeDialled: _code_dialled,
    CallRequested: placed.requested,
    RatingGiven: rating.given,
    CallArrived: _call_arrived,
    MessageEnded: selfservice.recording_ended,
    LegRang: _leg_rang,
    RecordingStarted: _recording_started,
    LegAnswered: _leg_answered,
    LegJoined: _leg_joined,
    LegHungUp: _leg_hung_up,
    LegGone: _leg_gone,
    LegAway: _leg_away,
    DigitPressed: _digit_pressed,
    SpeechStarted: _speech_started,
    SpeechEnded: _speech_ended,
    CallerHeard: _caller_heard,
    SnoopStarted: _snoop_started,
    SnoopGone: _snoop_gone,
    SupervisionRequested: _supervision_requested,
    SupervisionEndRequested: _supervision_end_requested,
    ForceRequested: _force_requested,
    SteerRequested: _steer_requested,
    PhoneHeld: phone_requests.held,
    PhoneUnheld: phone_requests.unheld,
    ReferRequested: phone_requests.refer,
    PromptFinished: _prompt_finished,
    CommandFailed: _command_failed,
    PhoneReported: _phone_reported,
    SwitchConnected: _switch_connected,
    NodeLost: nodes.lost,
    NodeDrained: nodes.drained,
    ChannelsCompared: healing.compared,
    LoginRequested: _login_requested,
    ReadyRequested: _ready_requested,
    PauseRequested: _pause_requested,
    WrapUpEndRequested: _wrap_up_end_requested,
    WrapUpExtensionRequested: _wrap_up_extension_requested,
    LeaveAnswerRequested: _leave_answer_requested,
    LogoutRequested: _logout_requested,
    ReservationRequested: _reservation_requested,
    ReleaseRequested: _release_requested,
    ControlRequested: _control_requested,
    QueueDefined: definitions.queue_defined,
    QueueRemoved: definitions.queue_removed,
    EntryDefined: definitions.entry_defined,
    EntryRemoved: definitions.entry_removed,
    AgentDefined: definitions.agent_defined,
    AgentRemoved: definitions.agent_removed,
    SeatDefined: definitions.seat_defined,
    SeatRemoved: definitions.seat_removed,
    TrunkDefined: trunks.trunk_defined,
    TrunkRemoved: trunks.trunk_removed,
    TrunkReported: outbound.trunk_reported,
    AreaDefined: trunks.area_defined,
    AreaRemoved: trunks.area_removed,
    TimePassed: _time_passed,
}
