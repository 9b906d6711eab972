"""What people and telephones do wrong in an emergency: each has a result that is spoken to the
agent or shown, and the caller stays connected (E03, E05, E10, E14–E17, E28, E45, C17).

One row a mistake.  ``spoken`` is what the agent hears, ``shown`` what a desk or the record tells; a
row's last moment is the one they are looked for in.
"""

from typing import NamedTuple

import pytest

from acd.core.call_control import rooms
from acd.core.ids import LegId
from acd.core.tables import LegState
from tests.core.story import Story, tell
from tests.core.test_stories_case import B_JOINS, TALKING, TO_RESCUE

CASE = """
    3.000  8001 presses *90 | case opened by 8001; play case-open to 8001
    4.000  8001 has heard it | -
    """
DIALLED = """
    6.000  8001 presses *911# | dial 90120 over carrier-a as 02109500101; open side A;
                              | stop case-open; aside 8001
    6.002  8001 enters        | -
    """
WITH_B = TALKING + B_JOINS
ONE = "8001"
TWO = "8001 8002"


class Row(NamedTuple):
    """``before`` is a story's beginning, ``moments`` what goes wrong in it, each at its second."""

    name: str
    before: str
    moments: tuple[tuple[str, str], ...]
    spoken: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()
    agents: str = TWO
    away: str = ""


CLOSED = (
    ("6.000", "8001 asks to outcome the case with settled"),
    ("6.100", "8001 asks to close the case"),
)

