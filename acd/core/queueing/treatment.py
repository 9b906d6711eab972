"""What a waiting caller hears: the opening at the pick-up, then music with announcements in it.

Nothing here costs anybody time.  The opening begins with the system's own pick-up and everything
stops when an agent has answered (C14); an agent's number is played under the first words, into
the room, where it delays nobody (V09).  A call is *ahead* of another in its queue by the order in
which both are served; what is told of the place and of the wait never grows without a word of why.
As long as something is still to be said to a waiting caller, a timer is set for it: a playback
whose end was never reported does not silence the rest.
"""

from bisect import bisect_left, insort

from acd.core import spoken
from acd.core.call_control import rooms
from acd.core.commands import Play, StopPlay
from acd.core.directory import EntryKind
from acd.core.emergency import witness
from acd.core.entities import Call
from acd.core.ids import AgentId, CallId, PlaybackId
from acd.core.queueing import lines
from acd.core.scripts import Treatment
from acd.core.state import Line, State
from acd.core.tables import AgentState, CallState

PLAYING_MS_MAX = 30_000
"""Longest announcement; one whose end has not been reported by then counts as over."""

PACE_WEIGHT = 8
"""Each conversation counts an eighth in the mean: a dozen make an old habit forgotten."""

MINUTES_MAX = 30
"""Longer waits are told as "more than": an exact number would be made up."""

AT_WORK = (AgentState.READY, AgentState.OFFERED, AgentState.TALKING, AgentState.WRAP_UP)

NEXT = "caller-next-in-line"
AHEAD = "caller-ahead-prefix"
PERSONS = "caller-ahead-suffix"
MANY_AHEAD = "caller-many-ahead"
OVERTAKEN = "caller-place-moved"
WAIT = "caller-wait-prefix"
MINUTES = "caller-wait-suffix"
SOON = "caller-wait-soon"
LONG = "caller-wait-long"
CALLBACK_OFFER = "caller-callback-offer"
LATER_THAN_SAID = "caller-wait-longer"

PROMPTS = (
    NEXT,
    AHEAD,
    PERSONS,
    MANY_AHEAD,
    OVERTAKEN,
    WAIT,
    MINUTES,
    SOON,
    LONG,
    LATER_THAN_SAID,
    CALLBACK_OFFER,
)
"""Every prompt this module can ask for besides those of a queue's policy."""


# The line ---------------------------------------------------------------------------------------


def enter(s: State, call: Call) -> None:
    """The caller waits (again): they have a place, and announcements go on."""
    assert call.queue is not None
    if not call.has_place:
        call.has_place = True
        line = s.lines[call.queue]
        insort(line.order, _key(line, call))
    if call.picked_up:
        _next_due(s, call)


def leave(s: State, call: Call) -> None:
    """The caller waits no more, or not here."""
    s.timers.cancel(("treatment", call.id))
    if not call.has_place:
        return
    call.has_place = False
    if call.queue is None or call.queue not in s.lines:
        return
    line = s.lines[call.queue]
    key = _key(line, call)
    at = bisect_left(line.order, key)
    # Moving what lies behind is one copy of 8 bytes for each who waits: 2 µs among 5,000.
    if line.order[at : at + 1] == [key]:
        del line.order[at]


def ahead(s: State, call: Call) -> int:
    """Return how many of the queue's waiting callers are before this one."""
    assert call.queue is not None
    line = s.lines[call.queue]
    return bisect_left(line.order, _key(line, call))


def reorder(s: State, line: Line) -> None:
    """The queue's promise, or what precedence is worth there, is another."""
    line.order = sorted(_key(line, s.calls[key]) for _, _, key in line.order)


def _key(line: Line, call: Call) -> tuple[int, int, CallId]:
    return lines.due_ms(line.queue, call), call.number, call.id


# The wait to be expected ------------------------------------------------------------------------


def handled(line: Line, duration_ms: int) -> None:
    """An agent was busy for so long with one call, wrap-up included."""
    if line.pace_ms is None:
        line.pace_ms = duration_ms
    else:
        line.pace_ms += (duration_ms - line.pace_ms) // PACE_WEIGHT


def expected_ms(s: State, call: Call) -> int | None:
    """Return how long the caller will wait from now on, or None when nothing is known.

    With so many agents at work one comes free each ``pace / agents``; the caller needs as many of
    those as there are callers ahead, and one more.  A plain mean, on purpose: what is told is in
    whole minutes, and a finer model would promise what it cannot keep.
    """
    assert call.queue is not None
    line = s.lines[call.queue]
    at_work = sum(line.pools[0].members[state] for state in AT_WORK)
    if line.pace_ms is None or at_work == 0:
        return None
    return (ahead(s, call) + 1) * line.pace_ms // at_work


def _place_told(s: State, call: Call) -> tuple[str, ...]:
    """Return the prompts that tell how many are ahead, and why when it is more than last time."""
    number = ahead(s, call)
    moved = call.told_ahead is not None and number > call.told_ahead
    call.told_ahead = number
    why = (OVERTAKEN,) if moved else ()
    if number == 0:
        return (*why, NEXT)
    if number > spoken.COUNTED_MAX:
        return (*why, MANY_AHEAD)
    return (*why, AHEAD, *spoken.count(number), PERSONS)


