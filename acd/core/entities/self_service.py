"""A caller with the machine."""

from dataclasses import dataclass, field
from enum import StrEnum

from acd.core.ids import RecordingId
from acd.core.scripts import Menu
from acd.core.tables import DialogueState


class Topic(StrEnum):
    """What the machine is asking a caller about."""

    MENU = "menu"
    MESSAGE = "message"
    NUMBER_RIGHT = "number right"
    NUMBER = "number"
    RATING = "rating"
    GOODBYE = "goodbye"


@dataclass(slots=True, eq=False)
class Dialogue:
    """A caller with the machine; see ``dialogue``."""

    state: DialogueState
    topic: Topic = Topic.MENU
    digits: str = ""
    keys_max: int = 1
    answer_ms: int = 0
    tries: int = 0
    """Questions of this kind without a valid answer."""
    steps: int = 0
    """Questions in all."""
    menu: Menu | None = None
    above: list[Menu] = field(default_factory=list)
    number: str = ""
    """Keyed in by the caller, to be called back there."""
    recording: RecordingId | None = None
    recording_since_ms: int = 0
