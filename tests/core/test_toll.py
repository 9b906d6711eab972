"""Which outside numbers somebody may choose, and how many at once (X11).  Rescue is never refused
for it: tests/core/test_stories_placed.py."""

import pytest

from acd.core import directory
from acd.core.call_control import transfers
from acd.core.call_control.keys import REFUSED
from acd.core.emergency import parties
from acd.core.events import CallbackRequested, SpendingDefined
from acd.core.ids import AgentId, QueueId, RequestId
from acd.core.outside import spending, toll
from acd.core.outside.placing import PLACED
from acd.core.outside.placing import REFUSED as PLACED_REFUSED
from acd.core.replies import Refusal
from tests.core.story import Story, go_on, tell

ABROAD = "0033142685300"


def supervised(story: Story, agent: str) -> Story:
    """Make somebody a supervisor, as the directory would."""
    record = story.core.state.agents[AgentId(agent)]
    record.profile = directory.Agent(
        **{name: getattr(record.profile, name) for name in directory.Agent.__struct_fields__}
        | {"role": directory.Role.SUPERVISOR}
    )
    return story


@pytest.mark.parametrize("number", [ABROAD, "+33142685300", "16812345", "16001"])
def test_an_agent_does_not_choose_a_costly_number(number: str) -> None:
    """By the API nothing rings; by the phone it is said."""
    story = tell("0.000  time passes | -", agents="8001 8002")
    shown = story.moment("1.000", f"8001 asks to call {number}")
    assert shown.startswith("refused toll_number; no: "), shown
    assert not story.core.state.calls
    if number.isdigit():
        shown = story.moment("2.000", f"8001 dials 9{number}")
        assert "play agent-not-allowed to desk 8001" in shown, shown
    assert not story.core.state.dials


@pytest.mark.parametrize("number", ["13900000001", "02160000001", "4008123456", "95588"])
def test_ordinary_numbers_are_for_everybody(number: str) -> None:
    story = tell("0.000  time passes | -", agents="8001")
    assert story.moment("1.000", f"8001 asks to call {number}").startswith(f"placed {number}")


def test_a_supervisor_may() -> None:
    story = supervised(tell("0.000  time passes | -", agents="8001"), "8001")
    assert story.moment("1.000", f"8001 asks to call {ABROAD}").startswith(f"placed {ABROAD}")


def test_a_caller_is_not_given_away_to_a_costly_number() -> None:
    """*11 and *12 choose too; the caller stays where they are."""
    for code in ("*11", "*12"):
        story = tell(
            """
            0.000  A calls 95001  | offered A; ring 8001 for A; open room A
            0.800  8001 answers   | offer accepted 8001; answer A; join A 8001
            0.802  A, 8001 enter  | answered A by 8001, wait 0.802
            """,
            agents="8001 8002",
        )
        shown = story.moment("5.000", f"8001 presses {code}{ABROAD}#")
        assert "toll_number" in shown, shown
        assert not story.core.state.dials


