"""The core's only door.

``Core.step(now_ms, event)`` takes one event and returns what follows from it, in order;
``Core.next_deadline()`` says when it wants to be woken.  Nothing else changes state.  The same
events at the same times give the same effects, byte for byte.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from acd.core import calls, configuration, definitions, departures, devices, memos
from acd.core.call_control import (
    control,
    conversation,
    keys,
    phone_requests,
    second_lines,
    supervision,
    transfers,
)
from acd.core.commands import RingPhone
from acd.core.emergency import (
    agreement,
    alone,
    beside,
    cases,
    guard,
    guidance,
    noresponse,
    parties,
    report,
    requests,
    roles,
    silence,
    witness,
)
from acd.core.entities import Call, Leg, LegEnd
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
from acd.core.facts import Defect, LegRecorded, LegRole
from acd.core.follow_up import callbacks, obligations, owed_requests
from acd.core.ids import AgentId, CallId, CaseId, DialId, LegId, ObligationId, OfferId
from acd.core.moves import (
    AGAIN_MS,
    farewell_failed,
    farewell_over,
    hang_up_again,
    move_leg,
)
from acd.core.outside import dialled, outbound, placed, placing, spending, trunks
from acd.core.queueing import foreseen, matching, offers, preferences, presence, treatment, waiting
from acd.core.queueing.matching import Choice, MakeOffer
from acd.core.resync import attendance, healing, nodes, recovery
from acd.core.self_service import menu, rating, selfservice
from acd.core.staff import agents, desk, leave, open_lines, shifts, steering, trial
from acd.core.state import Dice, Effect, State
from acd.core.tables import CaseState, DeskState, IllegalTransition, LegMove
from acd.core.timers import TimerKey, TimerName

TURNS_MAX = 1_000
"""So often one timer may come in one moment; a few times is the most that any does."""


class Core:
    """A care line's decisions.

    ``epoch`` (a number never used before) goes into every identifier.  ``strict`` raises
    ``IllegalTransition`` and whatever else is our bug (tests, simulation); otherwise it becomes a
    ``Defect`` fact, its call is handed to the dialplan, and everyone else is served on.
    ``witness`` is shown every choice before anything follows from it, and changes nothing: a
    replay asks there what else could have been chosen.
    """

    def __init__(
        self, *, epoch: int, dice: Dice, strict: bool = False, witness: MakeOffer | None = None
    ) -> None:
        self.state = State(epoch=epoch, dice=dice)
        self._strict = strict
        self._witness = witness

    def step(self, now_ms: int, event: Event) -> list[Effect]:
        """Do what is due by ``now_ms`` (epoch milliseconds, never backwards), then take in
        ``event``; return the effects in the order in which they are to be carried out.

        Unless the core is strict nothing is raised: whatever goes wrong, what has been decided
        until then is carried out, and a timer that fails keeps no event from coming in."""
        s = self.state
        s.now = max(now_ms, s.now)
        s.touched.clear()
        effects: list[Effect] = []
        s.effects = effects
        if (due := s.timers.pop_due(s.now)) is not None:
            try:
                self._turn(due)
            except Exception as wrong:
                self._confess(wrong)
        try:
            self._guarded(_HANDLERS[type(event)], event, _call_of(s, event))
        except Exception as wrong:
            self._confess(wrong)
        return effects

    def _turn(self, due: TimerKey | None) -> None:
        """Do whatever is due, one after the other.  A timer that is set for this moment again and
        again would hold up everybody for ever: it is our bug, and costs its own call alone."""
        s = self.state
        turns: dict[TimerKey, int] = {}
        while due is not None:
            what, whose = due
            do, call_of = _TIMERS[what]
            call = call_of(s, whose)
            turns[due] = turns.get(due, 0) + 1
            if turns[due] <= TURNS_MAX:
                self._guarded(do, whose, call)
            else:
                self._give_up(RuntimeError(f"The timer {what} comes without end."), call)
            due = s.timers.pop_due(s.now)

    def send_early(self, sender: Callable[[Sequence[Effect]], None]) -> None:
        """Have ``sender`` called in the middle of a step with the effects so far, when a phone is
        to ring: the same list that ``step`` returns in the end, and no effect in it changes any
        more.  Nothing that it does may come back to the core before ``step`` has returned."""
        self.state.sender = sender

    def foresee(self, now_ms: int, event: CallArrived) -> RingPhone | None:
        """Return the ring that is the first command of what ``step(now_ms, event)`` will return;
        None where that cannot be told without doing the step.  Changes nothing, and holds only as
        long as no step comes between."""
        return foreseen.ring_for(self.state, now_ms, event)

    def next_deadline(self) -> int | None:
        """Return when ``step`` must be called at the latest, epoch milliseconds."""
        return self.state.timers.next_due()

    def _guarded(
        self, handler: Callable[[State, Any], None], subject: Any, call: CallId | None
    ) -> None:
        """Handle an event or a due timer, which is about ``call``.  That is looked up before:
        afterwards its leg or offer may be gone."""
        s = self.state
        try:
            handler(s, subject)
            if call is not None and (record := s.calls.get(call)) is not None:
                silence.follow(s, record)
                guard.watch(s, record)
        except Exception as wrong:
            # The core's own edge: whatever our bug is, it may cost this caller a detour through
            # the dialplan, and nobody else anything.
            self._give_up(wrong, call)
        if s.lines_to_follow:
            open_lines.settle(s)
        if s.seeking_calls or s.seeking_agents:
            matching.settle(s, self._make_offer)
        if s.callbacks_due:
            callbacks.settle(s)
            matching.settle(s, self._make_offer)
        if s.lacking:
            for key in tuple(s.lacking):
                self._find_roles(s, key)
        if s.rooms_to_open:
            calls.open_rooms(s)
        if s.touched:
            memos.keep(s)

    def _make_offer(self, s: State, call: Call, choice: Choice) -> None:
        """A call that cannot be offered must not cost those behind it their agent."""
        if self._witness is not None:
            self._witness(s, call, choice)
        try:
            presence.make_offer(s, call, choice)
        except Exception as wrong:
            self._give_up(wrong, call.id)
            s.seeking_agents[choice.agent.id] = None

    def _find_roles(self, s: State, key: CallId) -> None:
        """A case for which nobody can be rung must not cost the others theirs."""
        call = s.calls.get(key)
        if call is None:
            s.lacking.pop(key, None)
            return
        try:
            roles.settle(s, call, presence.picked_up)
        except Exception as wrong:
            self._give_up(wrong, key)

    def _give_up(self, wrong: Exception, call: CallId | None) -> None:
        """Our own bug: save the caller, free the agents, tell it, go on."""
        self._confess(wrong, call)
        s = self.state
        if call is not None and call in s.calls:
            try:
                calls.hand_to_fallback(s, s.calls[call])
            except Exception as worse:
                self._confess(worse, call)
        stranded = [agent for agent in s.agents.values() if agents.is_stranded(s, agent)]
        for agent in stranded:
            agents.free(s, agent)

    def _confess(self, wrong: Exception, call: CallId | None = None) -> None:
        """Our own bug: tell it, or raise it where somebody looks for bugs."""
        if self._strict:
            raise wrong
        self.state.emit(Defect(at_ms=self.state.now, sentence=_sentence(wrong), call=call))


def _sentence(wrong: Exception) -> str:
    kind = "" if isinstance(wrong, IllegalTransition) else f"{type(wrong).__name__}: "
    return f"{kind}{wrong}"


def _call_of(s: State, event: Event) -> CallId | None:
    """Return the call that an event is about."""
    leg = s.legs.get(getattr(event, "leg", None))  # type: ignore[arg-type]
    return getattr(event, "call", None) if leg is None else leg.call


# Handlers: one per event ------------------------------------------------------------------------


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
        _desk_timed_out(s, event.call)
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


def _desk_timed_out(s: State, key: CallId) -> None:
    call = s.desk_calls[key]
    if call.watch is not None:
        supervision.timed_out(s, call)
    elif call.line is not None:
        open_lines.timed_out(s, call)
    elif call.agrees is not None and call.state is not DeskState.CONFIRMING:
        agreement.timed_out(s, call)
    elif call.tested is not None and call.state is not DeskState.CONFIRMING:
        trial.timed_out(s, call)
    else:
        desk.timed_out(s, key)


def _phone_reported(s: State, event: PhoneReported) -> None:
    agents.phone_reported(s, event.phone, registered=event.registered, in_use=event.in_use)


def _switch_connected(s: State, event: SwitchConnected) -> None:
    for followed in recovery.connected(s, event):
        _HANDLERS[type(followed)](s, followed)
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


_HANDLERS: dict[type[Event], Callable[[State, Any], None]] = {
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


# Timers -------------------------------------------------------------------------------------------


def _of_agent(s: State, agent: AgentId) -> CallId | None:
    return s.agents[agent].call


def _of_offer(s: State, offer: OfferId) -> CallId | None:
    return s.offers[offer].call


def _of_dial(s: State, dial: DialId) -> CallId | None:
    return s.dials[dial].call


def _of_obligation(s: State, key: ObligationId) -> CallId | None:
    return s.obligations[key].working


def _of_leg(s: State, leg: LegId) -> CallId | None:
    record = s.legs.get(leg)
    return None if record is None else record.call


def _of_case(s: State, case: CaseId) -> CallId | None:
    return None


def _itself(s: State, call: CallId) -> CallId | None:
    return call


class _Due(NamedTuple):
    """What is done when a timer is due, and which call that is about.  Both are given whose timer
    it is: a call, a leg, an offer, a dial, an agent, a case or an obligation."""

    do: Callable[[State, Any], None]
    call_of: Callable[[State, Any], CallId | None]


_TIMERS: dict[TimerName, _Due] = {
    "ring": _Due(departures.ring_timed_out, _of_offer),
    "clearing": _Due(departures.never_cleared, _of_leg),
    "home": _Due(departures.home_due, _of_leg),
    "unanswered": _Due(outbound.unanswered, _of_dial),
    "unheard": _Due(outbound.unheard, _of_dial),
    "told": _Due(placing.told, _itself),
    "silence": _Due(silence.due, _itself),
    "silent": _Due(silence.overdue, _itself),
    "let_go": _Due(departures.let_silent_caller_go, _itself),
    "owed": _Due(noresponse.fell_due, _of_obligation),
    "escalate": _Due(obligations.escalate, _of_obligation),
    "no_agent": _Due(callbacks.no_agent, _itself),
    "pick_up": _Due(calls.pick_up, _itself),
    "treatment": _Due(treatment.due, _itself),
    "dialogue": _Due(selfservice.timed_out, _itself),
    "widen": _Due(waiting.widen, _itself),
    "prefer": _Due(preferences.wait_over, _itself),
    "promise": _Due(waiting.promise_broken, _itself),
    "incident": _Due(waiting.incident_due, _itself),
    "place": _Due(departures.place_timed_out, _of_leg),
    "speech": _Due(conversation.speech_over, _of_leg),
    "hold_notice": _Due(conversation.notice_due, _itself),
    "release": _Due(calls.busy_tone_over, _itself),
    "keys": _Due(keys.timed_out, _of_leg),
    "role": _Due(alone.nobody, _itself),
    "asked": _Due(parties.silent, _of_dial),
    "agree": _Due(agreement.next_due, _of_case),
    "line": _Due(guard.due, _itself),
    "beside": _Due(beside.ring_timed_out, _of_leg),
    "memo": _Due(memos.keep_again, _itself),
    "wrap_up": _Due(agents.wrap_up_ended, _of_agent),
    "rest": _Due(agents.rest_ended, _of_agent),
    "unread": _Due(attendance.read_enough, _of_agent),
    "leave": _Due(leave.lapsed, _of_agent),
    "echo": _Due(presence.echo_over, _of_offer),
    "reserved": _Due(agents.reservation_ended, _of_agent),
    "desk": _Due(_desk_timed_out, _itself),
    "test_ring": _Due(trial.due, _of_agent),
    "open_line": _Due(open_lines.try_again, _of_agent),
    "HangUp": _Due(hang_up_again, _of_leg),
    "AnswerLeg": _Due(calls.answer_again, _of_leg),
}
