"""Whether calls can be served now, and whether the loop and the core are well."""

import asyncio
import time
from collections.abc import Callable, Iterable

from acd.adapters.asterisk.heard import LinkChanged
from acd.core import invariants
from acd.core.ids import Node
from acd.core.switch import Core
from acd.runtime.logs import logger
from acd.runtime.metrics.counted import Metrics

log = logger(__name__)

LOOP_WATCH_S = 0.1
INVARIANTS_S = 10.0
INVARIANTS_BUSY_MAX = 0.002
"""Largest share of the loop's time that checking may take: 10 s become more when there is much
to look at."""
SENTENCES_MAX = 5
LINKS = ("ari", "ami")


class Health:
    """What has to be there before we say that we are ready."""

    def __init__(self, nodes: Iterable[Node]) -> None:
        self._links: dict[tuple[Node, str], bool] = {}
        self._reasons: dict[tuple[Node, str], str] = {}
        self.directory_read = False
        self.accounts_written = False
        self.switch_up = asyncio.Event()
        """Set while a node takes commands."""
        self.know(nodes)

    def know(self, nodes: Iterable[Node]) -> None:
        """These are the nodes there are.  That the links of another are down may be told later, and
        says nothing any more."""
        before = self._links
        self._links = {
            (node, link): before.get((node, link), False) for node in nodes for link in LINKS
        }
        self._look()

    def link_changed(self, event: LinkChanged) -> None:
        """Take note of a link that came up or went away."""
        key = (event.node, event.link)
        if key in self._links:
            self._links[key] = event.up
            self._reasons[key] = event.reason
            self._look()
        if event.up:
            log.info("A link to Asterisk is up.", node=event.node, link=event.link)
        else:
            log.warning(
                "A link to Asterisk is down.", node=event.node, link=event.link, why=event.reason
            )

    def _look(self) -> None:
        if any(up for (_, link), up in self._links.items() if link == "ari"):
            self.switch_up.set()
        else:
            self.switch_up.clear()

    def links(self) -> dict[tuple[Node, str], bool]:
        """Return which links are up, by (node, link)."""
        return self._links

    def not_ready(self) -> list[str]:
        """Return why calls cannot be served now, a sentence each; empty when they can: one node
        with both its links is enough."""
        reasons = []
        if not self.directory_read:
            reasons.append("The directory has not been read yet.")
        served = self.is_served()
        for (node, link), up in self._links.items():
            if not up and not served:
                why = self._reasons.get((node, link), "Not connected yet.")
                reasons.append(f"{link.upper()} of node {node} is down: {why}")
        if not self.accounts_written:
            reasons.append("The phones' SIP accounts have not been written to Asterisk yet.")
        return reasons

    def is_served(self) -> bool:
        """Whether a node has both its links, so that what does not work is not for want of one."""
        return any(self._is_whole(node) for node, _ in self._links)

    def _is_whole(self, node: Node) -> bool:
        return all(self._links.get((node, link), False) for link in LINKS)


class LoopWatch:
    """Measures how late the loop comes to what it had promised to do."""

    def __init__(self, observe: Callable[[float], None]) -> None:
        self._observe = observe
        self._timer: asyncio.TimerHandle | None = None
        self._due = 0.0

    def start(self) -> None:
        self._again()

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _again(self) -> None:
        self._due = time.monotonic() + LOOP_WATCH_S
        self._timer = asyncio.get_running_loop().call_later(LOOP_WATCH_S, self._fired)

    def _fired(self) -> None:
        # Timers have a grain of a millisecond and may fire within it: that is not a lag.
        self._observe(max(time.monotonic() - self._due, 0.0))
        self._again()


async def watch_invariants(core: Core, metrics: Metrics) -> None:
    """Check everything from time to time, for ever; what is broken is logged and counted."""
    pause_s = INVARIANTS_S
    while True:
        await asyncio.sleep(pause_s)
        began = time.monotonic()
        found = invariants.check_all(core.state)
        pause_s = max(INVARIANTS_S, (time.monotonic() - began) / INVARIANTS_BUSY_MAX)
        for _ in found:
            metrics.invariant_violated()
        for sentence in found[:SENTENCES_MAX]:
            log.error("An invariant is broken.", invariant=sentence, broken=len(found))
