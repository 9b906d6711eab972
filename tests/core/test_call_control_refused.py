"""Every action in every wrong state, and every number that cannot be had: a refusal that says why,
spoken by code and written by request, and nothing changed."""

from typing import Any

import pytest

from acd.core.call_control.keys import CODES as EVERY_CODE
from acd.core.call_control.keys import REFUSED
from acd.core.facts import RequestRefused
from acd.core.ids import AgentId
from acd.core.replies import Refusal, Refused
from acd.core.tables import AgentState
from tests.core.dump import dump
from tests.core.story import Story, tell

TALKING = """
0.000  A calls 95002 | offered A; ring 8011 for A; open room A
1.000  8011 answers  | offer accepted 8011; answer A; join A 8011
1.002  A, 8011 enter | answered A by 8011, wait 1.002
"""
AGENTS = "8011 8012 8001"


def situation(*moments: str) -> Story:
    """A conversation of A and 8011, and what has happened since."""
    story = tell(TALKING, agents=AGENTS, away="8013")
    for n, what in enumerate(moments):
        story.moment(f"{2 + n}.000", what)
    return story


def known(story: Story) -> list[Any]:
    """All that the core knows, without what it has just said."""
    return [pair for pair in dump(story.core.state) if pair[0] != "effects"]


CONSULTING = ("8011 presses *128012#", "8011, A enter")
ASKED = (*CONSULTING, "8012 answers", "8012 enters")

# What has happened; who presses; which code; why not.
# fmt: off
CODES = [
    ((), "8011", "*13", "no_transfer"),
    ((), "8011", "*14", "no_transfer"),
    ((), "8011", "*15", "no_transfer"),
    ((), "8011", "*11#", "no_number"),
    ((), "8011", "*12#", "agent_not_free"),
    ((), "8011", "*1100#", "not_a_number"),
    ((), "8011", "*12110#", "rescue_number"),
    ((), "8011", "*1112345678901234567#", "not_a_number"),
    ((), "8011", "*118011#", "yourself"),
    ((), "8011", "*128011#", "yourself"),
    ((), "8011", "*128013#", "agent_not_free"),
    ((), "8011", "*118013#", "agent_not_free"),
    ((), "8011", "*12120#", "rescue_number"),
    ((), "8011", "*1295002#", "not_for_queues"),
    (("phone 8012 is busy",), "8011", "*128012#", "agent_not_free"),
    (("phone 8012 is gone",), "8011", "*118012#", "agent_not_free"),
    (("8012 asks to pause for rest",), "8011", "*118012#", "agent_not_free"),
    (("directory: queue enquiry removed",), "8011", "*1195002#", "unknown_number"),
    (CONSULTING, "8011", "*10", "transfer_under_way"),
    (CONSULTING, "8011", "*118001#", "transfer_under_way"),
    (CONSULTING, "8011", "*128001#", "transfer_under_way"),
    (CONSULTING, "8011", "*13", "not_answered_yet"),
    (CONSULTING, "8011", "*14", "not_answered_yet"),
    (ASKED, "8012", "*10", "no_conversation"),
    (ASKED, "8012", "*13", "no_conversation"),
    (ASKED, "8012", "*118001#", "no_conversation"),
    ((*ASKED, "8011 presses *14", "8011, 8012 enter", "A has heard it", "A enters"),
     "8011", "*1195001#", "not_alone"),
]
# fmt: on


@pytest.mark.parametrize(("before", "who", "code", "why"), CODES)
def test_a_code_that_cannot_be_is_refused_aloud_and_nothing_changes(
    before: tuple[str, ...], who: str, code: str, why: str
) -> None:
    """The agent alone hears why; apart from that prompt the switch is as it was."""
    story = situation(*before)
    story.moment("30.000" if not before else "11.900", f"{who} presses {code[:-1]}")
    facts = [e for e in story.effects if isinstance(e, RequestRefused)]
    agent = story.core.state.agents
    states = {key: one.state for key, one in agent.items()}
    wanted = {key: leg.wanted for key, leg in story.core.state.legs.items()}
    shown = story.moment("30.000" if not before else "11.900", f"{who} presses {code[-1]}")
    (told,) = [e for e in story.effects if isinstance(e, RequestRefused)][len(facts) :]
    assert told.refusal == why
    spoken = " ".join(REFUSED[Refusal(why)])
    assert f"play {spoken} to {who}" in shown
    assert {key: one.state for key, one in agent.items()} == states
    assert {key: leg.wanted for key, leg in story.core.state.legs.items()} == wanted


