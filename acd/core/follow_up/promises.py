"""Answers promised to callers: what a person owes, to whom, and by when (V06, V11).

The deadline is told to the caller in the words of ``within``, and the same deadline goes into the
fact: what was announced is what is owed.
"""

from acd.core import spoken
from acd.core.directory import EntryKind
from acd.core.entities import Call
from acd.core.facts import ReplyKind, ReplyOwed
from acd.core.follow_up import obligations
from acd.core.follow_up.owed import ObligationKind, OwedFor
from acd.core.state import State

HOURS = "caller-within-hours"
MINUTES = "caller-within-minutes"
WITHIN = "caller-reply-within"

PROMPTS = (WITHIN, HOURS, MINUTES)

HOUR_MS = 3_600_000
MINUTE_MS = 60_000


def owe(
    s: State,
    call: Call,
    kind: ReplyKind,
    *,
    number: str | None = None,
    about: str = "",
    recording: str | None = None,
    message_ms: int | None = None,
) -> None:
    """Write down what is owed to the caller, at ``number`` or the one they called from."""
    assert call.queue is not None
    s.emit(
        ReplyOwed(
            at_ms=s.now,
            call=call.id,
            arrived_ms=call.arrived_ms,
            kind=kind,
            queue=call.queue,
            number=number or call.caller,
            terminal=call.terminal,
            place_ms=call.arrived_ms,
            due_ms=s.now + within_ms(s, call),
            about=about,
            recording=recording,
            message_ms=message_ms,
            synthetic=call.kind is EntryKind.SYNTHETIC,
        )
    )
    if call.kind is not None and call.kind is not EntryKind.SYNTHETIC:
        _oblige(s, call, kind, number or call.caller, about, recording)


def _oblige(
    s: State,
    call: Call,
    kind: ReplyKind,
    number: str | None,
    about: str,
    recording: str | None,
) -> None:
    assert call.kind is not None
    dialled = number if number is not None and number.isdigit() else None
    calls_back = kind is not ReplyKind.TASK and dialled is not None
    obligations.owe(
        s,
        ObligationKind.CALLBACK if calls_back else ObligationKind.TASK,
        OwedFor.VOICEMAIL if kind is ReplyKind.MESSAGE else OwedFor.REQUESTED,
        queue=call.queue,
        entry=call.called,
        entry_kind=call.kind,
        number=dialled,
        terminal=call.terminal,
        elders=call.elders,
        call=call.id,
        since_ms=call.arrived_ms,
        deadline_ms=s.now + within_ms(s, call),
        # One owed to the caller's own number counts the call at its end.
        unanswered=int(calls_back and dialled != call.caller),
        about=about,
        message=recording,
    )


def within_ms(s: State, call: Call) -> int:
    """Return in how long an answer to this caller is promised."""
    assert call.queue is not None
    return s.lines[call.queue].queue.treatment.reply_within_ms


def within(s: State, call: Call) -> tuple[str, ...]:
    """Return the prompts that tell it.  The directory lets only whole minutes and hours in that
    can be counted aloud, so that what is told is exactly what is owed."""
    duration_ms = within_ms(s, call)
    if duration_ms % HOUR_MS == 0:
        return (WITHIN, *spoken.count(duration_ms // HOUR_MS), HOURS)
    return (WITHIN, *spoken.count(duration_ms // MINUTE_MS), MINUTES)
