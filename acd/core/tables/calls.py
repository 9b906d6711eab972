"""A call, its legs and its rooms."""

from enum import StrEnum

from acd.core.tables.table import Ignore, Table


class CallState(StrEnum):
    SELF_SERVICE = "self_service"
    """Alone with the machine: a menu, a message, a rating, a goodbye."""
    WAITING = "waiting"
    OFFERING = "offering"
    CONNECTING = "connecting"
    REACHING = "reaching"
    """The agent is there, and the number that we dial is not yet."""
    TALKING = "talking"
    ENDING = "ending"
    ENDED = "ended"


class CallMove(StrEnum):
    TURNED = "turned to self-service"
    QUEUED = "queued"
    OFFERED = "offered"
    OFFER_LOST = "offer lost"
    LAST_OFFER_LOST = "last offer lost"
    ACCEPTED = "accepted"
    REACHING = "reaching"
    REACHED = "reached"
    JOINED = "joined"
    REQUEUED = "requeued"
    RELEASED = "released"
    CALLER_LEFT = "caller left"
    LAST_LEG_GONE = "last leg gone"
    HANDED_OVER = "handed over"


CALL = Table(
    "call",
    CallState,
    CallMove,
    {
        CallState.SELF_SERVICE: {
            CallMove.QUEUED: CallState.WAITING,
            CallMove.RELEASED: CallState.ENDING,
            CallMove.CALLER_LEFT: CallState.ENDING,
            CallMove.HANDED_OVER: CallState.ENDED,
        },
        CallState.WAITING: {
            CallMove.TURNED: CallState.SELF_SERVICE,
            CallMove.OFFERED: CallState.OFFERING,
            CallMove.RELEASED: CallState.ENDING,
            CallMove.CALLER_LEFT: CallState.ENDING,
            CallMove.HANDED_OVER: CallState.ENDED,
        },
        CallState.OFFERING: {
            CallMove.TURNED: CallState.SELF_SERVICE,
            CallMove.OFFERED: CallState.OFFERING,
            CallMove.OFFER_LOST: CallState.OFFERING,
            CallMove.LAST_OFFER_LOST: CallState.WAITING,
            CallMove.RELEASED: CallState.ENDING,
            CallMove.ACCEPTED: CallState.CONNECTING,
            CallMove.CALLER_LEFT: CallState.ENDING,
            CallMove.HANDED_OVER: CallState.ENDED,
        },
        CallState.CONNECTING: {
            CallMove.REACHING: CallState.REACHING,
            CallMove.RELEASED: CallState.ENDING,
            CallMove.JOINED: CallState.TALKING,
            CallMove.REQUEUED: CallState.WAITING,
            CallMove.CALLER_LEFT: CallState.ENDING,
            CallMove.HANDED_OVER: CallState.ENDED,
        },
        CallState.REACHING: {
            CallMove.REACHED: CallState.CONNECTING,
            CallMove.REQUEUED: CallState.WAITING,
            CallMove.RELEASED: CallState.ENDING,
            CallMove.HANDED_OVER: CallState.ENDED,
        },
        CallState.TALKING: {
            CallMove.TURNED: CallState.SELF_SERVICE,
            CallMove.REQUEUED: CallState.WAITING,
            CallMove.RELEASED: CallState.ENDING,
            CallMove.CALLER_LEFT: CallState.ENDING,
            CallMove.HANDED_OVER: CallState.ENDED,
        },
        CallState.ENDING: {
            CallMove.JOINED: Ignore("joined a call that is ending"),
            CallMove.CALLER_LEFT: CallState.ENDING,
            CallMove.LAST_LEG_GONE: CallState.ENDED,
            CallMove.HANDED_OVER: CallState.ENDED,
        },
        CallState.ENDED: {},
    },
)


class LegState(StrEnum):
    DIALLING = "dialling"
    RINGING = "ringing"
    UP = "up"
    GONE = "gone"


class LegMove(StrEnum):
    RANG = "rang"
    ANSWERED = "answered"
    HUNG_UP = "hung up"
    GONE = "gone"


LEG = Table(
    "leg",
    LegState,
    LegMove,
    {
        LegState.DIALLING: {
            LegMove.RANG: LegState.RINGING,
            LegMove.ANSWERED: LegState.UP,
            LegMove.HUNG_UP: LegState.DIALLING,
            LegMove.GONE: LegState.GONE,
        },
        LegState.RINGING: {
            LegMove.RANG: Ignore("rang again"),
            LegMove.ANSWERED: LegState.UP,
            LegMove.HUNG_UP: LegState.RINGING,
            LegMove.GONE: LegState.GONE,
        },
        LegState.UP: {
            LegMove.RANG: Ignore("rang after the answer"),
            LegMove.ANSWERED: Ignore("answered twice"),
            LegMove.HUNG_UP: LegState.UP,
            LegMove.GONE: LegState.GONE,
        },
        LegState.GONE: {},
    },
)


class RoomState(StrEnum):
    EMPTY = "empty"
    OCCUPIED = "occupied"
    CLOSED = "closed"


class RoomMove(StrEnum):
    JOINED = "joined"
    EMPTIED = "emptied"
    CLOSED = "closed"


ROOM = Table(
    "room",
    RoomState,
    RoomMove,
    {
        RoomState.EMPTY: {
            RoomMove.JOINED: RoomState.OCCUPIED,
            RoomMove.CLOSED: RoomState.CLOSED,
        },
        RoomState.OCCUPIED: {
            RoomMove.JOINED: RoomState.OCCUPIED,
            RoomMove.EMPTIED: RoomState.EMPTY,
        },
        RoomState.CLOSED: {},
    },
)
