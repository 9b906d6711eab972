"""Nodes: where new work begins, and what goes with a node that is gone.

A caller's rooms and legs are all on the node where the caller is, so a node that dies takes whole
calls with it and touches no other.  Who waits for a call of ours (a callback, an open line, a test
ring) does so on the first node that is not being drained.
"""

from acd.core import departures
from acd.core.entities import LegEnd
from acd.core.events import Hangup, NodeDrained, NodeLost
from acd.core.resync import healing, recovery
from acd.core.state import State


def lost(s: State, event: NodeLost) -> None:
    """Its Asterisk is no more: every leg there has ended, and whoever was on it is owed a call."""
    s.nodes.pop(event.node, None)
    s.started_ms = s.now  # what was there an instant ago was cut
    for leg in healing.missing(s, event.node, {}):
        if leg.id in s.legs:  # the end of another may have ended it too
            departures.leg_gone(s, leg, LegEnd(why=Hangup.LOST, cause=0))
    recovery.lose_away(s, event.node)
    if not event.awaited:
        recovery.all_read(s)


def drained(s: State, event: NodeDrained) -> None:
    """Begin nothing there that could as well begin elsewhere, or do so again."""
    if event.drained:
        s.drained[event.node] = None
    else:
        s.drained.pop(event.node, None)