def test_the_fourth_outside_number_at_once_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted per agent; when one is over there is room again."""
    monkeypatch.setattr(toll, "AT_ONCE_MAX", 1)
    story = tell(
        """
        0.000  8001 dials 913900000001 | placed 13900000001 by 8001; answer desk 8001;
          | dial 13900000001 over carrier-a as 02109500101; open room 13900000001
        """,
        agents="8001 8002",
    )
    s = story.core.state
    found = toll.refused(s, "13900000002", by=AgentId("8001"))
    assert found is not None and found.refusal is Refusal.TOO_MANY_AT_ONCE
    assert toll.refused(s, "13900000002", by=AgentId("8002")) is None
    go_on(story, "1.000  13900000001 is gone (busy) | dialled 13900000001: busy; "
                 "play outbound-busy to desk 8001")  # fmt: skip
    assert toll.refused(s, "13900000002", by=AgentId("8001")) is None


# A day's minutes -------------------------------------------------------------------------------


def spent(story: Story, ceiling_ms: int | None, *hours: tuple[int, int]) -> Story:
    """Say what a day may cost and has cost; an hour is told back from now."""
    now = story.core.state.now
    by_hour = tuple((now // spending.HOUR_MS - back, ms) for back, ms in hours)
    story.step(now, SpendingDefined(ceiling_ms=ceiling_ms, spent=by_hour))
    return story


TALK = """
    0.000  8001 asks to call 13900000001 about case-7 | placed 13900000001 by 8001;
      | ring 8001 for 13900000001; done: offered; open room 13900000001
    1.000  8001 answers  | offer accepted 8001; dial 13900000001 over carrier-a as 02109500101
    3.000  13900000001 rings  | play tone:ring to 8001
    9.000  13900000001 answers        | dialled 13900000001: answered; stop tone:ring;
      | join 13900000001 8001
    9.002  13900000001, 8001 enter    | reached 13900000001 by 8001, wait 9.002"""


def test_what_a_chosen_call_takes_is_counted_while_it_goes_on_and_for_a_day() -> None:
    story = tell(TALK, agents="8001")
    s = story.core.state
    assert spending.spent_ms(s, s.now + 1_000) == 1_002
    go_on(story, """
        69.002 13900000001 hangs up       | hang up 8001
        69.010 8001 is gone            | 8001 wrap_up; close room 13900000001;
          | ended 13900000001 answered, talk 60.000
        """)  # fmt: skip
    assert spending.spent_ms(s, s.now) == 60_002
    assert spending.spent_ms(s, s.now + 23 * spending.HOUR_MS) == 60_002
    assert spending.spent_ms(s, s.now + 24 * spending.HOUR_MS) == 0


def test_at_the_ceiling_nobody_chooses_a_number_and_a_supervisor_neither() -> None:
    """By the API it is told, by the phone it is said, and 1 ms less is enough."""
    story = tell("0.000  time passes | -", agents="8001 8002")
    spent(supervised(story, "8001"), 60_000, (1, 59_999))
    s = story.core.state
    assert toll.refused(s, "13900000002", by=AgentId("8001")) is None
    spent(story, 60_000, (1, 1))
    for agent in ("8001", "8002"):
        found = toll.refused(s, "13900000002", by=AgentId(agent))
        assert found is not None
        assert found.refusal is Refusal.COST_CEILING
    shown = story.moment("1.000", "8001 asks to call 13900000002")
    assert shown.startswith("refused cost_ceiling; no: "), shown
    shown = story.moment("2.000", "8002 dials 913900000002")
    assert "play agent-not-allowed to desk 8002" in shown, shown


def test_without_a_ceiling_nothing_is_refused() -> None:
    story = spent(tell("0.000  time passes | -", agents="8001"), None, (0, 10**12))
    assert toll.refused(story.core.state, "13900000002", by=AgentId("8001")) is None


def test_what_is_older_than_a_day_costs_nothing_any_more() -> None:
    story = spent(tell("0.000  time passes | -", agents="8001"), 60_000, (24, 10**9), (23, 1))
    assert spending.spent_ms(story.core.state, story.core.state.now) == 1


def test_a_conversation_at_the_ceiling_goes_on() -> None:
    story = spent(tell(TALK, agents="8001"), 1)
    assert story.moment("30.000", "time passes") == "-"
    assert story.core.state.calls


def test_whoever_is_cared_for_is_called_whatever_it_costs() -> None:
    """Somebody who is owed a call, the caller and the contacts of a call, and what an emergency
    asks for; the fire brigade was never asked for (tests/core/test_stories_placed.py)."""
    story = tell(
        """
        0.000  A calls 95001  | offered A; ring 8001 for A; open room A
        0.800  8001 answers   | offer accepted 8001; answer A; join A 8001
        0.802  A, 8001 enter  | answered A by 8001, wait 0.802
        """,
        agents="8001 8002",
    )
    spent(story, 1, (0, 1))
    s = story.core.state
    by = AgentId("8001")
    (call,) = s.calls.values()
    assert toll.refused(s, "13900000003", by=by, known=(None, "13900000003")) is None
    assert toll.refused(s, "13900000002", by=by, call=call) is None, "its entry is for emergencies"
    found = toll.refused(s, "13900000002", by=by)
    assert found is not None and found.refusal is Refusal.COST_CEILING
    assert toll.refused(s, "13900000002", by=None) is None, "a callback is owed, not chosen"
    story.step(
        s.now,
        CallbackRequested(
            request=RequestId("r-owed"), queue=QueueId(next(iter(s.lines))), number="13900000002",
        ),
    )  # fmt: skip
    assert toll.refused(s, "13900000002", by=by) is None


def test_the_calls_own_numbers_are_known() -> None:
    """An elder's daughter abroad is called, and a caller from abroad is called back."""
    s = tell("0.000  time passes | -", agents="8001").core.state
    by = AgentId("8001")
    assert toll.refused(s, ABROAD, by=by, known=(None, ABROAD)) is None
    assert toll.refused(s, ABROAD, by=by, known=(None, "0049301234567")) is not None


def test_a_callback_is_not_asked_for_to_a_costly_number() -> None:
    """Whoever asks elsewhere is not known here."""
    s = tell("0.000  time passes | -", agents="8001").core.state
    found = toll.refused(s, ABROAD, by=None)
    assert found is not None and found.refusal is Refusal.TOLL_NUMBER


def test_what_is_counted_are_the_chosen_numbers() -> None:
    """In an emergency 110, 119, 120 and all contacts may be on the line at once, and one more."""
    assert {PLACED, transfers.PURPOSE} == spending.CHOSEN
    assert parties.PURPOSE not in spending.CHOSEN


def test_each_refusal_is_said() -> None:
    for refusal in (Refusal.TOLL_NUMBER, Refusal.TOO_MANY_AT_ONCE, Refusal.COST_CEILING):
        assert REFUSED[refusal] == PLACED_REFUSED[refusal]
