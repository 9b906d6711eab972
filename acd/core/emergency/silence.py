"""Silent calls: connected, and nobody responds, is presumed to be an emergency (E33, V13, C05).

The clock begins when an agent is joined with the caller, or when the system is alone with an
emergency caller and has told them so.  Twice the caller has ``WINDOW_MS`` to speak, each counted
from the moment in which the agent or a prompt has stopped; the system asks for a word only while
the agent is quiet.  After the second window the call is ``no_response``: said to the agent alone,
and the line is held open and listened to.  From then on people decide: no sound clears it, only an
agent does, who may also say so at any time (*30, *31).  Who has responded and then falls silent for
``REARM_MS`` is asked again.

Only near speech is a response, and only while nothing of ours can come back as an echo from a
hands-free terminal.  Loudness alone (TALK_DETECT) tells when the *agent* speaks, and never that the
caller does.  Where nothing judges the sound of an emergency's caller the clock alone decides: the
call is flagged, and the agent's *31 clears it for as long as packets come, for nobody can tell that
it is silent again.

A line from which no packet comes at all is told to the agent as such: the terminal may have lost
its power, and nobody can be heard on it again.

On an enquiry line nothing happens without a judge.  With one, a known terminal is treated as in an
emergency (C05), and an unknown number is let go after the third prompt, unless anybody has spoken;
a callback is owed all the same.
"""

from acd.core.call_control import conversation, speech
from acd.core.commands import DetectTalk, ListenTo, StopDetecting, StopListening
from acd.core.directory import EntryKind
from acd.core.emergency import cases, guard, response
from acd.core.entities import Call, Leg, Silence
from acd.core.events import CallerHeard, Heard
from acd.core.facts import (
    CallerResponded,
    LegHeard,
    NoResponseFlagged,
    SilencePrompted,
)
from acd.core.ids import CallId
from acd.core.queueing import treatment
from acd.core.state import State
from acd.core.tables import (
    SILENCE,
    CallState,
    Ignore,
    LegState,
    SilenceMove,
    SilenceState,
)

WINDOW_MS = 3_000
"""F05: three seconds, and three more."""

REARM_MS = 30_000
"""Whoever has spoken and then says nothing for so long may have fallen."""

BREATH_MS_MAX = 60_000
"""Nobody speaks for so long without a breath: whoever judged the sound has gone in mid-word, and
from then on nothing does."""

SILENT_MS_MAX = 30_000
"""With an agent for so long and without a response, an emergency is flagged whatever the agent's
side sounds like: a noisy room must not keep the windows from ever beginning."""

TALK_TAIL_MS = 200
"""So long after the agent's last sound Asterisk says that they have stopped (``DetectTalk``)."""

ECHO_MS = 400
"""So long after our last sound its echo has died away, and what is heard is theirs."""

DEAD_MS = 10_000
"""No packet for so long: a telephone that sends none while it is quiet has had time to breathe."""

GOODBYE_MS_MAX = 15_000
"""A goodbye whose end was never reported is taken to have been heard by then."""

ASK = ("caller-please-speak",)
STAY = ("caller-not-heard-we-stay",)
GOODBYE = ("caller-not-heard-goodbye",)
FLAG = ("agent-no-response",)
DEAD = ("agent-no-audio",)

PROMPTS = (*ASK, *STAY, *GOODBYE, *FLAG, *DEAD)
"""Every prompt this module can ask for; a test holds the prompt list to it."""

WINDOWS = (SilenceState.FIRST_WINDOW, SilenceState.SECOND_WINDOW)

_TALKING, _UP, _EMERGENCY = CallState.TALKING, LegState.UP, EntryKind.EMERGENCY
_ALONE = (CallState.WAITING, CallState.OFFERING)
_SPEECH = Heard.SPEECH
_RESPONDED = SilenceState.RESPONDED


# Which calls --------------------------------------------------------------------------------------


def is_held_open(call: Call) -> bool:
    """Tell whether a silent line is never let go: an emergency's, and a known terminal's anywhere
    (C05)."""
    return call.kind is _EMERGENCY or call.terminal is not None


# What begins and ends the clock -------------------------------------------------------------------


def alone_with_system(s: State, call: Call) -> None:
    """The system has picked up in an agent's place, or is left in it.  On an enquiry line whoever
    waits hears music, and has nothing to say."""
    if call.silence is None and call.kind is EntryKind.EMERGENCY and response.concerns(call):
        _begin(s, call)


def joined(s: State, call: Call) -> None:
    """An agent's audio reaches the caller: the clock begins anew, or they are told at once that
    nobody has responded so far."""
    if not response.concerns(call):
        return
    _begin(s, call)
    if call.is_without_response:
        _tell_agents(s, call, FLAG)


