"""A change of the configuration on trial: is the switch ready under it, or is it to be taken back?

Pure: who tries brings the time and what is wrong.  Time counts only while something can be told:
with Asterisk away nothing follows about a directory.
"""

from collections.abc import Sequence
from enum import StrEnum

from acd.adapters.postgres.directory import Directory


class Verdict(StrEnum):
    """What is known of a change."""

    OPEN = "open"
    GOOD = "good"
    BAD = "bad"


class Trial:
    """One change's; ``patience_ms`` is how long it may leave the switch not ready."""

    def __init__(self, *, patience_ms: int, now_ms: int) -> None:
        self._patience_ms = patience_ms
        self._looked_ms = now_ms
        self._failing_ms = 0
        self.verdict = Verdict.OPEN

    def look(self, now_ms: int, faults: Sequence[str], *, can_tell: bool) -> Verdict:
        """Take one look; once good or bad it stays so."""
        since_ms, self._looked_ms = now_ms - self._looked_ms, now_ms
        if self.verdict is not Verdict.OPEN or not can_tell:
            return self.verdict
        if not faults:
            self.verdict = Verdict.GOOD
            return self.verdict
        self._failing_ms += since_ms
        if self._failing_ms >= self._patience_ms:
            self.verdict = Verdict.BAD
        return self.verdict


def lost(good: Directory | None, now: Directory) -> list[str]:
    """Return what calls need that ``good``, under which the switch was ready, had and ``now`` has
    not, a sentence each.  None: nothing is known to compare with."""
    if good is None:
        return []
    found = []
    if _in_service(good) and not _in_service(now):
        found.append("No trunk is in service any more, so no call can come.")
    if good.staffing.entries and not now.staffing.entries:
        found.append("No number is answered any more.")
    return found


def _in_service(directory: Directory) -> bool:
    return any(trunk.in_service for trunk in directory.trunks.values())
