"""Terminals between the records and the core: what is known of one, and tests of it (W48)."""

from acd.adapters.http.outbound import ObligationView
from acd.adapters.http.terminals import (
    NotedNumberView,
    TerminalTestView,
    TerminalView,
    TestBody,
)
from acd.adapters.postgres.history import CallRecord
from acd.adapters.postgres.moments import epoch_ms
from acd.adapters.postgres.terminals import Terminal
from acd.core.events import TerminalTestNoted
from acd.core.follow_up.owed import OF_TERMINALS, Obligation
from acd.core.ids import AgentId, CallId, ElderId, RequestId, TerminalId
from acd.core.state import State


def terminal_view(terminal: Terminal, owed: list[ObligationView]) -> TerminalView:
    """Return a terminal as a desk sees it."""
    return TerminalView(
        id=terminal.id,
        device=terminal.device,
        model=terminal.model,
        state=terminal.state,
        installed=terminal.installed,
        numbers=list(terminal.numbers),
        noted=[
            NotedNumberView(
                number=one.number, agent=one.agent, staff=one.staff, at=one.at, call=one.call
            )
            for one in terminal.noted
        ],
        elders=list(terminal.elders),
        last_call=terminal.last_call,
        last_test=terminal.tests[0].at if terminal.tests else None,
        tests=[
            TerminalTestView(
                at=one.at,
                call=one.call,
                kind=one.kind,
                staff=one.staff,
                agent=one.agent,
                number=one.number,
            )
            for one in terminal.tests
        ],
        owed=owed,
    )


def owed_to(s: State, terminal: str) -> list[Obligation]:
    """Return what is owed to a terminal itself: a battery, a test, its new number."""
    return [
        one for one in s.obligations.values()
        if one.terminal == terminal and one.why in OF_TERMINALS
    ]  # fmt: skip


def told_of_test(
    request: RequestId, record: CallRecord, terminal: Terminal | None, body: TestBody
) -> TerminalTestNoted:
    """Return what the core is told of a test; ``terminal`` is the one that the body names."""
    is_theirs = record.direction == "inbound"
    return TerminalTestNoted(
        request=request,
        call=CallId(record.call_id),
        arrived_ms=epoch_ms(record.arrived_at),
        answered_ms=None if record.answered_at is None else epoch_ms(record.answered_at),
        # A call of ours to it shows nothing of its key.
        number=record.caller if is_theirs else None,
        known=TerminalId(record.terminal) if is_theirs and record.terminal is not None else None,
        terminal=None if terminal is None else TerminalId(terminal.id),
        elders=() if terminal is None else tuple(map(ElderId, terminal.elders)),
        by=AgentId(body.agent),
        kind=body.kind,
        staff=body.staff,
    )
