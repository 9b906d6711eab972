"""What the core is told of a test, from the record of the call (W48)."""

from datetime import UTC, datetime

import pytest

from acd.adapters.http.terminals import TestBody
from acd.adapters.postgres.history import CallRecord
from acd.core.directory import DeviceTest
from acd.core.ids import RequestId
from acd.runtime.api.terminals import owed_to, told_of_test
from tests.core.story import tell
from tests.runtime.test_http import CALL, TERMINAL

WHEN = datetime(2026, 3, 14, 2, 30, tzinfo=UTC)
BODY = TestBody(agent="8001", kind=DeviceTest.MAINTENANCE, staff="M-17", terminal="t1")


def record(**more: object) -> CallRecord:
    fields = CALL | {"arrived_at": WHEN, "answered_at": WHEN, "caller": "0216", "called": "0217"}
    return CallRecord(**fields | more)


@pytest.mark.parametrize(
    ("direction", "terminal", "number", "known"),
    [
        ("inbound", "t1", "0216", "t1"),
        ("inbound", None, "0216", None),
        ("outbound", "t1", None, None),
    ],
)
def test_only_a_call_of_theirs_shows_the_number_of_a_terminal(
    direction: str, terminal: str | None, number: str | None, known: str | None
) -> None:
    """We reach a terminal also when its key is broken."""
    call = record(direction=direction, terminal=terminal)
    told = told_of_test(RequestId("r"), call, TERMINAL, BODY)
    assert (told.number, told.known, told.terminal, told.elders) == (
        number, known, "t1", ("e0001",),
    )  # fmt: skip
    assert told.answered_ms == told.arrived_ms == int(WHEN.timestamp() * 1000)


def test_what_is_owed_to_a_terminal_is_shown_with_it() -> None:
    story = tell(
        "0.000  terminal T1 has not called for long | task terminal_test of T1 owed", owed=True
    )
    assert [one.why for one in owed_to(story.core.state, "T1")] == ["terminal_test"]
    assert owed_to(story.core.state, "T2") == []
