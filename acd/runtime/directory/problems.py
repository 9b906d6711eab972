"""One thing that is wrong with a directory file, said so that a person can put it right."""

from typing import NamedTuple

_VALUE_SHOWN_MAX = 60


class Problem(NamedTuple):
    """``path`` is like ``queues[2].promise_ms``; empty for the file as a whole."""

    path: str
    value: object
    sentence: str

    def __str__(self) -> str:
        if not self.path:
            return self.sentence
        if self.value is None:
            return f"{self.path}: {self.sentence}"
        shown = repr(self.value)
        if len(shown) > _VALUE_SHOWN_MAX:
            shown = shown[: _VALUE_SHOWN_MAX - 1] + "…"
        return f"{self.path} is {shown}: {self.sentence}"
