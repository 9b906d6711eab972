"""Marks: what an agent says of a call while it goes on: how it went, and whether anybody responds.

An emergency call that has an outcome may be ended by its agent (C07); whether the caller responds
is for the procedures of silence (E33).
"""

from acd.core.asks import Ask, done, refuse
from acd.core.emergency import cases, silence
from acd.core.entities import Call
from acd.core.facts import CallDisposed, ResponseNoted
from acd.core.ids import AgentId
from acd.core.replies import Refusal, Reply
from acd.core.state import State

DISPOSITIONS = {
    "01": "settled",
    "02": "safe",
    "03": "help sent",
    "04": "passed on",
    "05": "call back promised",
    "06": "accidental",
    "07": "test",
    "08": "wrong number",
    "09": "nuisance",
    "10": "no response",
}
"""How a call went, by the two digits behind *20 (E44)."""

TEST = "07"
"""A terminal was tested (W48)."""


NUISANCE = DISPOSITIONS["09"]

CARED_FOR = "The terminal is one of ours: whoever calls from it is never sent away as a nuisance."
"""After two warnings others are (D17, C05)."""


def outcome(s: State, ask: Ask) -> Reply:
    """Note how the call went (*20 and two digits)."""
    if ask.digits not in DISPOSITIONS:
        return refuse(s, ask, Refusal.UNKNOWN_OUTCOME, unknown(ask.digits))
    if DISPOSITIONS[ask.digits] == NUISANCE and ask.call.terminal is not None:
        return refuse(s, ask, Refusal.KNOWN_TERMINAL, CARED_FOR)
    assert ask.leg.agent is not None
    dispose(s, ask.call, ask.leg.agent, ask.digits)
    return done(ask)


def dispose(s: State, call: Call, agent: AgentId, code: str) -> None:
    """Write down how a call that goes on went; ``code`` is one of ``DISPOSITIONS``."""
    disposition = DISPOSITIONS[code]
    call.disposition = disposition
    s.touched[call] = None
    case = cases.of(s, call)
    if case is not None:
        cases.change(s, case, f"outcome {disposition}", by=agent, call=call, outcome=disposition)
    s.emit(
        CallDisposed(
            at_ms=s.now,
            call=call.id,
            arrived_ms=call.arrived_ms,
            agent=agent,
            code=code,
            disposition=disposition,
        )
    )


def unknown(digits: str) -> str:
    """Say that there is no such outcome, and which there are."""
    known = ", ".join(f"{code} {name}" for code, name in DISPOSITIONS.items())
    return f"There is no outcome {digits or 'without digits'}; there are {known}."


def no_response(s: State, ask: Ask) -> Reply:
    """Nobody speaks at the other end (*30)."""
    return _note(s, ask, responds=False)


def responded(s: State, ask: Ask) -> Reply:
    """Somebody has responded (*31)."""
    return _note(s, ask, responds=True)


def _note(s: State, ask: Ask, *, responds: bool) -> Reply:
    assert ask.leg.agent is not None
    ask.call.responds = responds
    s.touched[ask.call] = None
    case = cases.of(s, ask.call)
    if case is not None and case.no_response is responds:
        cases.note_response(s, case, responds=responds, by=ask.leg.agent, call=ask.call)
    s.emit(
        ResponseNoted(
            at_ms=s.now,
            call=ask.call.id,
            arrived_ms=ask.call.arrived_ms,
            agent=ask.leg.agent,
            responds=responds,
        )
    )
    silence.said(s, ask.call, responds=responds)
    return done(ask)