def _begin(s: State, call: Call) -> None:
    _doubt(s, s.legs[call.caller_leg])
    clock = call.silence
    if clock is None:
        clock = call.silence = Silence(begun_ms=s.now)
        s.touched[call] = None
    elif _move(s, call, clock, SilenceMove.JOINED) and clock.state in WINDOWS:
        clock.begun_ms = s.now
    clock.open_ms = None
    clock.told_dead = False
    _disarm(s, call, clock)
    if s.legs[call.caller_leg].heard is Heard.NO_RTP:
        s.timers.set(("dead", call.id), s.now + DEAD_MS)
    if not clock.listened:
        clock.listened = True
        s.emit(ListenTo(call.id, call.caller_leg))


def resume(s: State, call: Call, state: SilenceState) -> None:
    """The service had been away: the clock goes on where it was, its windows from now."""
    call.silence = Silence(begun_ms=s.now, state=state, listened=True)
    s.emit(ListenTo(call.id, call.caller_leg))


def stop(s: State, call: Call) -> None:
    """The caller is gone, or is let go: nothing of theirs is waited for any more."""
    clock = call.silence
    if clock is None:
        return
    _disarm(s, call, clock)
    if clock.listened:
        clock.listened = clock.leaving = False
        if call.caller_leg in s.legs:
            s.emit(StopListening(call.id, call.caller_leg))


# What moves it ------------------------------------------------------------------------------------


def follow(s: State, call: Call, *, since_ms: int | None = None) -> None:
    """Something has become of the call: let the time for a word run from ``since_ms`` (now) if all
    is quiet, or wait until it is.  Asked after everything that is about the call."""
    clock = call.silence
    if clock is None:
        return
    caller = s.legs.get(call.caller_leg)
    company = conversation.company(s, call)
    if call.state is _TALKING and clock.listened:
        _detect(s, call, caller, company)
    attended = _is_attended(call, caller, company)
    if not attended or not _nothing_is_heard(call, caller, company):
        clock.open_ms = None
    elif clock.open_ms is None:
        clock.open_ms = s.now if since_ms is None else since_ms
    _arm(s, call, clock, caller, attended=attended)


def talk_changed(s: State, leg: Leg) -> None:
    """Something loud has begun or ended on a leg."""
    call = s.calls.get(leg.call)
    if call is not None:
        follow(s, call, since_ms=s.now if leg.speaks else s.now - TALK_TAIL_MS)


def heard(s: State, leg: Leg, event: CallerHeard) -> None:
    """What a leg gives is another; near speech that is no echo is a response."""
    before, leg.heard, leg.heard_ms = leg.heard, event.heard, s.now
    if event.heard is Heard.PACKETS:
        no_judge(s, leg)
    call = s.calls.get(leg.call)
    if call is None or before is event.heard:
        return
    s.emit(
        LegHeard(
            at_ms=s.now, call=call.id, arrived_ms=call.arrived_ms, leg=leg.id, heard=event.heard
        )
    )
    clock = call.silence
    if clock is None or leg.id != call.caller_leg:
        return
    if event.heard is Heard.NO_RTP:
        s.timers.set(("dead", call.id), s.now + DEAD_MS)
    else:
        s.timers.cancel(("dead", call.id))
    if before is Heard.SPEECH:
        clock.spoke_ms = s.now
    if _hears_a_word(s, call, clock):
        _spoke(s, call, clock)


def no_judge(s: State, leg: Leg) -> None:
    """Nothing judges the leg's sound, or not any more."""
    leg.heard = None


def _doubt(s: State, leg: Leg) -> None:
    """Nothing judges a leg any more of which the last word is too old to be true."""
    if leg.heard is Heard.SPEECH and s.now >= leg.heard_ms + BREATH_MS_MAX:
        no_judge(s, leg)


def said(s: State, call: Call, *, responds: bool) -> None:
    """An agent says whether somebody responds; they know best."""
    clock = call.silence
    if clock is None:
        return
    move = SilenceMove.SAID_TO_RESPOND if responds else SilenceMove.SAID_TO_BE_SILENT
    _move(s, call, clock, move)
    clock.spoke_ms = s.now
    _stay(s, call, clock)
    if responds and not is_held_open(call):
        _enough(s, call)


def due(s: State, key: CallId) -> None:
    """A window is over, or the silence after a response."""
    call = s.calls[key]
    clock = call.silence
    assert clock is not None
    clock.due_ms = None
    if not _is_quiet(s, call):
        return
    if _hears_a_word(s, call, clock):
        _spoke(s, call, clock)
    else:
        _lapsed(s, call, clock)