ROWS = (
    Row(
        "the rescue number is busy",
        WITH_B + DIALLED,
        (("7.000", "90120 is refused with 486"),),
        spoken=("outbound-busy to 8001",),
        shown=("dialled 90120: busy",),
    ),
    Row(
        "the rescue number does not exist",
        WITH_B + DIALLED,
        (("7.000", "90120 is refused with 404"),),
        spoken=("outbound-unreachable to 8001",),
        shown=("dialled 90120: unreachable",),
    ),
    Row(
        "no operator carries the rescue call",
        WITH_B + DIALLED,
        (("7.000", "90120 is refused with 503"), ("7.100", "90120 is refused with 503")),
        spoken=("refused-no-trunk to 8001",),
        shown=("dialled 90120: no_trunk",),
    ),
    Row(
        "nobody answers at the rescue number",
        WITH_B + DIALLED,
        (("7.000", "90120 rings"), ("37.000", "time passes"), ("37.010", "90120 is gone")),
        spoken=("outbound-no-answer to 8001",),
    ),
    Row(
        "a recording answers at the rescue number, and hangs up",
        WITH_B + TO_RESCUE,
        (("9.000", "90120 hangs up"), ("12.000", "8001 presses *22")),
        spoken=("outbound-unreachable to 8001",),
        shown=("case medical was a recording by 8001",),
    ),
    Row(
        "a recording answers at the rescue number, and goes on",
        WITH_B + TO_RESCUE,
        (("9.000", "8001 presses *22"),),
        spoken=("outbound-unreachable to 8001",),
        shown=("case medical was a recording by 8001", "hang up 90120"),
    ),
    Row(
        "nobody at a rescue number is a recording",
        WITH_B,
        (("9.000", "8001 presses *22"),),
        spoken=("refused-nobody-called to 8001",),
        shown=("refused nobody_called",),
    ),
    Row(
        "apart before anybody is together",
        WITH_B,
        (("6.000", "8001 presses *94"),),
        spoken=("refused-nobody-called to 8001",),
        shown=("refused nobody_called",),
    ),
    Row(
        "together before anybody was called",
        WITH_B,
        (("6.000", "8001 presses *93"),),
        spoken=("refused-nobody-called to 8001",),
    ),
    Row(
        "to fetch before anybody was called",
        WITH_B,
        (("6.000", "8001 presses *91#"),),
        spoken=("refused-nobody-called to 8001",),
    ),
    Row(
        "back to the caller without having gone",
        WITH_B,
        (("6.000", "8001 presses *92"),),
        spoken=("agent-refused-in-this-state to 8001",),
        shown=("refused not_aside",),
    ),
    Row(
        "a private talk with nobody",
        TALKING + CASE,
        (("6.000", "8001 presses *95"),),
        spoken=("refused-nobody-to-hear to 8001",),
        agents=ONE,
    ),
    Row(
        "to call 120 before there is a case",
        TALKING,
        (("6.000", "8001 presses *911#"),),
        spoken=("refused-no-case to 8001",),
    ),
    Row(
        "help at the door of no case",
        TALKING,
        (("6.000", "8001 presses *98"),),
        spoken=("refused-no-case to 8001",),
    ),
    Row(
        "a code that does not exist",
        WITH_B,
        (("6.000", "8001 presses *89"),),
        spoken=("agent-invalid-code to 8001",),
        shown=("refused unknown_code",),
    ),
    Row(
        "a code that is never finished",
        WITH_B,
        (("6.000", "8001 presses *91"), ("14.000", "time passes")),
        spoken=("agent-invalid-code to 8001",),
    ),
    Row(
        "a case that B is in already",
        WITH_B,
        (("6.000", "8002 presses *90"),),
        spoken=("refused-b-is-there to 8002",),
        shown=("refused role_taken",),
    ),
    Row(
        "the same case once more, while B is still rung",
        TALKING + CASE.replace("to 8001\n", "to 8001; ring 8002 for A\n", 1),
        (("6.000", "8001 presses *90"),),
        spoken=("case-open to 8001",),
    ),
    Row(
        "an elder with no contacts",
        WITH_B.replace("A calls 95001 ", "A calls 95001 without contacts "),
        (("6.000", "8001 presses *914#"),),
        spoken=("refused-no-contact to 8001",),
        shown=("refused no_contact",),
    ),
    Row(
        "no third contact",
        WITH_B,
        (("6.000", "8001 presses *916#"),),
        spoken=("refused-no-contact to 8001",),
    ),
    Row(
        "what is no number",
        WITH_B,
        (("6.000", "8001 presses *9112#"),),
        spoken=("refused-unknown-number to 8001",),
        shown=("refused not_a_number",),
    ),
    Row(
        "a contact who is an agent",
        WITH_B,
        (("6.000", "8001 presses *918002#"),),
        spoken=("refused-unknown-number to 8001",),
    ),
    Row(
        "a number of our own",
        WITH_B,
        (("6.000", "8001 presses *9195001#"),),
        spoken=("refused-unknown-number to 8001",),
    ),
    Row(
        "a number that is being called already",
        WITH_B + TO_RESCUE,
        (("9.000", "8001 presses *911#"),),
        spoken=("refused-number-in-call to 8001",),
    ),
    Row(
        "a wrong number answers, and hangs up",
        WITH_B,
        (
            ("6.000", "8001 presses *914#"),
            ("6.002", "8001 enters"),
            ("7.000", "01390000001 answers"),
            ("7.002", "01390000001 enters"),
            ("9.000", "01390000001 hangs up"),
        ),
        spoken=("party-gone to 8001",),
    ),
    Row(
        "no second phone at the seat",
        WITH_B,
        (("6.000", "8001 presses *991#"),),
        spoken=("refused-no-second-phone to 8001",),
    ),
    Row(
        "help at the door of a case that is closed",
        WITH_B,
        (*CLOSED, ("7.000", "8001 presses *98")),
        spoken=("refused-no-case to 8001",),
    ),
    Row(
        "to call 120 in a case that is closed",
        WITH_B,
        (*CLOSED, ("7.000", "8001 presses *911#")),
        spoken=("refused-no-case to 8001",),
    ),
    Row(
        "to close what is closed",
        WITH_B,
        (*CLOSED, ("7.000", "8001 asks to close the case")),
        shown=("no: There is no open case",),
    ),
    Row(
        "a case after the one that was closed too early",
        WITH_B,
        (*CLOSED, ("7.000", "8001 presses *90")),
        spoken=("case-open to 8001",),
        shown=("case opened by 8001",),
    ),
    Row(
        "a second agent who answers the same elder and begins",
        TALKING + CASE,
        (
            ("6.000", "B calls 95001 as A"),
            ("6.100", "8002 asks to log in at s8002"),
            ("7.000", "8002 answers"),
            ("7.002", "B, 8002 enter"),
            ("8.000", "8002 presses *90"),
        ),
        spoken=("refused-b-is-there to 8002",),
        agents=ONE,
        away="8002",
    ),
    Row(
        "to close without an outcome",
        WITH_B,
        (("6.000", "8001 asks to close the case"),),
        shown=("no: Say first how it went",),
    ),
    Row(
        "an outcome that does not exist",
        WITH_B,
        (("6.000", "8001 asks to outcome the case with splendid"),),
        shown=("no: There is no outcome 'splendid'",),
    ),
    Row(
        "to agree where nobody has asked",
        WITH_B,
        (("6.000", "8002 asks to agree the case"),),
        shown=("no: ",),
    ),
    Row(
        "a role to somebody who is in the case",
        WITH_B,
        (("6.000", "8001 asks to hand_over the case to 8002 as a"),),
        shown=("no: Agent 8002 is in this case.",),
    ),
    Row(
        "a role to nobody",
        WITH_B,
        (("6.000", "8001 asks to hand_over the case to 8999 as a"),),
        shown=("no: There is no agent 8999.",),
    ),
)


@pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])
def test_a_mistake_is_spoken_or_shown_and_the_caller_stays(row: Row) -> None:
    story = tell(row.before, agents=row.agents, away=row.away)
    *before, (at, last) = row.moments
    for time, what in before:
        story.moment(time, what)
    told = story.moment(at, last)
    for prompt in row.spoken:
        assert f"play {prompt}" in told, told
    for words in row.shown:
        assert words in told, told
    assert row.spoken or row.shown
    assert is_connected(story), told


def is_connected(story: Story) -> bool:
    """The caller's line is up, and with people or at the music."""
    s = story.core.state
    caller = s.legs[LegId("n1:A")]
    call = s.calls[caller.call]
    assert call.room is not None
    others = [s.legs[key] for key in call.legs if key != caller.id]
    with_people = any(leg.wanted == call.room.id and leg.state is LegState.UP for leg in others)
    in_room = caller.wanted == call.room.id and with_people
    is_up = caller.state is LegState.UP and not caller.ended_by_us
    return is_up and (in_room or rooms.has_music(s, caller))
