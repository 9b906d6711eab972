"""What a caller may hear besides people, as values: what plays while one waits, and menus.

Policy only: who plays what when is ``treatment``'s business.  Names of prompts are those of
``prompts/texts.yaml``; None is a thing that is not said.  All durations are milliseconds.
"""

from enum import StrEnum

import msgspec

from acd.core.ids import MenuId


class RatingScale(StrEnum):
    """In which words a caller says how content they are; the two standards differ (C04)."""

    S0 = "s0"
    """S0 appendix A."""
    S2 = "s2"
    """S2 appendix A."""


RATINGS = {
    RatingScale.S0: ("非常满意", "比较满意", "满意", "一般", "不满意"),
    RatingScale.S2: ("非常满意", "比较满意", "一般", "比较不满意", "非常不满意"),
}
"""The scales' own words; the first is key 1.  One scale is never written down as the other."""


class RatingSource(StrEnum):
    """How it became known how content somebody is (C28)."""

    DIGITS = "digits"
    """The caller's own key, behind the conversation."""
    AGENT = "agent"
    """Said in the conversation, and written down by an agent."""
    REVISIT = "revisit"
    """Said when they were asked later: emergencies and one-key terminals are only asked so."""
    SMS = "sms"


class Treatment(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a caller hears after the system's pick-up until an agent is there, and when the agent
    has gone.

    Nothing in it delays an agent: whatever plays is stopped when one has answered (C14)."""

    greets: bool = False
    """The time of day and the holiday come before the acknowledgement (V07, V10)."""
    recording_notice: str | None = None
    """Said once, to callers whose line is recorded (V08, C14)."""
    comfort: str | None = None
    comfort_every_ms: int = 0
    """Pause between the end of one announcement and the next (V12); 0 is never."""
    hold_notice_ms: int = 10_000
    """How often a caller on hold, or whom A and B have left for a moment, is told that nobody has
    forgotten them (F06, C08)."""
    tells_position: bool = False
    """The place in the line and the wait to be expected come before the comfort prompt."""
    tells_agent: bool = False
    """The agent's number is heard by both under their first words (V09, C13)."""
    callback_from_ms: int | None = None
    """A callback is offered to whoever will wait so long, or has; None: never."""
    reply_within_ms: int = 7_200_000
    """What is told to whoever asks for an answer by a person, and kept (V06, V11)."""
    rating: RatingScale | None = None
    """Callers with keys are asked afterwards how content they are (V17); never after an
    emergency (C28)."""


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