def _wait_told(s: State, call: Call) -> tuple[str, ...]:
    """Return the prompts that tell the wait in minutes, rounded up; none when it is not known."""
    wait_ms = expected_ms(s, call)
    if wait_ms is None:
        return ()
    minutes = min(-(-wait_ms // 60_000), MINUTES_MAX + 1) if wait_ms > 60_000 else 0
    longer = call.told_minutes is not None and minutes > call.told_minutes
    call.told_minutes = minutes
    why = (LATER_THAN_SAID,) if longer else ()
    if minutes == 0:
        return (*why, SOON)
    if minutes > MINUTES_MAX:
        return (*why, LONG)
    return (*why, WAIT, *spoken.count(minutes), MINUTES)


def _callback_told(s: State, call: Call) -> tuple[str, ...]:
    """Offer to call back, when the wait is long; from then on the key asks for it."""
    assert call.queue is not None
    from_ms = s.lines[call.queue].queue.treatment.callback_from_ms
    if from_ms is None or not call.has_keys or call.kind is EntryKind.EMERGENCY:
        return ()
    wait_ms = expected_ms(s, call)
    if (s.now - call.arrived_ms if wait_ms is None else wait_ms) < from_ms:
        return ()
    call.callback_offered = True
    return (CALLBACK_OFFER,)


# What is heard ----------------------------------------------------------------------------------


def open_(s: State, call: Call) -> None:
    """The line has been picked up: greeting, acknowledgement and notice, in one breath."""
    assert call.queue is not None
    queue = s.lines[call.queue].queue
    policy = queue.treatment
    greeting = call.greeting if policy.greets else ()
    call.greeting = ()
    notice = policy.recording_notice if call.recorded else None
    say(s, call, (*greeting, queue.acknowledgement, *((notice,) if notice else ())))
    _next_due(s, call)


def due(s: State, key: CallId) -> None:
    """It is time for the next announcement."""
    call = s.calls[key]
    assert call.queue is not None
    policy = s.lines[call.queue].queue.treatment
    words = (
        *((*_place_told(s, call), *_wait_told(s, call)) if policy.tells_position else ()),
        *((policy.comfort,) if policy.comfort else ()),
        *_callback_told(s, call),
    )
    if words:
        say(s, call, words)
    _next_due(s, call)


def over(s: State, call: Call, playback: PlaybackId) -> None:
    """An announcement has been heard, or could not be played: music until the next."""
    if call.playback == playback:
        call.playback = None
        if (caller := s.legs.get(call.caller_leg)) is not None:
            rooms.heard(s, call, caller)
        if ("treatment", call.id) in s.timers:
            _next_due(s, call)


def play_failed(s: State, call: Call) -> None:
    """An announcement was refused.  The music goes on, and so does the next one in its time."""
    s.ignored("Play failed", call.id)
    if call.playback is not None:
        s.playbacks.pop(call.playback, None)
        over(s, call, call.playback)


def resume(s: State, call: Call) -> None:
    """Whatever else was said to the caller is over: announcements go on."""
    _next_due(s, call)


def policy_changed(s: State, line: Line) -> None:
    """The queue's treatment is another: whoever waits hears the new one from the next on."""
    for _, _, key in line.order:
        if s.calls[key].picked_up:
            _next_due(s, s.calls[key])


def announce_agent(s: State, call: Call, agent: AgentId) -> None:
    """Say who is there, as soon as they are: before the join it would keep both waiting (C13).
    Emergencies begin at once, and the agent says the number (V09)."""
    assert call.queue is not None and call.room is not None
    number = spoken.digits(agent)
    tells = s.lines[call.queue].queue.treatment.tells_agent
    if tells and number and call.kind is not EntryKind.EMERGENCY:
        say_in_conversation(s, call, (*number, spoken.AGENT_SUFFIX))


def say_in_conversation(s: State, call: Call, words: tuple[str, ...]) -> None:
    """Play to the caller in a conversation.

    Never into the room itself: Asterisk makes a pair of channels for that, and holds one's lock
    while it waits for the list of all channels; a request that names any channel, or makes one with
    an id of ours, at the same moment then locks up the whole Asterisk for good (seen on 22.10.1).
    """
    hush(s, call)
    call.playback = s.new_playback_id(call.node, call.id)
    s.emit(Play(call.id, call.caller_leg, call.playback, words))


def say(s: State, call: Call, words: tuple[str, ...]) -> None:
    """Play to the caller alone, instead of whatever plays there."""
    say_in_conversation(s, call, words)
    witness.prompted(s, call, s.legs[call.caller_leg], words)


def hush(s: State, call: Call) -> None:
    """Stop what plays to the caller.  A playback holds its channel until it ends: a join would
    wait for it."""
    if call.playback is not None:
        s.emit(StopPlay(call.id, call.playback))
        s.playbacks.pop(call.playback, None)
        call.playback = None


def _next_due(s: State, call: Call) -> None:
    assert call.queue is not None
    policy = s.lines[call.queue].queue.treatment
    if (
        call.dialogue is not None
        or not _announces(policy)
        or call.state not in (CallState.WAITING, CallState.OFFERING)
    ):
        s.timers.cancel(("treatment", call.id))
        return
    playing_ms = 0 if call.playback is None else PLAYING_MS_MAX
    s.timers.set(("treatment", call.id), s.now + playing_ms + policy.comfort_every_ms)


def _announces(policy: Treatment) -> bool:
    says = policy.comfort is not None or policy.tells_position
    return policy.comfort_every_ms > 0 and (says or policy.callback_from_ms is not None)
