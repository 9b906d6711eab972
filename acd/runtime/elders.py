"""The elder's record, from the directory's form into the control API's."""

import msgspec

from acd.adapters.http.elders import ElderView
from acd.adapters.postgres.elders import Elder

IN_USE = "in_use"


def elder_view(elder: Elder) -> ElderView:
    """Return an elder as a desk sees them.  Who is not in use gets emergency service and nothing
    else: that is told to the agent, who has the caller already, and asked before no answer (E30,
    C25)."""
    return ElderView(emergency_only=elder.status != IN_USE, **msgspec.to_builtins(elder))
