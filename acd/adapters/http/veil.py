"""What of an elder is hidden from an agent whom nothing ties to them (L2, X01).

``Veil.hides`` decides, by what the answer is about and what ties whoever asks
(``acd.core.ties``); ``hidden`` hides.  An answer about an elder is a ``Veiled``, and says itself
when something is hidden and why.  Agents alone have a veil: who leads, checks or keeps the data
sees what they saw, and every look is noted.
"""

import re
from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, TypeVar, overload

import msgspec
from pydantic import BaseModel, ConfigDict, Field

from acd.core.ties import Ties

MASKED = (
    "You have no call, open case or task of theirs now: numbers show their last four digits; "
    "health, the key to the door and what people have written are left out."
)
"""What an answer says of itself that does not show everything."""

SHOWN_DIGITS = 4

# Telephone and identity-card numbers, wherever they stand.  Short numbers are the house's own, or
# 110, 119 and 120; a point and digits behind belong to an id of Asterisk's, such as 1700000000.12.
_NUMBER = re.compile(r"(?<![A-Za-z0-9])[0-9]{7,}[Xx]?(?![A-Za-z0-9]|\.[0-9])")

_HIDDEN = frozenset(
    {
        "blood_group", "rhesus", "history", "allergies", "medication", "mobility", "hearing",
        "speech", "cognition", "hospital", "insurance",  # L1 11–15
        "gate_code", "key_place",  # who has them is in the flat
        "form", "summary", "reason", "note", "notes", "words",  # what people have written
        "family", "condition", "unrated", "remarks",
        "need", "handled",  # written offline
    }
)  # fmt: skip
"""Fields that are left out, whatever holds them."""

_IDS = frozenset(
    {"id", "elders", "terminal", "entry", "recording", "messages", "leg", "leg_id", "call", "calls"}
)
"""Fields by which a desk asks on: a house may name its elders and terminals by digits."""


class Veiled(BaseModel):
    """An answer about an elder."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    masked: str | None = Field(
        default=None,
        description="Why numbers are masked and health is left out (L2); null: all is here",
    )

    @abstractmethod
    def subject(self) -> Ties:
        """Return what the answer is about: where one of these ties whoever asks, all is shown.
        Nothing: it is about nobody, and shown to all."""


_Answer = TypeVar("_Answer", bound=Veiled)


class Veil:
    """What one who asks is not shown."""

    def __init__(self, ties: Ties | None) -> None:
        """``ties`` None: nothing is hidden."""
        self._ties = ties

    @overload
    def over(self, found: _Answer) -> _Answer: ...
    @overload
    def over(self, found: Sequence[_Answer]) -> list[_Answer]: ...

    def over(self, found: _Answer | Sequence[_Answer]) -> _Answer | list[_Answer]:
        """Return an answer, or each of several, as whoever asks may see it."""
        return self._over(found) if isinstance(found, Veiled) else [*map(self._over, found)]

    def hides(self, found: Veiled) -> bool:
        """Tell whether nothing ties whoever asks to what an answer is about."""
        if self._ties is None:
            return False
        subject = found.subject()
        return bool(subject) and self._ties.isdisjoint(subject)

    def _over(self, found: _Answer) -> _Answer:
        if not self.hides(found):
            return found
        return type(found).model_validate(hidden(found.model_dump()) | {"masked": MASKED})


def hidden(value: Any, key: str = "") -> Any:
    """Return plain values (mappings, lists, texts, numbers) without what is hidden."""
    if key in _HIDDEN:
        return _blank(value)
    if isinstance(value, dict):
        return {name: hidden(one, name) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(hidden(one, key) for one in value)
    if isinstance(value, str) and key not in _IDS:
        return _NUMBER.sub(_masked, value)
    return value


def masked(told: msgspec.Struct) -> dict[str, Any]:
    """Return a value of the switch's own as an agent is told of it whom nothing ties to it; as it
    is where nothing has to be hidden."""
    plain: dict[str, Any] = msgspec.to_builtins(told)
    without: dict[str, Any] = hidden(plain)
    return plain if without == plain else without | {"masked": MASKED}


def _blank(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _blank(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return type(value)()
    return "" if isinstance(value, str) else None


def _masked(found: re.Match[str]) -> str:
    number = found.group()
    return "*" * (len(number) - SHOWN_DIGITS) + number[-SHOWN_DIGITS:]
