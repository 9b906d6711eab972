"""A ring told before its step (decision 27) is the one that the step gives, or none is told.

Every arrival in every story, storm and property test is asked about too, and compared; here stands
what is foreseen and what is not.
"""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from acd.core.commands import RingPhone
from acd.core.directory import Entry, EntryKind, Queue, Selection, Sticky, Widening
from acd.core.events import CallArrived
from acd.core.follow_up.owed import OwedFor
from acd.core.ids import AgentId, CallId, EntryId, LegId, OfferId, PhoneId, TerminalId
from acd.core.memo import Memo
from acd.core.state import State
from acd.core.switch import Core
from acd.simulation.storm import Storm
from tests.core.story import EMERGENCY, ENQUIRY, EPOCH_MS, NODE, Story, tell

CALLER = "02160000001"
NOW_MS = EPOCH_MS + 10_000
MEMO = Memo(call=CallId("c"), arrived_ms=1, kind=EntryKind.EMERGENCY, queue=EMERGENCY.id)


def arrival(**other: Any) -> CallArrived:
    """A plain caller."""
    event = CallArrived(
        leg=LegId(f"{NODE}:1.1"),
        arrived_ms=NOW_MS - 1,
        trunk=None,
        caller=CALLER,
        called=EntryId("95001"),
        terminal=TerminalId("T1"),
        has_keys=False,
    )
    return msgspec.structs.replace(event, **other)


def foreseen(core: Core, **other: Any) -> RingPhone | None:
    """Return the ring that is foreseen for such a caller; it must be the step's."""
    event = arrival(**other)
    ring = core.foresee(NOW_MS, event)
    effects = core.step(NOW_MS, event)
    rings = [one for one in effects if isinstance(one, RingPhone)]
    assert ring is None or ring == rings[0]
    return ring


def played(*moments: str, agents: str = "8001 8002", gap_s: float = 1.0, **world: Any) -> Story:
    """A story with a moment after each gap; what follows is other tests' matter."""
    story = tell("", agents=agents, **world)
    for n, what in enumerate(moments):
        story.moment(f"{n * gap_s:.3f}", what)
    return story


def queue(**policy: Any) -> tuple[Queue, Queue]:
    return msgspec.structs.replace(EMERGENCY, **policy), ENQUIRY


def test_a_terminals_ring_is_foreseen_with_all_that_is_in_the_request() -> None:
    """The main job: identifiers, ring limit, number and memo are those of the step."""
    ring = foreseen(played().core, elders=("E1",), precedence=1, recording_follows=True)
    assert ring is not None and ring.memo is not None
    assert (ring.phone, ring.caller, ring.picks_up) == (PhoneId("a8001"), CALLER, False)
    assert (ring.memo.terminal, ring.memo.elders) == (TerminalId("T1"), ("E1",))
    assert ring.memo.part is not None and ring.memo.part.agent == AgentId("8001")


@pytest.mark.parametrize(
    ("moments", "world", "rung"),
    [
        pytest.param(("A calls 95001", "B calls 95001"), {}, "8001 8002", id="one-by-one"),
        pytest.param(("A calls 95001 as 1",), {"auto": "8001"}, "8001", id="auto-answer"),
        pytest.param(("A calls 95002",), {"agents": "8011 8012"}, "8011", id="enquiry"),
        pytest.param(
            ("A calls 95001",), {"queues": queue(selection=Selection.RING_ALL)}, "8001", id="all"
        ),
        pytest.param(
            ("8001 asks to pause for training", "A calls 95001"),
            {},
            "8002",
            id="the-first-has-gone",
        ),
        pytest.param(
            ("A calls 95001 speaking dialect",), {}, "8001", id="a-language-not-asked-for"
        ),
    ],
)
def test_whom_the_step_will_ring_is_foreseen(
    moments: tuple[str, ...], world: dict[str, Any], rung: str
) -> None:
    story = played(*moments, **world)
    assert [ring.phone[1:] for ring in story.foreseen] == rung.split()


