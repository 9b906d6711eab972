"""Which outside numbers somebody may choose, and how many at once (X11).  Rescue is never refused
for it: tests/core/test_stories_placed.py."""

import pytest

from acd.core import directory, toll, transfers
from acd.core.emergency import parties
from acd.core.ids import AgentId
from acd.core.keys import REFUSED
from acd.core.placing import PLACED
from acd.core.placing import REFUSED as PLACED_REFUSED
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
    assert {PLACED, transfers.PURPOSE} == toll.CHOSEN
    assert parties.PURPOSE not in toll.CHOSEN


def test_each_refusal_is_said() -> None:
    for refusal in (Refusal.TOLL_NUMBER, Refusal.TOO_MANY_AT_ONCE):
        assert REFUSED[refusal] == PLACED_REFUSED[refusal]