def dead(s: State, key: CallId) -> None:
    """No packet has come from an emergency's caller for so long: whoever is with them is told, once
    in a conversation, and the line is a supervisor's soon (``guard``).  That somebody had responded
    tells nothing of now: whoever's line ends like this is owed a callback."""
    call = s.calls[key]
    clock = call.silence
    if clock is None or clock.told_dead or call.kind is not _EMERGENCY:
        return
    if call.state is _TALKING and call.disposition is None:
        clock.told_dead = True
        call.responds = None
        s.touched[call] = None
        _tell_agents(s, call, DEAD)
        guard.hurry(s, call)


def overdue(s: State, key: CallId) -> None:
    """No response for ``SILENT_MS_MAX``: the call is flagged, whatever kept the windows shut."""
    call = s.calls[key]
    clock = call.silence
    assert clock is not None
    clock.overdue_ms = None
    _move(s, call, clock, SilenceMove.OVERDUE)
    _flag(s, call, clock)


# What comes of it ---------------------------------------------------------------------------------


def _lapsed(s: State, call: Call, clock: Silence) -> None:
    _move(s, call, clock, SilenceMove.LAPSED)
    match clock.state:
        case SilenceState.FIRST_WINDOW:
            clock.begun_ms = clock.open_ms = s.now
        case SilenceState.SECOND_WINDOW:
            # Nobody hears the other while it plays: the agent has to know why.
            _tell_agents(s, call, ASK)
            _prompt(s, call, ASK)
        case _:
            _flag(s, call, clock)


def _spoke(s: State, call: Call, clock: Silence) -> None:
    was = clock.state
    if not _move(s, call, clock, SilenceMove.SPOKE) or was is SilenceState.RESPONDED:
        return
    s.emit(
        CallerResponded(
            at_ms=s.now,
            call=call.id,
            arrived_ms=call.arrived_ms,
            agent=call.agent,
            after_ms=s.now - clock.begun_ms,
        )
    )
    if not is_held_open(call):
        _enough(s, call)


def _enough(s: State, call: Call) -> None:
    """On a line that may be let go a word is all that was to be known: there is no second clock."""
    stop(s, call)
    for leg in conversation.company(s, call):
        if leg.detected:
            leg.detected = False
            s.emit(StopDetecting(call.id, leg.id))


def _flag(s: State, call: Call, clock: Silence) -> None:
    """E33: presumed to be an emergency, from now until a person says otherwise."""
    assert call.queue is not None and call.kind is not None
    call.responds = None
    s.emit(
        NoResponseFlagged(
            at_ms=s.now,
            call=call.id,
            arrived_ms=call.arrived_ms,
            agent=call.agent,
            after_ms=s.now - clock.begun_ms,
            heard=s.legs[call.caller_leg].heard,
            queue=call.queue,
            kind=call.kind,
        )
    )
    if is_held_open(call):
        if _is_quiet(s, call):
            _prompt(s, call, STAY)
    else:
        clock.leaving = True
        _prompt(s, call, GOODBYE)
    _tell_agents(s, call, FLAG)
    case = cases.of(s, call)
    if case is not None and not case.no_response:
        cases.note_response(s, case, responds=False, call=call)


def _prompt(s: State, call: Call, prompts: tuple[str, ...]) -> None:
    """Ask the caller for a word; while it plays they and the agent do not hear each other."""
    s.emit(
        SilencePrompted(
            at_ms=s.now,
            call=call.id,
            arrived_ms=call.arrived_ms,
            agent=call.agent,
            prompts=prompts,
            heard=s.legs[call.caller_leg].heard,
        )
    )
    if call.state is CallState.TALKING:
        treatment.say_in_conversation(s, call, prompts)
    else:
        treatment.say(s, call, prompts)


def _tell_agents(s: State, call: Call, prompts: tuple[str, ...]) -> None:
    """Say something to every agent who is with the caller, each on their own leg."""
    for leg in conversation.company(s, call):
        if leg.agent is not None:
            speech.say(s, call, leg, prompts)


def _move(s: State, call: Call, clock: Silence, what: SilenceMove) -> bool:
    state = SILENCE.after(clock.state, what)
    if isinstance(state, Ignore):
        s.ignored(state, call.id)
        return False
    clock.state = state
    s.touched[call] = None
    return True


# What is heard, and when it counts ----------------------------------------------------------------