def test_a_terminal_is_not_asked_for_keys_and_its_ring_is_foreseen() -> None:
    """C28: the entry's menu is for others."""
    assert foreseen(played(agents="8011").core, called=EntryId("95003")) is not None


def test_looking_ahead_changes_nothing() -> None:
    """A replay, which never asks, decides the same."""
    asked, unasked = played().core, played().core
    for _ in range(3):
        assert asked.foresee(NOW_MS, arrival()) is not None
    assert asked.step(NOW_MS, arrival()) == unasked.step(NOW_MS, arrival())


@pytest.mark.parametrize(
    ("moments", "world"),
    [
        pytest.param(("A calls 95001",), {"agents": ""}, id="nobody-is-free"),
        pytest.param(("A calls 95001",), {"agents": "8001", "nailed": "8001"}, id="open-line"),
        pytest.param(("A calls 95001 without a number",), {}, id="withheld"),
        pytest.param(("A calls 95002 without a number",), {"agents": "8011"}, id="withheld-2"),
        pytest.param(("A calls 95009",), {"agents": "8099"}, id="proof"),
        pytest.param(("A calls 95003",), {"agents": "8011"}, id="menu"),
        pytest.param(("A calls 12345",), {}, id="no-entry"),
        pytest.param(("A has called 95001 and gone",), {}, id="gone-already"),
        pytest.param(
            ("A calls 95001 speaking dialect",),
            {"queues": queue(prefers=("dialect",))},
            id="language",
        ),
    ],
)  # fmt: skip
def test_who_is_not_plain_goes_the_ordinary_way(
    moments: tuple[str, ...], world: dict[str, Any]
) -> None:
    assert played(*moments, **world).foreseen == []


def test_the_second_call_of_a_number_goes_the_ordinary_way() -> None:
    story = played("A calls 95001", "B calls 95001 as A")
    assert [ring.phone[1:] for ring in story.foreseen] == ["8001"]


def test_who_was_not_answered_goes_the_ordinary_way() -> None:
    """K05: a callback is owed to them, and they go before the others."""
    story = played("A calls 95001", "A hangs up", "8001 is gone", "B calls 95001 as A")
    assert [ring.phone[1:] for ring in story.foreseen] == ["8001"]


def test_who_knows_somebody_goes_the_ordinary_way_as_long_as_that_counts() -> None:
    """W15."""
    talk = ("A calls 95002 as 1", "8011 answers", "A, 8011 enter", "A hangs up", "8011 is gone")
    notes = "time passes"
    for sticky, told in (((Sticky.LAST,), 1), ((), 2)):
        asked = EMERGENCY, msgspec.structs.replace(ENQUIRY, sticky=sticky)
        story = played(*talk, notes, "B calls 95002 as 1", agents="8011 8012", queues=asked)
        assert len(story.foreseen) == told


def test_who_comes_behind_somebody_who_waits_goes_the_ordinary_way() -> None:
    """T40: two without a number are served, the third leaves an agent free for B."""
    story = played(
        *(f"{name} calls 95001 without a number" for name in "XYZ"), "B calls 95001",
        agents="8001 8002 8003", gap_s=0.1,
    )  # fmt: skip
    assert story.core.state.lines[EMERGENCY.id].waiting == 1
    assert story.foreseen == []


# What the step would look at, one by one ---------------------------------------------------------


def _is_called_again(s: State) -> None:
    s.calls_from[CALLER] = {CallId("other"): None}


def _is_owed_a_call(s: State) -> None:
    s.owed_to[CALLER] = "owed"  # type: ignore[assignment]  # any will do


def _has_a_case(s: State) -> None:
    s.case_of[CALLER] = "case"  # type: ignore[assignment]  # any will do


def _has_a_test_owed(s: State) -> None:
    key = TerminalId("T1"), OwedFor.TERMINAL_TEST, ""
    s.owed_to_terminal[key] = "owed"  # type: ignore[assignment]  # any will do


