"""What a caller may hear besides people, as values: what plays while one waits, and menus.

Policy only: who plays what when is ``treatment``'s business.  Names of prompts are those of
``prompts/texts.yaml``; None is a thing that is not said.  All durations are milliseconds.
"""

from enum import StrEnum

import msgspec

from acd.core.ids import MenuId


class Treatment(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a caller hears after the system's pick-up, until an agent is there.

    Nothing in it delays an agent: whatever plays is stopped when one has answered (C14)."""

    greets: bool = False
    """The time of day and the holiday come before the acknowledgement (V07, V10)."""
    recording_notice: str | None = None
    """Said once, to callers whose line is recorded (V08, C14)."""
    comfort: str | None = None
    comfort_every_ms: int = 0
    """Pause between the end of one announcement and the next (V12); 0 is never."""
    tells_position: bool = False
    """The place in the line and the wait to be expected come before the comfort prompt."""
    tells_agent: bool = False
    """The agent's number is heard by both under their first words (V09, C13)."""
    callback_from_ms: int | None = None
    """A callback is offered to whoever will wait so long, or has; None: never."""
    reply_within_ms: int = 7_200_000
    """What is told to whoever asks for an answer by a person, and kept (V06, V11)."""


SILENT = Treatment()
"""Music alone."""


class Then(StrEnum):
    """What a key of a menu leads to."""

    QUEUE = "queue"
    """A person: ``target`` is the queue, empty for the entry's own."""
    MENU = "menu"
    INFORMATION = "information"
    """A recorded text, then the same menu again: ``target`` is its prompt (V03)."""
    VOICEMAIL = "voicemail"
    CALLBACK = "callback"
    TASK = "task"
    """Something a person has to send or look up: ``target`` says what, such as fax (V16)."""


class Choice(msgspec.Struct, frozen=True, gc=False):
    """What comes of a key."""

    then: Then
    target: str = ""


class Menu(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A question with one key as its answer.

    Besides ``choices`` every menu knows 0 (a person), # (say it again) and * (the menu above);
    no menu can take 0 away (C13: nobody is kept from people by a machine)."""

    id: MenuId
    prompt: str
    choices: tuple[tuple[str, Choice], ...]
    """(key, what comes of it), sorted by key."""
    otherwise: Choice
    """What happens when no key, or none that means anything, came in all tries."""
    answer_ms: int
    """How long a key is waited for once the question has been heard."""
    tries_max: int
