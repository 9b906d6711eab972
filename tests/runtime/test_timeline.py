"""The timeline of an emergency is whole, in order and in plain words (E42)."""

import msgspec

from acd.adapters.postgres.cases import CaseFact
from acd.adapters.postgres.projection import fact_row
from acd.adapters.postgres.rows import FactRow
from acd.core.events import Heard
from acd.core.facts import LegHeard
from acd.core.ids import CallId, LegId
from acd.runtime.explain.timeline import Entry, entries
from acd.runtime.records import Numbering
from tests.core.story import Story, go_on
from tests.core.test_stories_case import TO_RESCUE, with_b

SAFE = """
    9.000  8001 presses *914#  | dial 01390000001 over carrier-a as 02109500101
   10.000  01390000001 rings   | -
   11.000  8001 presses *97    | case safe by 8001; dialled 01390000001: withdrawn;
                               | hang up 01390000001; play case-safe to 8001
   11.010  01390000001 is gone | -
   12.000  A hangs up          | hang up 8002
"""

WHOLE = """\
0.000 Caller 0216000A dialled 95001.
0.000 Agent 8001 was rung.
1.000 Agent 8001 answered.
1.002 Agent 8001 and the caller heard each other.
1.002 From the caller came sound, and no near speech.
1.002 From the caller came speech.
1.402 The caller spoke, 0.4 s after they could first.
3.000 Agent 8001 pressed *.
3.000 Agent 8001 pressed 9.
3.000 Agent 8001 pressed 0.
3.000 The case was opened, by agent 8001.
3.000 Report (task) was owed.
3.000 Revisit (task) was owed.
3.000 Leader (task) was owed.
3.000 Agent 8001 was told: case-open.
3.000 Agent 8002 was rung to be B.
5.000 Agent 8002 answered.
5.000 Agent 8002 was B.
5.002 Agent 8002 was with the caller.
6.000 Agent 8001 pressed *.
6.000 Agent 8001 pressed 9.
6.000 Agent 8001 pressed 1.
6.000 Agent 8001 pressed 1.
6.000 Agent 8001 pressed #.
6.000 90120 was dialled over carrier-a for agent 8001.
6.002 Agent 8001 was in the rescue room.
6.500 Agent 8001 was told: tone:ring.
8.000 90120 picked up after ringing for 1.500 s.
8.000 120 was on the line with agent 8001.
8.000 Ask medical (task) was owed.
8.002 90120 was in the rescue room."""


def told(story: Story) -> list[Entry]:
    """Return what the records of a story tell of its case."""
    return entries_of([fact_row(number, fact) for number, fact in Numbering().kept(story.effects)])


def entries_of(rows: list[FactRow]) -> list[Entry]:
    return entries(
        [
            CaseFact(
                at=row.at,
                kind=row.kind,
                call=row.call,
                body=msgspec.json.decode(msgspec.json.encode(row.body)),
            )
            for row in rows
        ]
    )


def lines(story: Story) -> list[str]:
    return [f"{entry.after_ms / 1000:.3f} {entry.sentence}" for entry in told(story)]


def test_everything_from_the_first_ring_on_is_there() -> None:
    """Every line, dial, prompt, key, person and role, in ms."""
    assert lines(go_on(with_b(), TO_RESCUE)) == WHOLE.splitlines()


def test_whoever_is_let_go_or_leaves_is_told_too() -> None:
    """E41: who was rung is not called any more, and what was set going is owed to be cancelled."""
    shown = lines(go_on(go_on(with_b(), TO_RESCUE), SAFE))
    assert [
        line for line in shown if line.startswith(("11.", "12.")) and "pressed" not in line
    ] == [
        "11.000 The elder was said to be safe, by agent 8001.",
        "11.000 01390000001 was not called any more after ringing for 1.000 s.",
        "11.000 Ask medical (task) was ended: not_needed.",
        "11.000 Rescue to cancel (task) was owed.",
        "11.000 Agent 8001 was told: case-safe.",
        "11.010 01390000001's line ended: hung up.",
        "12.000 The caller's line ended: hung up; the line had been up for 11.000 s.",
    ]
    assert "10.000 01390000001's telephone rang." in shown


def test_what_came_from_the_line_is_told() -> None:
    """E33, E42: each label, when it changed."""
    heard = [
        LegHeard(at_ms=at, call=CallId("7-1"), arrived_ms=0, leg=LegId("n1:A"), heard=label)
        for at, label in enumerate(Heard, 1_000)
    ]
    rows = [fact_row(number, fact) for number, fact in enumerate(heard, 1)]
    assert [(entry.after_ms, entry.sentence) for entry in entries_of(rows)] == [
        (0, "From the caller came speech."),
        (1, "From the caller came sound, and no near speech."),
        (2, "From the caller came silence."),
        (3, "From the caller came no audio at all."),
        (4, "From the caller came audio again."),
    ]


def test_nothing_is_told_of_a_case_without_facts() -> None:
    assert entries([]) == []
