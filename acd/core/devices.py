"""What a terminal says of itself: codes by DTMF in a call, and that it has not called for long.

A terminal may send a few digits with the help signal: its battery is low, it is faulty, it is only
tested (T27, W48).  What they mean is the model's in the directory.  A code is written down, shown,
and owed to somebody where the model says so; it never changes how the call is served.  Whoever
presses the key of a terminal that says "test" may need help all the same, so that a test is the
agent's outcome (*2007) and not the device's.

A terminal that has not called for a month may not be able to (W48): whoever looks that up in the
record tells us, and a test of it is owed until it calls or a person says that it is done.

Of a test an agent says who made it: whoever lives there, somebody on a visit, or whoever maintains
it.  Where that one has swapped the device, the call comes from a number that the directory does not
know; by the agent's word it is that terminal's from then on, so that the next press is its elder's,
and somebody owes it to the directory's file.
"""

from acd.core.asks import refuse_for
from acd.core.call_control import marks
from acd.core.directory import DeviceCode, EntryKind
from acd.core.emergency import afterword, cases
from acd.core.entities import Call, Leg
from acd.core.events import Device, TerminalSilent, TerminalTestNoted
from acd.core.facts import DeviceReported, TerminalTested
from acd.core.follow_up import obligations
from acd.core.follow_up.owed import Closing, ObligationKind, OwedFor
from acd.core.ids import ElderId, LegId, QueueId, TerminalId
from acd.core.replies import Done, Refusal, Reply
from acd.core.state import State

GAP_MS = 3_000
"""Digits further apart are not of one code: a device sends ten a second."""

TEST_WITHIN_MS = 3 * 86_400_000
"""A terminal of which nobody knows whether it works is tested within this."""


def number_of(s: State, key: LegId) -> str | None:
    """Return the number of whoever is at the other end of a call, whose digits may be a terminal's;
    None for a leg of anybody else, and while the machine waits for a key of theirs."""
    leg = s.legs.get(key)
    call = None if leg is None else s.calls.get(leg.call)
    if call is None or call.caller_leg != key or call.is_asking:
        return None
    return None if call.placed is not None and call.placed.agrees is not None else call.caller


def pressed(s: State, call: Call, leg: Leg, digit: str, device: Device | None) -> bool:
    """Take one digit of a caller; False when no code of the terminal goes on with it."""
    if device is None or not device.codes or number_of(s, leg.id) is None:
        return False
    begun = "" if s.now - call.device_digit_ms > GAP_MS else call.device_digits
    call.device_digits = _rest(device.codes, begun + digit)
    call.device_digit_ms = s.now
    code = next((one for one in device.codes if one.digits == call.device_digits), None)
    if code is None:
        return bool(call.device_digits)
    call.device_digits = ""
    if code.digits in call.device_reports:
        s.ignored("a device code that has been told", call.id)
        return True
    call.device_reports[code.digits] = code.meaning
    s.emit(
        DeviceReported(
            at_ms=s.now, call=call.id, arrived_ms=call.arrived_ms, leg=leg.id,
            terminal=device.terminal, agent=call.agent, digits=code.digits, meaning=code.meaning,
        )
    )  # fmt: skip
    if code.task:
        _owe(
            s, OwedFor.DEVICE, code.task, code.within_ms, queue=call.queue, number=call.caller,
            terminal=device.terminal, elders=device.elders, call=call,
        )  # fmt: skip
    return True


def _rest(codes: tuple[DeviceCode, ...], digits: str) -> str:
    """Return the longest end of ``digits`` with which a code begins: what came before was somebody
    at the keys."""
    while digits and not any(one.digits.startswith(digits) for one in codes):
        digits = digits[1:]
    return digits


def called(s: State, call: Call) -> None:
    """A terminal has called: so it can, and need not be tested."""
    if call.terminal is None or call.synthetic:
        return
    owed = obligations.find_device(s, call.terminal, OwedFor.TERMINAL_TEST, "")
    if owed is not None:
        obligations.fulfil(s, owed, Closing.CALLED_AGAIN)


