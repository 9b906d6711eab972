"""Which lines of the operators are in use, and how many there are: a warning before they are full
(H10, T30).

Read at each scrape and counted nowhere: a step pays nothing for it.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from acd.adapters.postgres.directory import Trunk
from acd.core.facts import LegRole
from acd.core.ids import TrunkId
from acd.core.state import State
from acd.core.switch import Core
from acd.runtime.metrics.exposition import Exposition
from acd.runtime.metrics.series import VALUES_MAX


def add_line_gauges(
    metrics: Exposition, core: Core, trunks: Callable[[], Mapping[TrunkId, Trunk]]
) -> None:
    """Show each trunk of the directory; ``trunks`` is its last reading."""

    def shown() -> list[Trunk]:
        return list(trunks().values())[:VALUES_MAX]

    def used() -> Iterator[tuple[tuple[str], float]]:
        found = in_use(core.state)
        return (((trunk.id,), found[trunk.id]) for trunk in shown())

    metrics.gauges(
        "huling_trunk_lines_in_use",
        "Calls of callers and of outside numbers that a trunk carries now.",
        ("trunk",),
        used,
    )
    metrics.gauges(
        "huling_trunk_lines",
        "How many a trunk can carry, by the directory.",
        ("trunk",),
        lambda: (((trunk.id,), trunk.lines) for trunk in shown() if trunk.lines is not None),
    )


def in_use(state: State) -> Counter[TrunkId]:
    """Return how many lines of each trunk are taken: a caller's until their leg is gone, an outside
    number's from the INVITE on."""
    found: Counter[TrunkId] = Counter()
    for leg in state.legs.values():
        if leg.dial is not None:
            dial = state.dials.get(leg.dial)
            trunk = None if dial is None else dial.trunk
        elif leg.role is LegRole.CALLER:
            call = state.calls.get(leg.call)
            trunk = None if call is None else call.trunk
        else:
            continue
        if trunk is not None:
            found[trunk] += 1
    return found
