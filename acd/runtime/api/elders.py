"""The elder's record, from the directory's form into the control API's."""

import msgspec

from acd.adapters.http.elders import ElderView
from acd.adapters.postgres.elders import Elder
from acd.core.follow_up.owed import OwedFor
from acd.core.ids import ObligationId
from acd.core.state import State

IN_USE = "in_use"


def elder_view(elder: Elder) -> ElderView:
    """Return an elder as a desk sees them.  Who is not in use gets emergency service and nothing
    else: that is told to the agent, who has the caller already, and asked before no answer (E30,
    C25)."""
    return ElderView(emergency_only=elder.status != IN_USE, **msgspec.to_builtins(elder))


def file_owed(s: State, case: str | None, elder: str) -> ObligationId | None:
    """Return what is owed for an elder's file in a case, None where nothing is (E17)."""
    return next(
        (
            owed.id
            for owed in s.obligations.values()
            if owed.case == case and owed.why is OwedFor.FILE and elder in owed.elders
        ),
        None,
    )
