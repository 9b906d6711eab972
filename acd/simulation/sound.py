"""Who hears whom, from what the pretend Asterisk has done: rooms, music, prompts, copies.

Whoever is played something is out of their room for so long: they hear that alone, and nobody hears
them (seen on 22.10.1).  A far end that has hung up hears nothing and says nothing, whether or not
Asterisk still keeps its channel.
"""

from acd.core.ids import LegId, RoomId
from acd.simulation.exchange import Exchange

HOLDING = ":hl-hold-"
"""Part of the names of rooms with music."""

PROMPT, MUSIC = LegId("a prompt"), LegId("music")
"""What is heard that nobody says."""

Heard = dict[LegId, frozenset[LegId]]
"""By whoever is on an answered line, whom they hear."""


def who_hears_whom(exchange: Exchange) -> Heard:
    """Return it for everybody; who hears nobody and nothing has an empty set."""
    played = set(exchange.playbacks.values())
    there = [one for one in exchange.channels.values() if one.up and not one.is_stuck]
    talking: dict[RoomId, list[LegId]] = {}
    for one in there:
        if one.room is not None and HOLDING not in one.room and one.leg not in played:
            talking.setdefault(one.room, []).append(one.leg)
    heard: dict[LegId, set[LegId]] = {}
    for one in there:
        if one.leg in played:
            heard[one.leg] = {PROMPT}
        elif one.room is not None and HOLDING in one.room:
            heard[one.leg] = {MUSIC}
        else:
            heard[one.leg] = {*talking.get(one.room or RoomId(""), ())} - {one.leg}
    plain = {leg: frozenset(others) for leg, others in heard.items()}
    for copy in exchange.snoops.values():
        listeners = [] if copy.room is None else talking.get(copy.room, [])
        for leg in listeners:
            if copy.of in plain:
                heard[leg] |= {copy.of, *plain[copy.of]}
        if copy.whispers and copy.of in heard:
            heard[copy.of] |= set(listeners)
    return {leg: frozenset(others - {leg}) for leg, others in heard.items()}
