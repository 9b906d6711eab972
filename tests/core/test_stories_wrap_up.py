"""More time for the notes: seen, asked for, and never without an end."""

import msgspec

from acd.core import views
from acd.core.directory import AgentRules
from acd.core.ids import AgentId
from tests.core.story import EMERGENCY, ENQUIRY, EPOCH_MS, tell

SHORT = msgspec.structs.replace(
    EMERGENCY, rules=AgentRules(wrap_up_extension_ms=3_000, wrap_up_ms_max=5_000)
)
TALK = """
    0.000  A calls 95001 | offered A; ring 8001 for A; open room A
    0.800  8001 answers  | offer accepted 8001; answer A; join A 8001
    0.802  A, 8001 enter | answered A by 8001, wait 0.802
    2.000  A hangs up    | hang up 8001
    2.010  8001 is gone  | 8001 wrap_up; close room A; ended A answered, wait 0.802, talk 1.198"""


def test_wrap_up_is_extended_up_to_the_queues_limit() -> None:
    """One second of its own, three more, then the one that is left; then no more."""
    tell(
        TALK
        + """
        2.500  8001 asks for more wrap-up | more wrap-up 8001 3.000; done: wrap_up
        3.010  time passes                | -
        4.000  8001 asks for more wrap-up | more wrap-up 8001 1.000; done: wrap_up
        5.000  8001 asks for more wrap-up | refused wrap_up_at_limit;
                                          | no: The wrap-up of agent 8001 is 5 s long already;
                                          | the most is 5 s.
        7.010  time passes                | 8001 ready; wrapped up 8001 5.000
        8.000  8001 asks for more wrap-up | refused not_in_wrap_up;
                                          | no: Agent 8001 is ready, not in wrap-up.
        """,
        agents="8001",
        queues=(SHORT, ENQUIRY),
    )


def test_what_an_interruption_has_cost_is_not_counted_twice() -> None:
    """The notes are 0.490 s old when a caller in danger interrupts them; the extension counts
    what was spent, not what the clock says."""
    reach = msgspec.convert(
        {**msgspec.to_builtins(SHORT), "widening": [{"after_ms": 0, "phones": 1,
                                                     "reach": "wrap_up"}]},
        type(SHORT),
    )  # fmt: skip
    tell(
        TALK
        + """
        2.500  B calls 95001              | offered B; ring 8001 for B; open room B
        4.500  time passes                | picked up B; answer B; hold B; play ack to B
        5.000  B hangs up                 | offer withdrawn 8001; hang up 8001
        5.010  8001 is gone               | 8001 wrap_up; close room B;
                                          | ended B abandoned, wait 2.500
        5.100  8001 asks for more wrap-up | more wrap-up 8001 3.000; done: wrap_up
        8.520  time passes                | 8001 ready; wrapped up 8001 4.000
        """,
        agents="8001",
        queues=(reach, ENQUIRY),
    )


def test_the_code_does_the_same() -> None:
    """*64, and what it says."""
    tell(
        TALK
        + """
        2.500  8001 dials *64          | answer desk 8001; more wrap-up 8001 3.000;
                                       | play agent-wrap-up-extended to desk 8001
        3.500  desk 8001 has heard it  | hang up desk 8001
        3.510  desk 8001 is gone       | -
        6.010  time passes             | 8001 ready; wrapped up 8001 4.000
        6.100  8001 dials *64          | answer desk 8001; refused not_in_wrap_up;
                                       | play agent-refused-in-this-state to desk 8001
        """,
        agents="8001",
        queues=(SHORT, ENQUIRY),
    )


def test_who_is_not_there_has_no_notes() -> None:
    """Bad input: logged out, and unknown."""
    tell(
        """
        0.000  8002 asks for more wrap-up | refused not_logged_in;
                                          | no: Agent 8002 is not logged in; log in first (*60).
        0.100  8009 asks for more wrap-up | refused unknown_agent; no: There is no agent 8009.
        """,
        away="8002",
    )


def test_the_agents_view_shows_when_a_state_ends() -> None:
    """Wrap-up, a reservation and the rest after a refused ring end by themselves; ready does
    not."""
    story = tell(TALK, agents="8001 8002")

    def until(agent: str) -> int | None:
        view = views.agent(story.core.state, AgentId(agent))
        assert view is not None
        return None if view.until_ms is None else view.until_ms - EPOCH_MS

    assert (until("8001"), until("8002")) == (3_010, None)
    story.moment("2.100", "8002 is to be reserved for callback, 5 s")
    assert until("8002") == 7_100
    story.moment("3.010", "time passes")
    story.moment("4.000", "B calls 95001")
    story.moment("4.100", "8001 is gone (rejected)")
    assert until("8001") == 6_100


def test_after_a_hard_call_nobody_interrupts_the_break() -> None:
    """H15: a pause for recovery is never rung out of, however long the caller waits."""
    everything = msgspec.convert(
        {**msgspec.to_builtins(EMERGENCY), "widening": [{"after_ms": 0, "phones": 1,
                                                         "reach": "break"}]},
        type(EMERGENCY),
    )  # fmt: skip
    tell(
        """
         0.000  8001 asks to pause for recovery | 8001 paused (recovery); done: paused
         0.100  8002 asks to pause for rest     | 8002 paused (rest); done: paused
         1.000  A calls 95001                   | offered A; ring 8002 for A; open room A
        """,
        agents="8001 8002",
        queues=(everything, ENQUIRY),
    )
