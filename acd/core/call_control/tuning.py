"""Tuning: what an agent changes of the sound: how loud the caller hears, and keys sent out."""

from acd.core.asks import Ask, done, refuse
from acd.core.commands import SendKeys, SetGain
from acd.core.replies import Refusal, Reply
from acd.core.state import State

GAIN_MIN, GAIN_MAX = -2, 3
"""Steps; beyond them speech is drowned or distorted."""

KEYS = frozenset("0123456789*#")


def louder(s: State, ask: Ask) -> Reply:
    """Let the caller hear everybody louder (*17, T40)."""
    return _tune(s, ask, 1)


def softer(s: State, ask: Ask) -> Reply:
    """Let the caller hear everybody softer (*18)."""
    return _tune(s, ask, -1)


def _tune(s: State, ask: Ask, by: int) -> Reply:
    level = ask.call.gain + by
    if not GAIN_MIN <= level <= GAIN_MAX:
        how = "louder" if by > 0 else "softer"
        return refuse(s, ask, Refusal.GAIN_AT_LIMIT, f"It cannot be made any {how}.")
    ask.call.gain = level
    s.emit(SetGain(ask.call.id, ask.call.caller_leg, level))
    return done(ask)


def send_keys(s: State, ask: Ask) -> Reply:
    """Press keys towards the caller or the outside party whom the agent is with (*16): a voice
    menu out there wants them.  Colleagues hear nothing."""
    if not ask.digits or not set(ask.digits) <= KEYS:
        return refuse(s, ask, Refusal.NO_NUMBER, "Which keys? There were none to send.")
    legs = (s.legs[key] for key in ask.call.legs)
    others = [leg for leg in legs if leg.room == ask.leg.room and not leg.is_agents]
    if not others or ask.leg.room is None:
        sentence = "There is no caller and no outside party with you to hear keys."
        return refuse(s, ask, Refusal.NOBODY_TO_HEAR, sentence)
    for leg in others:
        s.emit(SendKeys(ask.call.id, leg.id, ask.digits))
    return done(ask)
