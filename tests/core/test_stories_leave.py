"""Leave (D08): who may go only when a supervisor has agreed, and what if none is there."""

import msgspec

from acd.core import views
from acd.core.directory import AgentRules
from acd.core.ids import AgentId
from tests.core.story import EMERGENCY, ENQUIRY, tell

MEALS = msgspec.structs.replace(EMERGENCY, rules=AgentRules(ready_min=0, consent=("meal",)))
TWO = msgspec.structs.replace(EMERGENCY, rules=AgentRules())
"""An emergency entry leads to it, so two others have to be ready."""


def test_a_supervisor_is_asked_first_and_lets_the_agent_go() -> None:
    """The agent stays ready, and takes calls, until then; another reason needs nobody."""
    story = tell(
        """
        0.000  8001 asks to pause for meal | leave asked 8001 paused (reason);
                                           | done: ready, a supervisor is asked
        1.000  8002 asks to pause for rest | 8002 paused (rest); done: paused
        """,
        agents="8001 8002 8090",
        queues=(MEALS, ENQUIRY),
    )
    view = views.agent(story.core.state, AgentId("8001"))
    assert view is not None and view.leave is not None
    assert (view.state, view.leave.what, view.leave.reason) == ("ready", "paused", "meal")
    assert story.moment("2.000", "8090 lets 8001 go") == (
        "leave granted 8001 by 8090; 8001 paused (meal); done: paused"
    )


def test_who_is_denied_or_not_answered_stays_and_may_ask_again() -> None:
    """Two minutes without an answer are none."""
    tell(
        """
          0.000  8001 asks to pause for meal   | leave asked 8001 paused (reason);
                                               | done: ready, a supervisor is asked
          1.000  8090 does not let 8001 go     | leave denied 8001 by 8090; done: ready
          2.000  8001 asks to pause for meal   | leave asked 8001 paused (reason);
                                               | done: ready, a supervisor is asked
        122.000  time passes                   | leave lapsed 8001
        123.000  8001 asks to pause for meal   | leave asked 8001 paused (reason);
                                               | done: ready, a supervisor is asked
        124.000  8001 asks to be ready         | leave withdrawn 8001; done: ready
        """,
        agents="8001 8090",
        queues=(MEALS, ENQUIRY),
    )


def test_nobody_leaves_an_emergency_line_with_fewer_than_two_ready() -> None:
    """C17: with three ready one may go; the next is asked about, whether for a break or home.
    Who is on a break already does not make it worse."""
    tell(
        """
        0.000  8001 asks to pause for rest | 8001 paused (rest); done: paused
        1.000  8002 asks to pause for rest | leave asked 8002 paused (staffing);
                                           | done: ready, a supervisor is asked
        2.000  8003 asks to log out        | leave asked 8003 logged_out (staffing);
                                           | done: ready, a supervisor is asked
        3.000  8090 lets 8003 go           | leave granted 8003 by 8090; 8003 logged_out;
                                           | done: logged_out
        4.000  8001 asks to log out        | 8001 logged_out; done: logged_out
        """,
        agents="8001 8002 8003 8090",
        queues=(TWO, ENQUIRY),
    )


def test_without_a_supervisor_it_is_done_and_told() -> None:
    """Nobody may be locked to a chair because the shift leader has gone home: an alarm says so."""
    tell(
        """
        0.000  8001 asks to pause for rest | 8001 goes without consent (staffing);
                                           | 8001 paused (rest); done: paused
        1.000  8002 asks to log out        | 8002 goes without consent (staffing);
                                           | 8002 logged_out; done: logged_out
        """,
        agents="8001 8002",
        away="8090",
        queues=(TWO, ENQUIRY),
    )


