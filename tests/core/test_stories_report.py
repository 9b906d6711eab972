"""Stories of the report that follows an emergency (E11, F18)."""

from acd.core.events import ReportHandedIn
from acd.core.facts import CallRated, EmergencyReported
from acd.core.follow_up.owed import OwedFor
from acd.core.ids import AgentId
from acd.core.replies import Refusal, Refused
from acd.core.scripts import RatingScale, RatingSource
from tests.core.story import EPOCH_MS, REQUEST, Story, go_on, tell

EMERGENCY_OVER = """
    0.000  A calls 95001 from terminal T1 | offered A; ring 8001 for A; open room A
    1.000  8001 answers      | offer accepted 8001; answer A; join A 8001
    1.002  A, 8001 enter     | answered A by 8001, wait 1.002
    3.000  8001 presses *90  | case opened by 8001; task report owed; task revisit owed;
                             | task leader owed; play case-open to 8001
"""


def over() -> Story:
    """An emergency that has its case."""
    return tell(EMERGENCY_OVER, agents="8001", owed=True)


def report_is_owed(story: Story) -> bool:
    return any(one.why is OwedFor.REPORT for one in story.core.state.obligations.values())


def test_the_report_tells_of_the_family_the_elder_and_how_content_they_are() -> None:
    """E11: what they say is the rating of the call that was answered, and nothing is owed more."""
    story = go_on(
        over(),
        """
        4.000  8001 hands in a report which says: 女儿, 已出院, 满意 | report of the case by 8001;
                             | rated A 满意 (s0) for 8001 by 8001, revisit;
                             | task report ended done; done: talking
        5.000  8001 hands in a report which says: 女儿, 已出院, 满意 | refused no_report_owed;
                             | no: No report is owed for case 7-c1: it has been handed in or
                             | closed.
        """,
    )
    (told,) = (one for one in story.effects if isinstance(one, EmergencyReported))
    assert (told.case, told.call, told.family, told.condition, told.rating) == (
        "7-c1", "7-1", "女儿", "已出院", "满意",
    )  # fmt: skip
    (rated,) = (one for one in story.effects if isinstance(one, CallRated))
    assert rated.source is RatingSource.REVISIT


def test_where_nobody_could_be_asked_it_says_why_and_nobody_is_rated() -> None:
    story = go_on(
        over(),
        """
        4.000  8001 hands in a report which says: 邻居, 已去世, 家属悲痛 |
                             | report of the case by 8001; task report ended done; done: talking
        """,
    )
    assert not any(isinstance(one, CallRated) for one in story.effects)


def test_what_is_no_report_ends_nothing() -> None:
    """Neither the word "done" nor a form with gaps; only a reason closes it without one."""
    story = go_on(
        over(),
        """
        4.000  the report is done | refused report_missing; no: Hand in the report of case 7-c1,
                             | or close this with a reason.
        4.100  8009 hands in a report which says: 女儿, 已出院, 满意 | refused unknown_agent;
                             | no: There is no agent 8009.
        4.200  8001 hands in a report which says: -, 已出院, 满意 | refused no_reason;
                             | no: Say whom of the family you have called, and how the elder is.
        4.300  8001 hands in a report which says: 女儿, -, 满意 | refused no_reason;
                             | no: Say whom of the family you have called, and how the elder is.
        4.400  8001 hands in a report which says: 女儿, 已出院, - | refused no_reason;
                             | no: Say how content they are, or why nobody could be asked.
        """,
    )
    (case,) = story.core.state.cases
    word_of_another = ReportHandedIn(
        request=REQUEST, case=case, by=AgentId("8001"), family="女儿", condition="已出院",
        scale=RatingScale.S2, rating="满意",
    )  # fmt: skip
    (refused,) = (
        one for one in story.core.step(EPOCH_MS + 5_000, word_of_another)
        if isinstance(one, Refused)
    )  # fmt: skip
    assert refused.refusal is Refusal.UNKNOWN_RATING
    assert "比较满意" in refused.sentence
    assert report_is_owed(story)
    assert not any(isinstance(one, EmergencyReported | CallRated) for one in story.effects)
