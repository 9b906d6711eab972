"""Roles, and what each may do: the table that every door obeys (L2, X10, X11)."""

from enum import StrEnum


class Right(StrEnum):
    """What a route asks for."""

    STATE = "state"
    """How queues and agents are now; no caller."""
    WORK = "work"
    """What an agent does: be ready, take part in calls and cases, call outside."""
    LEAD = "lead"
    """What a supervisor does with others' agents and calls."""
    RECORDS = "records"
    """Calls, cases and what is owed, with the callers in them."""
    HEAR = "hear"
    """Recordings and messages."""
    REPORT = "report"
    """Figures, and what agents did."""
    HOLD = "hold"
    """Legal hold of a recording."""
    EXPORT = "export"
    """Take recordings out of the house, or agree that another does."""
    ENVIRONMENT = "environment"
    """Tell what a sensor of the room measures."""
    AUDIT = "audit"
    """Who saw, heard and did what."""
    FEED = "feed"
    """The regulator's feeds, in which nobody is named, and what was acknowledged of them."""
    ACKNOWLEDGE = "acknowledge"
    """Say that a record of a feed has arrived."""


class Role(StrEnum):
    """What somebody is here for."""

    AGENT = "agent"
    SUPERVISOR = "supervisor"
    ADMINISTRATOR = "administrator"
    REGULATOR = "regulator"
    COLLECTOR = "collector"
    """The authority's program, which fetches the feeds."""
    MONITOR = "monitor"


RIGHTS: dict[Role, frozenset[Right]] = {
    Role.AGENT: frozenset({Right.STATE, Right.WORK, Right.RECORDS}),
    Role.SUPERVISOR: frozenset(
        {
            Right.STATE,
            Right.WORK,
            Right.LEAD,
            Right.RECORDS,
            Right.HEAR,
            Right.REPORT,
            Right.HOLD,
            Right.EXPORT,
        }
    ),
    Role.ADMINISTRATOR: frozenset(
        {
            Right.STATE,
            Right.RECORDS,
            Right.REPORT,
            Right.HOLD,
            Right.EXPORT,
            Right.AUDIT,
            Right.FEED,
        }
    ),
    Role.REGULATOR: frozenset(
        {
            Right.STATE,
            Right.RECORDS,
            Right.HEAR,
            Right.REPORT,
            Right.EXPORT,
            Right.AUDIT,
            Right.FEED,
            Right.ACKNOWLEDGE,
        }
    ),
    Role.COLLECTOR: frozenset({Right.FEED, Right.ACKNOWLEDGE}),
    Role.MONITOR: frozenset({Right.STATE, Right.ENVIRONMENT}),
}