def silent(s: State, event: TerminalSilent) -> None:
    """The record has no call of this terminal for too long."""
    if event.number is not None and event.number in s.calls_from:
        s.ignored("a silent terminal that calls just now", event.terminal)
        return
    _owe(
        s, OwedFor.TERMINAL_TEST, "", TEST_WITHIN_MS, queue=cases.line_of(s), number=event.number,
        terminal=event.terminal, elders=event.elders, since_ms=event.last_ms,
    )  # fmt: skip


def tested(s: State, event: TerminalTestNoted) -> None:
    """An agent says that somebody tested a terminal with a call."""
    s.emit(_test(s, event))


def _test(s: State, event: TerminalTestNoted) -> Reply:
    by = s.agents.get(event.by)
    if by is None:
        sentence = f"There is no agent {event.by}."
        return refuse_for(s, event.request, None, Refusal.UNKNOWN_AGENT, sentence)
    if event.answered_ms is None:
        sentence = f"Call {event.call} was not answered: nobody has heard a test in it."
        return refuse_for(s, event.request, by.id, Refusal.NOT_SERVED, sentence)
    terminal = event.terminal or event.known
    if terminal is None or (event.known is None and event.number is None):
        sentence = f"Call {event.call} shows no number of a terminal: say which one was tested."
        if terminal is not None:
            sentence = f"Call {event.call} shows no number that could be {terminal}'s."
        return refuse_for(s, event.request, by.id, Refusal.NO_TERMINAL, sentence)
    if event.known not in (None, terminal):
        sentence = f"By the directory call {event.call} came from terminal {event.known}."
        return refuse_for(s, event.request, by.id, Refusal.ANOTHER_TERMINAL, sentence)
    call = s.calls.get(event.call)
    if call is not None:
        marks.dispose(s, call, by.id, marks.TEST)
    else:
        afterword.nothing_is_owed(s, event.call)
    new_number = None if event.known is not None else event.number
    s.emit(
        TerminalTested(
            at_ms=s.now, call=event.call, arrived_ms=event.arrived_ms, terminal=terminal,
            agent=by.id, kind=event.kind, staff=event.staff, new_number=new_number,
        )
    )  # fmt: skip
    owed = obligations.find_device(s, terminal, OwedFor.TERMINAL_TEST, "")
    if owed is not None:
        obligations.fulfil(s, owed, Closing.DONE)
    if new_number is not None:
        _owe(
            s, OwedFor.DEVICE, f"new number {new_number}", TEST_WITHIN_MS, queue=cases.line_of(s),
            number=new_number, terminal=terminal, elders=event.elders,
        )  # fmt: skip
    return Done(event.request, by.state)


def _owe(
    s: State,
    why: OwedFor,
    about: str,
    within_ms: int,
    *,
    queue: QueueId | None,
    number: str | None,
    terminal: TerminalId | None,
    elders: tuple[ElderId, ...],
    call: Call | None = None,
    since_ms: int | None = None,
) -> None:
    """Owe it once: a terminal that tells of its battery in every call has one battery."""
    if terminal is not None and obligations.find_device(s, terminal, why, about) is not None:
        s.ignored("a terminal's matter that is owed already", terminal)
        return
    arrived_ms = s.now if call is None else call.arrived_ms
    obligations.owe(
        s,
        ObligationKind.TASK,
        why,
        queue=queue,
        entry=None if call is None else call.called,
        # No emergency: people have days, and are reminded at the queue's pace.
        entry_kind=EntryKind.ENQUIRY,
        number=number,
        terminal=terminal,
        elders=elders,
        call=None if call is None else call.id,
        since_ms=arrived_ms if since_ms is None else since_ms,
        deadline_ms=s.now + within_ms,
        about=about,
    )
