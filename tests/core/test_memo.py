"""A memo is never longer than what can be written to a channel."""

from typing import Any

import pytest
from msgspec import structs

from acd.core.directory import EntryKind
from acd.core.ids import (
    AgentId,
    CallId,
    CaseId,
    DialId,
    ElderId,
    EntryId,
    ObligationId,
    OfferId,
    PhoneId,
    PlaybackId,
    Purpose,
    QueueId,
    TerminalId,
    TrunkId,
)
from acd.core.memo import BYTES_MAX, Memo, Part, Placed, from_text, to_text
from acd.core.tables import AgentState

MS = 1_796_025_448_073
NAME = "a-name-of-twenty-"

FULL = Memo(
    call=CallId("1234-123456"),
    arrived_ms=MS,
    kind=EntryKind.EMERGENCY,
    queue=QueueId(NAME + "que"),
    entered=QueueId(NAME + "ent"),
    called=EntryId("95001"),
    trunk=TrunkId(NAME + "in"),
    caller="02160000001",
    terminal=TerminalId("02160000001"),
    elders=(ElderId("e0001"), ElderId("e0002")),
    placed=Placed(
        number="02160000001",
        since_ms=MS,
        person=AgentId("8001"),
        caller_ids=("95001",),
        obligation=ObligationId("1234-o123456"),
    ),
    case=CaseId("1234-c123456"),
    answered_ms=MS,
    first_agent=AgentId("8001"),
    agent=AgentId("8001"),
    later=AgentState.PAUSED,
    later_reason="supervisor",
    talking_since_ms=MS,
    talk_ms=123_456,
    playback=PlaybackId("n1:hl-p1234-123456"),
    disposition="call back promised",
    part=Part(
        made_ms=MS,
        phone=PhoneId("a8001"),
        agent=AgentId("8001"),
        offer=OfferId("1234-123456"),
        queue=QueueId(NAME + "que"),
        dial=DialId("1234-d123456"),
        number="02160000001",
        trunk=TrunkId(NAME + "tru"),
        purpose=Purpose("placed"),
        person=AgentId("8001"),
    ),
)
"""All that a call may have at a time, and more."""


def test_what_a_memo_usually_holds_is_written_whole() -> None:
    assert from_text(to_text(FULL)) == FULL


@pytest.mark.parametrize(
    ("much", "kept"),
    [
        ({"skills": tuple(f"dialect:{number:08}" for number in range(80))}, {"skills": ()}),
        (
            {"placed": Placed(number="1390", since_ms=MS, reference="\u62a4" * 400)},
            {"placed": Placed(number="1390", since_ms=MS)},
        ),
    ],
    ids=["skills", "reference"],
)
def test_what_the_call_can_be_served_without_goes_first(
    much: dict[str, Any], kept: dict[str, Any]
) -> None:
    """Whom they would rather have; what a person has named."""
    short = structs.replace(FULL, later_reason=None, **({"skills": ()} | kept))
    text = to_text(structs.replace(FULL, **much))
    assert len(text.encode()) <= BYTES_MAX
    assert from_text(text) == short


def test_of_many_elders_as_many_are_kept_as_there_is_room_for() -> None:
    """A home's terminal: they stand at the terminal in the directory as well."""
    many = tuple(ElderId(f"e{number:04}") for number in range(300))
    text = to_text(structs.replace(FULL, elders=many))
    found = from_text(text)
    assert found is not None and found.elders == many[: len(found.elders)]
    assert BYTES_MAX - 10 < len(text) <= BYTES_MAX
