"""Healing: every half minute what we believe is held against what Asterisk has.

Events can be lost, and device states can be wrong while a phone has several calls (asterisk#1181).
A difference may also be an event that is still on its way, so only one that stands in two
comparisons in a row is acted on.  Asterisk is right about channels: what it does not have is gone,
however we got there; what of ours it has and nobody knows is ended.  Each repair is counted.
"""

from collections.abc import Mapping

from acd.core import departures
from acd.core.call_control import supervision
from acd.core.commands import HandToFallback, HangUp, Release
from acd.core.entities import Leg, LegEnd, Phone
from acd.core.events import ChannelsCompared, Hangup
from acd.core.ids import CallId, LegId, Node, node_of
from acd.core.staff import agents
from acd.core.state import State

ORPHAN = CallId("orphan")
"""The call of commands for what belongs to none."""


def compared(s: State, event: ChannelsCompared) -> None:
    """Note what differs for the first time; repair what differs for the second."""
    present = dict.fromkeys(event.legs)
    occupied = dict.fromkeys(event.occupied)
    private = dict.fromkeys(event.private)
    before = s.doubts.get(event.node, {})
    doubts: dict[str, None] = {}
    s.doubts[event.node] = doubts
    for leg in missing(s, event.node, present):
        if not _stands(doubts, before, f"missing {leg.id}"):
            continue
        if leg.id in s.legs:  # the end of another may have ended it too
            s.repaired("leg was gone", leg.id)
            departures.leg_gone(s, leg, LegEnd(why=Hangup.LOST, cause=0))
    for key in event.legs:
        orphan = key not in s.legs and s.is_ours(key)
        if orphan and _stands(doubts, before, f"orphan {key}"):
            end_orphan(s, key, "orphan leg ended")
    for phone in s.phones.values():
        in_use = phone.id in occupied
        _private_call(s, doubts, before, phone, is_there=phone.id in private)
        if in_use and phone.legs:
            continue  # by ours at least, and that ends with the leg
        if phone.in_use != in_use and _stands(doubts, before, f"phone {phone.id} {in_use}"):
            s.repaired("phone was in use" if in_use else "phone was not in use", phone.id)
            agents.phone_reported(s, phone.id, registered=phone.registered, in_use=in_use)
    supervision.compared(s)
    for agent in [one for one in s.agents.values() if agents.is_stranded(s, one)]:
        s.repaired("agent was busy with nothing", agent.id)
        agents.free(s, agent)


def missing(s: State, node: Node, present: Mapping[LegId, None]) -> list[Leg]:
    """Return the legs that Asterisk does not have, a call's own before the open line lent to it: a
    caller who is gone is not to be let go because that line, older than the call, is gone too."""
    lost = [leg for key, leg in s.legs.items() if node_of(key) == node and key not in present]
    return sorted(lost, key=lambda leg: leg.is_lent)


def _private_call(
    s: State,
    doubts: dict[str, None],
    before: dict[str, None],
    phone: Phone,
    *,
    is_there: bool,
) -> None:
    """A phone with an open line is in use all day: only its channels tell of a private call."""
    if phone.shared == is_there:
        return
    if _stands(doubts, before, f"private call on {phone.id} {is_there}"):
        phone.shared = is_there
        agents.phone_changed(s, phone)


def _stands(doubts: dict[str, None], before: dict[str, None], doubt: str) -> bool:
    """Tell whether the last comparison found the same; note it for the next one otherwise."""
    if doubt in before:
        return True
    doubts[doubt] = None
    return False


def end_orphan(s: State, leg: LegId, why: str) -> None:
    """End a channel of ours that nobody waits for any more."""
    s.repaired(why, leg)
    s.emit(HangUp(call=ORPHAN, leg=leg, reason=Release.NORMAL, phone=None))


def give_to_fallback(s: State, call: CallId, leg: LegId) -> None:
    """Let the dialplan serve a caller for whom there is no place here."""
    s.repaired("caller given to the dialplan", leg)
    s.emit(HandToFallback(call, leg))