# In a conversation on the enquiry line: what an agent dials, and what comes of it.
# fmt: off
EVERY = {
    "*10": "hold A", "*118012#": "blind A to 8012 by 8011", "*128012#": "consult A to 8012 by 8011",
    "*13": "no_transfer", "*14": "no_transfer", "*15": "no_transfer",
    "*1612#": "send 12 to A", "*17": "gain 1 for A", "*18": "gain -1 for A",
    "*2001": "8011 says settled", "*2077": "unknown_outcome", "*211": "case opened by 8011",
    "*22": "nobody_called", "*30": "8011 says no response", "*31": "8011 says responds",
    "*90": "case opened by 8011", "*911#": "no_case", "*92": "not_aside", "*93": "no_case",
    "*94": "no_case", "*95": "no_case", "*96": "no_case", "*97": "no_case", "*98": "no_case",
    "*991#": "no_case",
}
# fmt: on


@pytest.mark.parametrize("code", EVERY)
def test_every_code_says_what_came_of_it(code: str) -> None:
    """Done, or refused aloud with the reason; what is refused leaves every leg and agent alone."""
    assert {dialled[:3] for dialled in EVERY} == set(EVERY_CODE), "a code without a row"
    story = situation("time passes")
    before = {key: leg.wanted for key, leg in story.core.state.legs.items()}
    shown = story.moment("5.000", f"8011 presses {code}")
    outcome = EVERY[code]
    if outcome not in set(Refusal):
        assert outcome in shown and "refused" not in shown
        return
    assert f"refused {outcome}; play " in shown and shown.endswith(" to 8011")
    assert {key: leg.wanted for key, leg in story.core.state.legs.items()} == before
    assert story.core.state.agents[AgentId("8011")].state is AgentState.TALKING


@pytest.mark.parametrize("code", ["*118012#", "*128012#"])
def test_somebody_who_is_not_responding_is_given_nobody(code: str) -> None:
    """8012 has just refused a ring: their phone rests, and the caller stays with 8011."""
    story = situation("B calls 95002", "8012 is refused with 486")
    assert story.core.state.agents[AgentId("8012")].state is AgentState.NOT_RESPONDING
    before = {key: leg.wanted for key, leg in story.core.state.legs.items()}
    shown = story.moment("3.500", f"8011 presses {code}")
    assert shown == "refused agent_not_free; play refused-agent-not-free to 8011"
    assert {key: leg.wanted for key, leg in story.core.state.legs.items()} == before


@pytest.mark.parametrize("action", ["complete", "join", "back", "resume", "transfer", "consult"])
def test_a_request_that_cannot_be_changes_nothing_at_all(action: str) -> None:
    """Byte for byte, once the request itself has been counted."""
    story = situation()
    story.moment("2.000", "time passes")
    before = known(story)
    story.moment("2.000", f"somebody asks to {action} A")
    (reply,) = [e for e in story.effects if isinstance(e, Refused)]
    assert reply.sentence.endswith(".")
    assert known(story) == before


def test_codes_on_a_call_that_has_ended() -> None:
    """The call is known no more, nor is the leg."""
    tell(
        f"""
        {TALKING.strip()}
        3.000  A hangs up                | hang up 8011
        3.001  8011 presses *10          | refused no_conversation
        3.002  8011 is gone              | 8011 wrap_up; close room A;
                                         | ended A answered, wait 1.002, talk 1.998
        3.003  somebody asks to hold A   | refused unknown_call; no: There is no live call 7-1.
        """,
        agents=AGENTS,
        away="8013",
    )


def test_a_ninth_in_the_conference_is_refused() -> None:
    """Seven agents and the caller are in it: the eighth agent stays with whoever asked."""
    agents = [f"80{number}" for number in range(11, 20)]
    story = tell(TALKING, agents=" ".join(agents))
    second = 2
    for colleague in agents[1:7]:
        for what in (
            f"8011 presses *12{colleague}#; 8011 enters",
            f"{colleague} answers; {colleague} enters",
            f"8011 presses *14; 8011, {colleague} enter",
        ):
            story.moment(f"{second}.000", what)
            second += 1
            if second == 4:
                story.moment("3.900", "A enters")
            if second == 5:
                story.moment("4.900", "A has heard it")
                story.moment("4.901", "A enters")
    assert len(story.core.state.rooms) == 1
    story.moment(f"{second}.000", f"8011 presses *12{agents[7]}#; 8011 enters")
    story.moment(f"{second + 1}.000", f"{agents[7]} answers; {agents[7]} enters")
    shown = story.moment(f"{second + 2}.000", "8011 presses *14")
    assert "refused conference_full" in shown
    assert "play refused-conference-full to 8011" in shown
