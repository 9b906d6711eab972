"""The switch itself: what it refused, ignored or took back, and its own bugs."""

import msgspec

from acd.core.ids import AgentId, CallId


class RequestRefused(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    at_ms: int
    agent: AgentId | None
    refusal: str


class ConfigurationTakenBack(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Calls could not be served under a new configuration, so the one before is used again."""

    at_ms: int
    what: str
    """``directory`` or ``nodes``."""
    why: str
    to_version: int | None


class Ignored(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """An event that a table names as harmless where it came, such as an answer to a withdrawn
    offer."""

    at_ms: int
    reason: str
    key: str


class Defect(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Our own bug: an event the tables call illegal.  Must never happen; metric must stay 0."""

    at_ms: int
    sentence: str
    call: CallId | None


SwitchFact = RequestRefused | ConfigurationTakenBack | Ignored | Defect
