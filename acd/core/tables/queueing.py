"""An offer: one attempt to ring one agent for one call."""

from enum import StrEnum

from acd.core.tables.table import Ignore, Table


class OfferState(StrEnum):
    DIALLING = "dialling"
    RINGING = "ringing"
    PICKED_UP = "picked_up"
    """By the phone itself; nobody has said a word yet."""
    ACCEPTED = "accepted"
    MISSED = "missed"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    FAILED = "failed"
    UNATTENDED = "unattended"


class OfferMove(StrEnum):
    RANG = "rang"
    PICKED_UP = "picked up"
    ANSWERED = "answered"
    TIMED_OUT = "timed out"
    REFUSED = "refused"
    UNREACHED = "unreached"
    WITHDRAWN = "withdrawn"


_OVER = {
    OfferMove.PICKED_UP: Ignore("pick-up of an offer that ended"),
    OfferMove.RANG: Ignore("rang after the offer ended"),
    OfferMove.ANSWERED: Ignore("answer to an offer that ended"),
    OfferMove.REFUSED: Ignore("refusal of an offer that ended"),
    OfferMove.UNREACHED: Ignore("failure of an offer that ended"),
}

OFFER = Table(
    "offer",
    OfferState,
    OfferMove,
    {
        OfferState.DIALLING: {
            OfferMove.RANG: OfferState.RINGING,
            OfferMove.PICKED_UP: OfferState.PICKED_UP,
            OfferMove.ANSWERED: OfferState.ACCEPTED,
            OfferMove.TIMED_OUT: OfferState.FAILED,
            OfferMove.REFUSED: OfferState.REJECTED,
            OfferMove.UNREACHED: OfferState.FAILED,
            OfferMove.WITHDRAWN: OfferState.WITHDRAWN,
        },
        OfferState.RINGING: {
            OfferMove.RANG: Ignore("rang again"),
            OfferMove.PICKED_UP: OfferState.PICKED_UP,
            OfferMove.ANSWERED: OfferState.ACCEPTED,
            OfferMove.TIMED_OUT: OfferState.MISSED,
            OfferMove.REFUSED: OfferState.REJECTED,
            OfferMove.UNREACHED: OfferState.FAILED,
            OfferMove.WITHDRAWN: OfferState.WITHDRAWN,
        },
        OfferState.PICKED_UP: {
            OfferMove.RANG: Ignore("rang after the pick-up"),
            OfferMove.PICKED_UP: Ignore("picked up twice"),
            OfferMove.ANSWERED: OfferState.ACCEPTED,
            OfferMove.TIMED_OUT: OfferState.UNATTENDED,
            OfferMove.REFUSED: OfferState.REJECTED,
            OfferMove.UNREACHED: OfferState.FAILED,
            OfferMove.WITHDRAWN: OfferState.WITHDRAWN,
        },
        OfferState.ACCEPTED: {
            OfferMove.PICKED_UP: Ignore("picked up twice"),
            OfferMove.RANG: Ignore("rang after the answer"),
            OfferMove.ANSWERED: Ignore("answered twice"),
        },
        OfferState.MISSED: _OVER,
        OfferState.REJECTED: _OVER,
        OfferState.WITHDRAWN: _OVER,
        OfferState.FAILED: _OVER,
        OfferState.UNATTENDED: _OVER,
    },
)
