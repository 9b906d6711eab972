"""An agent, and an agent's phone that talks to the switch itself."""

from enum import StrEnum

from acd.core.tables.table import Ignore, Table


class AgentState(StrEnum):
    LOGGED_OUT = "logged_out"
    READY = "ready"
    RESERVED = "reserved"
    OFFERED = "offered"
    TALKING = "talking"
    WRAP_UP = "wrap_up"
    PAUSED = "paused"
    NOT_RESPONDING = "not_responding"


class AgentMove(StrEnum):
    LOGGED_IN = "logged in"
    FREED = "freed"
    RESERVED = "reserved"
    OFFERED = "offered"
    ANSWERED = "answered"
    CONVERSATION_ENDED = "conversation ended"
    WRAP_UP_RESUMED = "wrap-up resumed"
    SILENT = "silent"
    PAUSED = "paused"
    LOGGED_OUT = "logged out"


_AT_REST = {
    AgentMove.FREED: AgentState.READY,
    AgentMove.SILENT: AgentState.NOT_RESPONDING,
    AgentMove.PAUSED: AgentState.PAUSED,
    AgentMove.LOGGED_OUT: AgentState.LOGGED_OUT,
}

AGENT = Table(
    "agent",
    AgentState,
    AgentMove,
    {
        AgentState.LOGGED_OUT: {
            AgentMove.LOGGED_IN: AgentState.READY,
            AgentMove.SILENT: AgentState.NOT_RESPONDING,
        },
        AgentState.READY: {
            AgentMove.OFFERED: AgentState.OFFERED,
            AgentMove.RESERVED: AgentState.RESERVED,
            AgentMove.FREED: Ignore("ready already"),
            AgentMove.SILENT: AgentState.NOT_RESPONDING,
            AgentMove.PAUSED: AgentState.PAUSED,
            AgentMove.LOGGED_OUT: AgentState.LOGGED_OUT,
        },
        # For a callback or an outbound call: only whoever has reserved the agent rings them.
        AgentState.RESERVED: {AgentMove.OFFERED: AgentState.OFFERED, **_AT_REST},
        AgentState.OFFERED: {
            AgentMove.ANSWERED: AgentState.TALKING,
            AgentMove.WRAP_UP_RESUMED: AgentState.WRAP_UP,
            **_AT_REST,
        },
        AgentState.TALKING: {
            AgentMove.CONVERSATION_ENDED: AgentState.WRAP_UP,
            **_AT_REST,
        },
        # A caller whose promise is in danger may interrupt both (C01).
        AgentState.WRAP_UP: {AgentMove.OFFERED: AgentState.OFFERED, **_AT_REST},
        AgentState.PAUSED: {AgentMove.OFFERED: AgentState.OFFERED, **_AT_REST},
        AgentState.NOT_RESPONDING: _AT_REST,
    },
)


class DeskState(StrEnum):
    """A short call of an agent's phone to the switch itself."""

    DIALLING = "dialling"
    ASKING = "asking"
    WATCHING = "watching"
    OPEN = "open"
    """A line that stays open; its leg may be lent to a call."""
    CONFIRMING = "confirming"
    ENDING = "ending"
    ENDED = "ended"


class DeskMove(StrEnum):
    ANSWERED = "answered"
    WATCHED = "watched"
    OPENED = "opened"
    PRESENT = "present"
    DIGIT = "digit"
    TIMED_OUT = "timed out"
    PROMPT_FINISHED = "prompt finished"
    LEG_GONE = "leg gone"


DESK = Table(
    "desk call",
    DeskState,
    DeskMove,
    {
        # A phone that we dial ourselves: see ``trial``, ``supervision`` and ``open_lines``.
        DeskState.DIALLING: {
            DeskMove.ANSWERED: DeskState.ASKING,
            DeskMove.WATCHED: DeskState.WATCHING,
            DeskMove.OPENED: DeskState.OPEN,
            DeskMove.DIGIT: Ignore("a digit before the answer"),
            DeskMove.TIMED_OUT: DeskState.ENDING,
            DeskMove.LEG_GONE: DeskState.ENDED,
        },
        DeskState.ASKING: {
            DeskMove.PRESENT: DeskState.CONFIRMING,
            DeskMove.DIGIT: DeskState.CONFIRMING,
            DeskMove.TIMED_OUT: DeskState.CONFIRMING,
            DeskMove.PROMPT_FINISHED: Ignore("the question has been asked"),
            DeskMove.LEG_GONE: DeskState.ENDED,
        },
        DeskState.WATCHING: {
            DeskMove.TIMED_OUT: DeskState.ENDING,
            DeskMove.LEG_GONE: DeskState.ENDED,
        },
        DeskState.OPEN: {
            DeskMove.TIMED_OUT: DeskState.ENDING,
            DeskMove.LEG_GONE: DeskState.ENDED,
        },
        DeskState.CONFIRMING: {
            DeskMove.PRESENT: Ignore("a key during the confirmation"),
            DeskMove.DIGIT: Ignore("a digit during the confirmation"),
            DeskMove.TIMED_OUT: DeskState.ENDING,
            DeskMove.PROMPT_FINISHED: DeskState.ENDING,
            DeskMove.LEG_GONE: DeskState.ENDED,
        },
        DeskState.ENDING: {
            DeskMove.ANSWERED: Ignore("an answer to a ring that was ended"),
            DeskMove.WATCHED: Ignore("a supervisor has answered a ring that was ended"),
            DeskMove.OPENED: Ignore("a line that was ended has opened"),
            DeskMove.PRESENT: Ignore("a key after the end"),
            DeskMove.DIGIT: Ignore("a digit after the confirmation"),
            DeskMove.TIMED_OUT: Ignore("a desk call that is ending timed out"),
            DeskMove.PROMPT_FINISHED: Ignore("a prompt of a desk call that is ending"),
            DeskMove.LEG_GONE: DeskState.ENDED,
        },
        DeskState.ENDED: {},
    },
)
