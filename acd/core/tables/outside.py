"""An outside number that is being dialled."""

from enum import StrEnum

from acd.core.tables.table import Ignore, Table


class DialState(StrEnum):
    """An attempt to reach an outside number, over one trunk after the other."""

    DIALLING = "dialling"
    CHANGING = "changing"
    """The trunk is being given up; the next is dialled when the leg is gone."""
    RINGING = "ringing"
    ANSWERED = "answered"
    ENDING = "ending"
    """Given up or withdrawn before an answer."""
    OVER = "over"


class DialMove(StrEnum):
    RANG = "rang"
    ANSWERED = "answered"
    TRUNK_GIVEN_UP = "trunk given up"
    NEXT_TRUNK = "next trunk"
    GIVEN_UP = "given up"
    LEG_GONE = "leg gone"


DIAL = Table(
    "dial",
    DialState,
    DialMove,
    {
        DialState.DIALLING: {
            DialMove.RANG: DialState.RINGING,
            DialMove.ANSWERED: DialState.ANSWERED,
            DialMove.TRUNK_GIVEN_UP: DialState.CHANGING,
            DialMove.NEXT_TRUNK: DialState.DIALLING,
            DialMove.GIVEN_UP: DialState.ENDING,
            DialMove.LEG_GONE: DialState.OVER,
        },
        DialState.CHANGING: {
            DialMove.RANG: Ignore("rang on a trunk that was given up"),
            DialMove.ANSWERED: Ignore("answered on a trunk that was given up"),
            DialMove.TRUNK_GIVEN_UP: Ignore("trunk given up twice"),
            DialMove.NEXT_TRUNK: DialState.DIALLING,
            DialMove.GIVEN_UP: DialState.ENDING,
            DialMove.LEG_GONE: DialState.OVER,
        },
        DialState.RINGING: {
            DialMove.RANG: Ignore("rang again"),
            DialMove.ANSWERED: DialState.ANSWERED,
            DialMove.TRUNK_GIVEN_UP: Ignore("trunk gone while the number rings"),
            DialMove.NEXT_TRUNK: DialState.DIALLING,
            DialMove.GIVEN_UP: DialState.ENDING,
            DialMove.LEG_GONE: DialState.OVER,
        },
        DialState.ANSWERED: {
            DialMove.RANG: Ignore("rang after the answer"),
            DialMove.ANSWERED: Ignore("answered twice"),
            DialMove.TRUNK_GIVEN_UP: Ignore("trunk gone during the conversation"),
            DialMove.GIVEN_UP: Ignore("given up after the answer"),
            DialMove.LEG_GONE: DialState.OVER,
        },
        DialState.ENDING: {
            DialMove.RANG: Ignore("rang after it was given up"),
            DialMove.ANSWERED: Ignore("answered after it was given up"),
            DialMove.TRUNK_GIVEN_UP: Ignore("trunk gone after it was given up"),
            DialMove.GIVEN_UP: Ignore("given up twice"),
            DialMove.LEG_GONE: DialState.OVER,
        },
        DialState.OVER: {},
    },
)
