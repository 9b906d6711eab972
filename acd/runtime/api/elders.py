"""The elder's record, from the directory's form into the control API's."""

from collections.abc import Collection

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


def left_out(elder: Elder, grades: Collection[int]) -> str | None:
    """Say which contacts of an elder were not gone through, or which of these there are not; None
    when it was each of them."""
    known = {one.grade for one in elder.contacts}
    missing, unknown = sorted(known - set(grades)), sorted(set(grades) - known)
    if missing:
        return f"Not gone through: contact {', '.join(map(str, missing))}."
    if unknown:
        return f"There is no contact {', '.join(map(str, unknown))} on the record."
    return None
