"""A caller with the machine."""

from enum import StrEnum

from acd.core.tables.table import Ignore, Table


class DialogueState(StrEnum):
    """A caller with the machine: it asks, they answer by keys or speak a message."""

    ASKING = "asking"
    LISTENING = "listening"
    RECORDING = "recording"
    CLOSING = "closing"
    ENDED = "ended"


class DialogueMove(StrEnum):
    ASKED = "asked"
    HEARD = "heard"
    KEY = "key"
    TIMED_OUT = "timed out"
    RECORDED = "recorded"
    RECORDING_ENDED = "recording ended"
    CLOSED = "closed"


_ANSWERING = {
    DialogueMove.ASKED: DialogueState.ASKING,
    DialogueMove.KEY: DialogueState.LISTENING,
    DialogueMove.TIMED_OUT: DialogueState.LISTENING,
    DialogueMove.RECORDED: DialogueState.RECORDING,
    DialogueMove.CLOSED: DialogueState.CLOSING,
}

DIALOGUE = Table(
    "dialogue",
    DialogueState,
    DialogueMove,
    {
        DialogueState.ASKING: {**_ANSWERING, DialogueMove.HEARD: DialogueState.LISTENING},
        DialogueState.LISTENING: {
            **_ANSWERING,
            DialogueMove.HEARD: Ignore("a question whose answer has begun was heard"),
        },
        DialogueState.RECORDING: {
            DialogueMove.ASKED: DialogueState.ASKING,
            DialogueMove.KEY: Ignore("a key during a message"),
            DialogueMove.HEARD: Ignore("a prompt during a message"),
            DialogueMove.TIMED_OUT: DialogueState.LISTENING,
            DialogueMove.RECORDING_ENDED: DialogueState.LISTENING,
            DialogueMove.CLOSED: DialogueState.CLOSING,
        },
        DialogueState.CLOSING: {
            DialogueMove.KEY: Ignore("a key during the goodbye"),
            DialogueMove.HEARD: DialogueState.ENDED,
            DialogueMove.TIMED_OUT: DialogueState.ENDED,
        },
        DialogueState.ENDED: {},
    },
)
