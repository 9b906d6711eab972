"""What a fault has cost: one line of the table, from both ends of every call and its record."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

PROMISE_MS = 10_000
COLUMNS = (
    "fault",
    "calls in flight",
    "cut",
    "forgotten",
    "late",
    "recovered in",
    "waiting order kept",
)


@dataclass
class Line:
    """One fault."""

    fault: str
    in_flight: int
    cut: int
    """The far end of a caller's call was ended, and nobody had wanted it."""
    forgotten: list[str]
    """Numbers whose call has no end in the record, more than one, or the wrong one."""
    late: int
    """Calls for which somebody was free, and which were answered after more than 10 s or never."""
    recovered_s: float | None
    """From the end of the fault until the service was ready and knew every caller."""
    order_kept: bool | None = None
    """Whether who waited was served in the order of arrival; None when nobody was left to wait."""
    wrong: list[str] = field(default_factory=list)
    """What else is not as it should be."""

    @property
    def cells(self) -> tuple[str, ...]:
        recovered = "never" if self.recovered_s is None else f"{self.recovered_s:.1f} s"
        order = {True: "yes", False: "no", None: "–"}[self.order_kept]
        return (
            self.fault,
            str(self.in_flight),
            str(self.cut),
            str(len(self.forgotten)),
            str(self.late),
            recovered,
            order,
        )

    def problems(self, *, cuts: bool) -> list[str]:
        """What must not be, in sentences.  ``cuts``: the calls' own Asterisk has died."""
        found = [f"{self.fault}: {one}" for one in self.wrong]
        if self.forgotten:
            found.append(f"{self.fault}: forgotten: {', '.join(self.forgotten)}")
        if self.cut and not cuts:
            found.append(f"{self.fault}: {self.cut} calls were cut")
        if self.order_kept is False:
            found.append(f"{self.fault}: the order of those who wait was not kept")
        if self.recovered_s is None:
            found.append(f"{self.fault}: the service has not come back")
        return found


def table(lines: Sequence[Line]) -> str:
    """The lines as a table of Markdown."""
    rows = [COLUMNS, *(line.cells for line in lines)]
    widths = [max(len(row[n]) for row in rows) for n in range(len(COLUMNS))]
    shown = ["| " + " | ".join(c.ljust(w) for c, w in zip(r, widths, strict=True)) + " |"
             for r in rows]  # fmt: skip
    ruler = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join([shown[0], ruler, *shown[1:]])


def forgotten(
    number: str, rows: Sequence[dict[str, Any]], *, outcomes: set[str], must_be_owed: bool
) -> str | None:
    """Tell why a call counts as forgotten, None when it does not.

    ``rows`` are the records of this number; ``outcomes`` those that its end may have.
    """
    if not rows:
        return f"{number} (no record)"
    if any(row["ended_at"] is None for row in rows):
        return f"{number} (no end)"
    if len(rows) > 1:
        return f"{number} ({len(rows)} records)"
    (row,) = rows
    if row["outcome"] not in outcomes:
        return f"{number} ({row['outcome']})"
    if must_be_owed:
        return f"{number} (nothing owed)"
    return None


def late(rows: Sequence[dict[str, Any]]) -> bool:
    """Tell whether a call for which somebody was free was not answered in time."""
    return not rows or rows[0]["answered_at"] is None or rows[0]["wait_ms"] > PROMISE_MS