def _was_in_the_fallback(s: State) -> None:
    s.unmarked[LegId(f"{NODE}:1.1")] = CallId("other")


def _is_here_already(s: State) -> None:
    s.legs[LegId(f"{NODE}:1.1")] = "leg"  # type: ignore[assignment]  # any will do


def _something_is_due(s: State) -> None:
    s.timers.set(("promise", "other"), NOW_MS)


def _somebody_is_sought(s: State) -> None:
    s.seeking_agents[AgentId("8002")] = None


def _a_call_is_sought_for(s: State) -> None:
    s.seeking_calls[CallId("other")] = None


def _a_line_is_followed(s: State) -> None:
    s.lines_to_follow[AgentId("8002")] = None
    s.open_lines[AgentId("8002")] = CallId("line")


def _the_queue_is_retired(s: State) -> None:
    s.lines[EMERGENCY.id].retired = True


def _one_agent_is_named(s: State) -> None:
    key = EntryId("95001")
    s.entries[key] = Entry(
        id=key, kind=EntryKind.EMERGENCY, queue=EMERGENCY.id, agent=AgentId("8002")
    )


def _the_head_has_gone(s: State) -> None:
    s.agents[AgentId("8001")].free_token = 0


def _the_phone_is_not_known(s: State) -> None:
    del s.phones[PhoneId("a8001")]


def _the_agent_has_no_seat(s: State) -> None:
    s.agents[AgentId("8001")].seat = None


@pytest.mark.parametrize(
    "spoil",
    [
        _is_called_again, _is_owed_a_call, _has_a_case, _has_a_test_owed, _was_in_the_fallback,
        _is_here_already, _something_is_due, _somebody_is_sought, _a_call_is_sought_for,
        _a_line_is_followed, _the_queue_is_retired, _one_agent_is_named, _the_head_has_gone,
        _the_phone_is_not_known, _the_agent_has_no_seat,
    ],
)  # fmt: skip
def test_whatever_the_step_would_look_at_makes_nothing_foreseen(
    spoil: Callable[[State], None],
) -> None:
    core = played().core
    assert core.foresee(NOW_MS, arrival()) is not None
    spoil(core.state)
    assert core.foresee(NOW_MS, arrival()) is None


@pytest.mark.parametrize(
    "other",
    [
        {"arrived_ms": NOW_MS - EMERGENCY.promise_ms},
        {"arrived_ms": NOW_MS - EMERGENCY.incident_ms},
        {"left": True},
        {"caller": None},
        {"memo": MEMO},
    ],
)  # fmt: skip
def test_a_call_that_is_late_or_not_new_goes_the_ordinary_way(other: dict[str, Any]) -> None:
    assert foreseen(played().core, **other) is None


def test_who_is_past_the_queues_first_stage_goes_the_ordinary_way() -> None:
    """A word that is late has more phones to ring at once, or other agents to reach."""
    steps = (
        *EMERGENCY.widening,
        Widening(after_ms=200, phones=2, reach=EMERGENCY.widening[0].reach),
    )
    core = played(queues=queue(widening=steps)).core
    assert core.foresee(NOW_MS, arrival(arrived_ms=NOW_MS - 199)) is not None
    assert core.foresee(NOW_MS, arrival(arrived_ms=NOW_MS - 200)) is None


def test_what_was_numbered_before_is_counted() -> None:
    """Identifiers are those that come next, whatever was numbered before."""
    story = played("A calls 95001", "B calls 95002", agents="8001 8002 8011")
    assert [ring.offer for ring in story.foreseen] == [OfferId("7-1"), OfferId("7-2")]


def test_in_a_storm_many_rings_are_foreseen_and_each_is_right() -> None:
    """``Watched`` compares each with its step."""
    storms = [Storm(seed) for seed in range(8)]
    for storm in storms:
        storm.run()
    assert sum(storm.watched.foreseen for storm in storms) >= 10
