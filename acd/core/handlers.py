"""Who takes in which event: every way into the core from outside.

Most events go straight to the module whose matter they are; those about a leg go to whoever it
belongs to (``legs``).
"""

from collections.abc import Callable
from typing import Any

from acd.core import arrivals, calls, configuration, definitions, devices, legs
from acd.core.call_control import control, phone_requests, second_lines, supervision
from acd.core.emergency import agreement, cases, guidance, report, requests, silence
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
    WrittenOffline,
)
from acd.core.follow_up import callbacks, obligations, owed_requests
from acd.core.outside import outbound, placed, spending, trunks
from acd.core.resync import attendance, healing, nodes, recovery
from acd.core.self_service import answers, menu, rating
from acd.core.staff import agents, desk, shifts, steering
from acd.core.state import State
from acd.core.tables import CaseState


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
    call = arrivals.arrived(s, event)
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
    # Calls.
    CallArrived: _call_arrived,
    LegRang: legs.rang,
    LegAnswered: legs.answered,
    LegJoined: legs.joined,
    RecordingStarted: legs.recording_started,
    DigitPressed: legs.digit_pressed,
    PromptFinished: legs.prompt_finished,
    LegHungUp: legs.hung_up,
    LegGone: legs.gone,
    # Agents and supervisors.
    PhoneReported: _phone_reported,
    CodeDialled: _code_dialled,
    LoginRequested: _login_requested,
    ReadyRequested: _ready_requested,
    PauseRequested: _pause_requested,
    WrapUpEndRequested: _wrap_up_end_requested,
    WrapUpExtensionRequested: _wrap_up_extension_requested,
    LeaveAnswerRequested: _leave_answer_requested,
    LogoutRequested: _logout_requested,
    ReservationRequested: _reservation_requested,
    ReleaseRequested: _release_requested,
    ForceRequested: _force_requested,
    SteerRequested: _steer_requested,
    # Call control.
    ControlRequested: _control_requested,
    PhoneHeld: phone_requests.held,
    PhoneUnheld: phone_requests.unheld,
    ReferRequested: phone_requests.refer,
    SupervisionRequested: _supervision_requested,
    SupervisionEndRequested: _supervision_end_requested,
    SnoopStarted: _snoop_started,
    SnoopGone: _snoop_gone,
    # Self-service.
    MessageEnded: answers.recording_ended,
    RatingGiven: rating.given,
    # Outside numbers.
    CallRequested: placed.requested,
    TrunkReported: outbound.trunk_reported,
    SpendingDefined: spending.defined,
    # What is owed.
    ObligationRequested: owed_requests.obligation,
    CallbackRequested: owed_requests.callback,
    ObligationRestored: obligations.restored,
    WrittenOffline: owed_requests.written_offline,
    # Emergencies.
    SpeechStarted: legs.speech_started,
    SpeechEnded: legs.speech_ended,
    CallerHeard: legs.heard,
    CaseRequested: requests.requested,
    CaseRestored: _case_restored,
    GuidanceDefined: guidance.defined,
    ReportHandedIn: report.handed_in,
    # Terminals.
    TerminalSilent: devices.silent,
    TerminalTestNoted: devices.tested,
    # What is found when Asterisk or PostgreSQL is read again.
    SwitchConnected: _switch_connected,
    NodeLost: nodes.lost,
    NodeDrained: nodes.drained,
    ChannelsCompared: healing.compared,
    LegAway: legs.away,
    AgentRemembered: attendance.remembered,
    CallRemembered: recovery.remembered,
    FallbackEnded: recovery.fallback_ended,
    # The directory.
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
    AreaDefined: trunks.area_defined,
    AreaRemoved: trunks.area_removed,
    # The switch itself.
    CommandFailed: legs.command_failed,
    ConfigurationRefused: configuration.refused,
    TimePassed: _time_passed,
}
