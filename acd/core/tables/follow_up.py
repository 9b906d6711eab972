"""Something owed."""

from enum import StrEnum

from acd.core.tables.table import Ignore, Table


class ObligationState(StrEnum):
    OWED = "owed"
    DUE = "due"
    """Its moment has come; it waits for somebody who is free."""
    WORKED = "worked"
    """A call is being made for it, or a person is at it."""
    DONE = "done"
    CLOSED = "closed"
    """Ended undone, by a person with a reason."""


class ObligationMove(StrEnum):
    FELL_DUE = "fell due"
    TAKEN_UP = "taken up"
    PUT_BACK = "put back"
    ESCALATED = "escalated"
    FULFILLED = "fulfilled"
    CLOSED = "closed"


_ENDED_OBLIGATION = {
    ObligationMove.FULFILLED: ObligationState.DONE,
    ObligationMove.CLOSED: ObligationState.CLOSED,
}

OBLIGATION = Table(
    "obligation",
    ObligationState,
    ObligationMove,
    {
        ObligationState.OWED: {
            ObligationMove.FELL_DUE: ObligationState.DUE,
            ObligationMove.TAKEN_UP: ObligationState.WORKED,
            ObligationMove.ESCALATED: ObligationState.OWED,
            **_ENDED_OBLIGATION,
        },
        ObligationState.DUE: {
            ObligationMove.TAKEN_UP: ObligationState.WORKED,
            ObligationMove.ESCALATED: ObligationState.DUE,
            **_ENDED_OBLIGATION,
        },
        ObligationState.WORKED: {
            ObligationMove.PUT_BACK: ObligationState.OWED,
            ObligationMove.TAKEN_UP: Ignore("is being worked already"),
            ObligationMove.ESCALATED: ObligationState.WORKED,
            **_ENDED_OBLIGATION,
        },
        ObligationState.DONE: {},
        ObligationState.CLOSED: {},
    },
)
