"""A transfer."""

from enum import StrEnum

from acd.core.tables.table import Table


class TransferState(StrEnum):
    """An agent brings somebody else into a call."""

    RINGING = "ringing"
    TALKING = "talking"
    """The agent talks with them; the caller waits at the music."""
    ENDED = "ended"


class TransferMove(StrEnum):
    ANSWERED = "answered"
    COMPLETED = "completed"
    JOINED = "joined"
    TAKEN_BACK = "taken back"
    FAILED = "failed"
    LEFT = "left"
    CALLER_LEFT = "caller left"


TRANSFER = Table(
    "transfer",
    TransferState,
    TransferMove,
    {
        TransferState.RINGING: {
            TransferMove.ANSWERED: TransferState.TALKING,
            TransferMove.COMPLETED: TransferState.ENDED,
            TransferMove.TAKEN_BACK: TransferState.ENDED,
            TransferMove.FAILED: TransferState.ENDED,
            TransferMove.CALLER_LEFT: TransferState.ENDED,
        },
        TransferState.TALKING: {
            TransferMove.COMPLETED: TransferState.ENDED,
            TransferMove.JOINED: TransferState.ENDED,
            TransferMove.TAKEN_BACK: TransferState.ENDED,
            TransferMove.FAILED: TransferState.ENDED,
            TransferMove.LEFT: TransferState.ENDED,
            TransferMove.CALLER_LEFT: TransferState.ENDED,
        },
        TransferState.ENDED: {},
    },
)
