"""Time as PostgreSQL has it, and as everything else does: epoch milliseconds."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@lru_cache(maxsize=1024)
def moment(at_ms: int) -> datetime:
    """Return epoch milliseconds as a time, exactly (a float would round).

    Remembered: what happens in one step has one time, and each has some ten columns."""
    return _EPOCH + timedelta(milliseconds=at_ms)


def epoch_ms(at: datetime) -> int:
    """Return a time as epoch milliseconds, the inverse of ``moment``."""
    return (at - _EPOCH) // timedelta(milliseconds=1)


def moment_or_none(at_ms: int | None) -> datetime | None:
    """Return epoch milliseconds as a time, or None for what never came."""
    return None if at_ms is None else moment(at_ms)
