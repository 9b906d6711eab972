"""One agent on duty: nobody comes to be B, and the switch does what a B would (C17).

It keeps the line and tells the caller at short intervals what is being done (``conversation``),
and calls all contacts, twice round: whoever presses 1 waits until A fetches them or brings them to
the caller.  A stays in command, hears of each, and sees it all.  When nobody was reached either, to
send 110 falls to people.  Whoever could be B is still looked for, up to the duty phones.
"""

from acd.core.emergency import cases, chasers, parties, roles
from acd.core.emergency.case import Case, CaseRole
from acd.core.entities import Call
from acd.core.ids import CallId
from acd.core.state import State
from acd.core.tables import CallState

ROUNDS_MAX = 2


def nobody(s: State, key: CallId) -> None:
    """Nobody has come for a role in time."""
    call = s.calls.get(key)
    case = None if call is None else cases.of(s, call)
    if call is None or case is None or call.scene is None or not call.scene.wanted:
        return
    case = roles.ask_again(s, call, case)
    lacks_b = CaseRole.B in call.scene.wanted and call.state is CallState.TALKING
    if lacks_b and not case.is_settled:
        _stand_in(s, call, case)


def _stand_in(s: State, call: Call, case: Case) -> None:
    if case.alone_ms is None:
        case = cases.change(s, case, "one agent on duty", call=call, alone_ms=s.now)
    assert call.scene is not None
    if case.reached or parties.is_calling_contacts(call):
        return
    if call.scene.rounds < ROUNDS_MAX and parties.call_contacts(s, call, case):
        call.scene.rounds += 1
    else:
        chasers.to_send_police(s, case)