def test_leave_that_is_granted_during_a_conversation_begins_after_it() -> None:
    """As a pause that needs nobody does."""
    tell(
        """
        0.000  A calls 95001               | offered A; ring 8001 for A; open room A
        0.800  8001 answers                | offer accepted 8001; answer A; join A 8001
        0.802  A, 8001 enter               | answered A by 8001, wait 0.802
        1.000  8001 asks to pause for meal | leave asked 8001 paused (reason);
                                           | done: talking, a supervisor is asked
        1.500  8090 lets 8001 go           | leave granted 8001 by 8090;
                                           | done: talking, then paused
        2.000  A hangs up                  | hang up 8001
        2.010  8001 is gone                | 8001 wrap_up; close room A;
                                           | ended A answered, wait 0.802, talk 1.198
        3.010  time passes                 | 8001 paused (meal); wrapped up 8001 1.000
        """,
        agents="8001 8090",
        queues=(MEALS, ENQUIRY),
    )


def test_the_codes_do_the_same() -> None:
    """*622 asks, *66 and *67 with the agent's number answer."""
    tell(
        """
        0.000  8001 dials *622         | answer desk 8001; leave asked 8001 paused (reason);
                                       | play agent-leave-asked to desk 8001
        1.000  8090 dials *678001      | answer desk 8090; leave denied 8001 by 8090;
                                       | play agent-leave-answered to desk 8090
        2.000  desk 8090 has heard it  | hang up desk 8090
        2.010  desk 8090 is gone       | -
        3.000  8001 asks to pause for meal | leave asked 8001 paused (reason);
                                       | done: ready, a supervisor is asked
        4.000  8090 dials *668001      | answer desk 8090; leave granted 8001 by 8090;
                                       | 8001 paused (meal); play agent-leave-answered to desk 8090
        5.000  desk 8090 has heard it  | hang up desk 8090
        5.010  desk 8090 is gone       | -
        6.000  8090 dials *668001      | answer desk 8090; refused no_leave_asked;
                                       | play agent-refused-in-this-state to desk 8090
        """,
        agents="8001 8090",
        queues=(MEALS, ENQUIRY),
    )


def test_answers_that_nobody_may_give() -> None:
    """X11, bad input: a colleague, oneself, an unknown person, a supervisor at home, twice."""
    tell(
        """
        0.000  8001 asks to pause for meal | leave asked 8001 paused (reason);
                                           | done: ready, a supervisor is asked
        0.100  8002 lets 8001 go           | refused not_a_supervisor;
                                           | no: Agent 8002 may not answer for agent 8001:
                                           | ask another supervisor.
        0.200  8001 lets 8001 go           | refused not_a_supervisor;
                                           | no: Agent 8001 may not answer for agent 8001:
                                           | ask another supervisor.
        0.300  8999 lets 8001 go           | refused unknown_agent; no: There is no agent 8999.
        0.400  8090 lets 8999 go           | refused unknown_agent; no: There is no agent 8999.
        0.500  8090 lets 8002 go           | refused no_leave_asked;
                                           | no: Agent 8002 has not asked for leave,
                                           | or has been answered.
        0.600  8090 lets 8001 go           | leave granted 8001 by 8090; 8001 paused (meal);
                                           | done: paused
        0.700  8090 lets 8001 go           | refused no_leave_asked;
                                           | no: Agent 8001 has not asked for leave,
                                           | or has been answered.
        0.800  8001 asks to pause for meal | leave asked 8001 paused (reason);
                                           | done: paused, a supervisor is asked
        0.900  8090 asks to log out        | 8090 logged_out; done: logged_out
        1.000  8090 lets 8001 go           | refused not_logged_in;
                                           | no: Agent 8090 is not logged in; log in first (*60).
        """,
        agents="8001 8002 8090",
        queues=(MEALS, ENQUIRY),
    )


def test_who_is_gone_wants_nothing_any_more() -> None:
    """Removed from the directory while a supervisor thinks about it."""
    tell(
        """
        0.000  8001 asks to pause for meal    | leave asked 8001 paused (reason);
                                              | done: ready, a supervisor is asked
        1.000  directory: agent 8001 removed  | leave withdrawn 8001; 8001 logged_out
        """,
        agents="8001 8090",
        queues=(MEALS, ENQUIRY),
    )
