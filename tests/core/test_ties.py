"""What ties an agent to an elder: a call, its notes, an open case, something owed (L2, X01)."""

from acd.core import ties
from acd.core.facts import CallOffered, CaseNoted, NumberDialled, ObligationNoted
from acd.core.ids import AgentId
from acd.core.ties import ANY_ELDER, Of
from tests.core.story import Story, go_on, tell
from tests.core.test_stories_case import B_JOINS, TALKING, TO_RESCUE
from tests.core.test_stories_chasers import RESCUE_ROOM
from tests.core.test_stories_owed import ELDER as CALLER
from tests.core.test_stories_owed import GIVES_UP

ELDER = (Of.ELDER, "of-T1")
CALLS = TALKING.replace("95001 |", "95001 from terminal T1 |")
"""The elder of terminal T1 calls, and 8001 answers."""
HANGS_UP = """
    1.500  8001 presses *31 | 8001 says responds; play response-noted to 8001
    2.000  A hangs up    | hang up 8001
    2.010  8001 is gone  | 8001 wrap_up; close room A; ended A answered, wait 1.002, talk 0.998
    """
HELP_AND_THE_END = """
    100.000  8001 presses *98 | case help arrived by 8001; task file owed;
                              | play case-help-arrived to 8001
    110.000  8001 asks to outcome the case as help sent | case outcome help sent by 8001;
                              | done: open
    111.000  8001 asks to close the case | case closed by 8001; done: closed
    112.000  A hangs up       | hang up 8001; hang up 8002
    112.010  8001 is gone     | 8001 wrap_up
    112.020  8002 is gone     | 8002 wrap_up; close room A;
                              | ended A answered, wait 1.002, talk 110.998
    113.010  time passes      | 8001 ready; wrapped up 8001 1.000
    113.020  time passes      | 8002 ready; wrapped up 8002 1.000
    """


def tied(story: Story, agent: str) -> ties.Ties:
    return ties.of(story.core.state, AgentId(agent))


def tied_to_elder(story: Story) -> set[str]:
    return {agent for agent in story.core.state.agents if ELDER in tied(story, agent)}


def test_a_caller_ties_everybody_until_somebody_answers_and_then_only_them() -> None:
    """T06, E04: anybody may be rung next; afterwards it is the talk of whoever has it, until the
    notes are written."""
    ring, _, rest = CALLS.strip("\n").partition("\n")
    story = tell(ring, agents="8001 8002")
    assert tied_to_elder(story) == {"8001", "8002"}
    go_on(story, rest)
    assert tied_to_elder(story) == {"8001"}
    assert (Of.NUMBER, "0216000A") in tied(story, "8001")
    go_on(story, HANGS_UP)
    assert tied_to_elder(story) == {"8001"}
    go_on(story, "3.010  time passes | 8001 ready; wrapped up 8001 1.000")
    assert tied_to_elder(story) == set()
    assert tied(story, "8001") == frozenset()


def test_whoever_has_a_part_in_the_open_case_is_tied_to_it_and_its_elder() -> None:
    """E14: B from the ring on; and both may look into any record, as the case may be of another
    elder than the number says (E25).  8003 has no part in it."""
    story = tell(CALLS, agents="8001 8002 8003")
    go_on(story, B_JOINS.partition("\n    5.000")[0])
    (case,) = story.core.state.cases.values()
    assert case.b is None
    for agent in ("8001", "8002"):
        assert {ELDER, ANY_ELDER, (Of.CASE, case.id)} <= tied(story, agent)
    assert tied(story, "8003") == frozenset()


def test_who_answers_for_a_case_is_tied_by_what_is_owed_when_it_is_closed() -> None:
    """C10, E11, E17: file, report and revisit are theirs, days after."""
    story = go_on(tell(CALLS, agents="8001 8002", owed=True), RESCUE_ROOM.partition("    6.000")[0])
    go_on(story, HELP_AND_THE_END)
    assert not story.core.state.cases and not story.core.state.calls
    assert (Of.OWED, "7-o1") in tied(story, "8001")
    assert tied_to_elder(story) == {"8001"}


def test_an_emergency_whose_elder_nobody_knows_may_be_anybodys() -> None:
    """E25: a neighbour's telephone; of an enquiry it may not."""
    known, unknown = tell(CALLS, agents="8001"), tell(TALKING, agents="8001")
    assert ANY_ELDER not in tied(known, "8001")
    assert ANY_ELDER in tied(unknown, "8001")
    enquiry = tell("0.000  A calls 95002 | offered A; ring 8011 for A; open room A", agents="8011")
    assert ANY_ELDER not in tied(enquiry, "8011")


def test_facts_are_told_in_full_to_whom_their_call_case_or_obligation_ties() -> None:
    story = go_on(go_on(tell(CALLS, agents="8001 8002 8003"), B_JOINS), TO_RESCUE)

    def told(agent: str, kind: type[CallOffered | CaseNoted | NumberDialled]) -> set[bool]:
        return {
            ties.has_fact(story.core.state, AgentId(agent), fact)
            for fact in story.effects
            if isinstance(fact, kind)
        }

    for kind in (CallOffered, CaseNoted, NumberDialled):
        assert (told("8001", kind), told("8003", kind)) == ({True}, {False})
    assert told("8002", CaseNoted) == {True}
    owed = [one for one in story.effects if isinstance(one, ObligationNoted)]
    assert {one.obligation.owner for one in owed} >= {"8001"}
    for one in owed:
        for agent in ("8001", "8003"):
            is_theirs = agent in (one.obligation.owner, one.obligation.assignee)
            assert ties.has_fact(story.core.state, AgentId(agent), one) == is_theirs


def test_what_is_owed_ties_whoever_is_given_it() -> None:
    """A callback is nobody's before."""
    story = tell(GIVES_UP, away="8001", owed=True)
    (owed,) = story.core.state.obligations
    assert tied(story, "8001") == frozenset()
    go_on(story, f"6.000  it is given to 8001 | callback to {CALLER} assigned; done: owed")
    assert {(Of.OWED, owed), (Of.NUMBER, CALLER)} <= tied(story, "8001")
