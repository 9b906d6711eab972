"""A day's calls by half hour: what staff is planned for.

A profile comes from a file or from the records; either way it is complete, or it is refused with
one sentence that says where it is wrong.
"""

import csv
import io
import math
from dataclasses import dataclass, replace

from acd.simulation.day import BUSY_DAY, HALF_HOURS, Traffic

HEADER = ["half_hour", "calls"]
CALLS_MAX = 200_000
"""Of one day.  Shanghai's 12345 has about 50,000."""

LABELS = tuple(f"{n // 2:02}:{n % 2 * 30:02}" for n in range(HALF_HOURS))


class ProfileError(ValueError):
    """A profile that cannot be planned for; the sentence says why."""


@dataclass(frozen=True, kw_only=True)
class Profile:
    """The calls of each half hour from midnight on, and what they are like; checked."""

    calls: tuple[int, ...]
    talk_s: float
    wrap_up_s: float
    emergency_share: float
    patience_s: float | None = None

    def __post_init__(self) -> None:
        if len(self.calls) != HALF_HOURS:
            raise ProfileError(f"A day has {HALF_HOURS} half hours, not {len(self.calls)}.")
        if sum(self.calls) == 0:
            raise ProfileError("The day has no calls: there is nothing to plan for.")
        if sum(self.calls) > CALLS_MAX:
            raise ProfileError(f"{sum(self.calls):,} calls in a day are above {CALLS_MAX:,}.")
        for name, value, least, most in (
            ("talk_s", self.talk_s, 1, 7_200),
            ("wrap_up_s", self.wrap_up_s, 0, 3_600),
            ("emergency_share", self.emergency_share, 0, 1),
            ("patience_s", 1 if self.patience_s is None else self.patience_s, 1, 7_200),
        ):
            if not (math.isfinite(value) and least <= value <= most):
                raise ProfileError(f"{name} is {value:g}: it should be from {least} to {most}.")

    def traffic(self) -> Traffic:
        """Return the people of such a day."""
        return replace(
            BUSY_DAY,
            weights=tuple(float(count) for count in self.calls),
            calls=sum(self.calls),
            emergency_share=self.emergency_share,
            talk_ms_mean=round(self.talk_s * 1_000),
            wrap_up_ms=round(self.wrap_up_s * 1_000),
            patience_ms_mean=None if self.patience_s is None else round(self.patience_s * 1_000),
        )


def parse(text: str, name: str) -> tuple[int, ...]:
    """Return the calls of a CSV file ``half_hour,calls``; each of 00:00 to 23:30 once, in any
    order.  ``name`` is what the file is called in sentences."""
    rows = [row for row in csv.reader(io.StringIO(text)) if row]
    if not rows or [cell.strip() for cell in rows[0]] != HEADER:
        raise ProfileError(f"{name} should begin with the line {','.join(HEADER)}.")
    found: dict[str, int] = {}
    for number, row in enumerate(rows[1:], 2):
        where = f"{name}, row {number}"
        if len(row) != len(HEADER):
            raise ProfileError(f"{where} has {len(row)} cells: there should be {len(HEADER)}.")
        label, count = (cell.strip() for cell in row)
        if label not in LABELS:
            raise ProfileError(f"{where}: {label!r} is not a half hour such as 09:30.")
        if label in found:
            raise ProfileError(f"{where}: {label} is there already.")
        if not (count.isascii() and count.isdigit() and len(count) < 10):
            raise ProfileError(f"{where}: {count!r} is not a number of calls.")
        found[label] = int(count)
    missing = [label for label in LABELS if label not in found]
    if missing:
        raise ProfileError(
            f"{name} lacks {len(missing)} half hours, {missing[0]} first: a half hour without "
            "calls needs its 0."
        )
    return tuple(found[label] for label in LABELS)
