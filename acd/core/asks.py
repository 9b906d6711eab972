"""An action that somebody asks for on a live call, and its two answers."""

from enum import StrEnum
from typing import NamedTuple

from acd.core.call_control import conversation
from acd.core.entities import Call, Leg
from acd.core.facts import RequestRefused
from acd.core.ids import AgentId, LegId, RequestId
from acd.core.replies import Done, Refusal, Refused
from acd.core.state import State


class Place(StrEnum):
    """Where an agent is to the caller, as the reply to an action says it."""

    TALKING = "talking"
    ASIDE = "aside"


class Ask(NamedTuple):
    """One action asked for: by whose leg, on which call, with which digits."""

    request: RequestId
    call: Call
    leg: Leg
    digits: str
    second: LegId | None = None
    """Set when it is asked on another line of the phone: see ``second_lines``."""


def done(ask: Ask) -> Done:
    """The action was carried out: say where it has left the agent."""
    aside = conversation.is_aside(ask.call, ask.leg)
    return Done(ask.request, Place.ASIDE if aside else Place.TALKING)


def refuse(s: State, ask: Ask, refusal: Refusal, sentence: str) -> Refused:
    """The action is not to be had, and nothing has changed."""
    return refuse_for(s, ask.request, ask.leg.agent, refusal, sentence)


def refuse_for(
    s: State, request: RequestId, agent: AgentId | None, refusal: Refusal, sentence: str
) -> Refused:
    """Refuse any request: note whose it was, and say why."""
    s.emit(RequestRefused(at_ms=s.now, agent=agent, refusal=refusal))
    return Refused(request, refusal, sentence)