def _is_attended(call: Call, caller: Leg | None, company: list[Leg]) -> bool:
    """Tell whether somebody, or the system, is with a caller who could be expected to speak: not
    at the music of a hold, and not after an outcome."""
    if caller is None or caller.state is not _UP or caller.ended_by_us:
        return False
    if call.disposition is not None:
        return False
    if call.state is _TALKING:
        return not call.held and bool(company)
    return call.state in _ALONE and call.kind is _EMERGENCY and call.picked_up


def _is_quiet(s: State, call: Call) -> bool:
    """Tell whether the caller is attended, and hears nothing that could be heard again."""
    caller, company = s.legs.get(call.caller_leg), conversation.company(s, call)
    return _is_attended(call, caller, company) and _nothing_is_heard(call, caller, company)


def _nothing_is_heard(call: Call, caller: Leg | None, company: list[Leg]) -> bool:
    for leg in company:
        if leg.speaks:
            return False
    return call.playback is None and (caller is None or not speech.is_speaking(caller))


def _hears_a_word(s: State, call: Call, clock: Silence) -> bool:
    """Tell whether near speech comes that cannot be our own echo."""
    caller = s.legs.get(call.caller_leg)
    return (
        caller is not None
        and caller.heard is _SPEECH
        and clock.open_ms is not None
        and s.now >= clock.open_ms + ECHO_MS
    )


def _is_unjudged(call: Call, caller: Leg | None) -> bool:
    """Tell whether the clock has nothing to go by.  For an emergency it is enough by itself."""
    return call.kind is not _EMERGENCY and (caller is None or caller.heard is None)


def _detect(s: State, call: Call, caller: Leg | None, company: list[Leg]) -> None:
    """Have Asterisk tell when whoever is with the caller speaks, once there is anything that it
    could change: it costs a request, and a look at each of their frames."""
    for leg in company:
        if not leg.detected and not _is_unjudged(call, caller):
            leg.detected = True
            s.emit(DetectTalk(call.id, leg.id))


# Clocks -------------------------------------------------------------------------------------------


def _arm(s: State, call: Call, clock: Silence, caller: Leg | None, *, attended: bool) -> None:
    due_ms = _due_ms(s, call, clock, caller)
    if due_ms != clock.due_ms:
        clock.due_ms = due_ms
        s.timers.put(("silence", call.id), due_ms)
    waits = attended and clock.state in WINDOWS
    overdue_ms = _overdue_ms(s, call, clock) if waits else None
    if overdue_ms != clock.overdue_ms:
        clock.overdue_ms = overdue_ms
        s.timers.put(("silent", call.id), overdue_ms)
    if clock.leaving:
        _arm_goodbye(s, call, clock)


def _arm_goodbye(s: State, call: Call, clock: Silence) -> None:
    # Whoever is asked by the machine how content they are (C04) has their own way to the end.
    if clock.state is not SilenceState.NO_RESPONSE or call.state is not _TALKING:
        s.timers.cancel(("let_go", call.id))
    elif call.playback is None:
        s.timers.set(("let_go", call.id), s.now)
    elif ("let_go", call.id) not in s.timers:
        s.timers.set(("let_go", call.id), s.now + GOODBYE_MS_MAX)


def _disarm(s: State, call: Call, clock: Silence) -> None:
    if clock.due_ms is not None:
        clock.due_ms = None
        s.timers.cancel(("silence", call.id))
    if clock.overdue_ms is not None:
        clock.overdue_ms = None
        s.timers.cancel(("silent", call.id))
    s.timers.cancel(("dead", call.id))
    if clock.leaving:
        s.timers.cancel(("let_go", call.id))


def _stay(s: State, call: Call, clock: Silence) -> None:
    """Whoever was told goodbye is not let go."""
    if clock.leaving:
        clock.leaving = False
        s.timers.cancel(("let_go", call.id))


def _due_ms(s: State, call: Call, clock: Silence, caller: Leg | None) -> int | None:
    """Return when a window ends, or the silence that asks for a new one; sooner when something is
    being said that may be an echo yet."""
    if clock.open_ms is None or caller is None or not clock.listened:
        return None
    heard = caller.heard
    if clock.state in WINDOWS:
        if heard is _SPEECH:
            return max(clock.open_ms + ECHO_MS, s.now)
        if _is_unjudged(call, caller):
            return None
        return clock.open_ms + WINDOW_MS
    if clock.state is not _RESPONDED or call.state is not _TALKING:
        return None
    if heard is None or heard is _SPEECH:
        return None
    return max(clock.open_ms, clock.spoke_ms) + REARM_MS


def _overdue_ms(s: State, call: Call, clock: Silence) -> int | None:
    if call.kind is not _EMERGENCY or call.state is not _TALKING:
        return None
    return s.now + SILENT_MS_MAX if clock.overdue_ms is None else clock.overdue_ms
