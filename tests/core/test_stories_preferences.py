"""Stories of whom a caller would rather have (T39, W15, C15, D23): a preference, never a need."""

from typing import Any

import msgspec
import pytest

from acd.core.directory import Queue, Reach, Sticky, Widening
from acd.core.facts import CallOffered, OfferMade
from acd.core.queueing.preferences import CONTACTS_MAX
from tests.core.story import EMERGENCY, ENQUIRY, Story, tell

KNOWING = (Sticky.OWNER, Sticky.LAST)


def queues(**policy: Any) -> tuple[Queue, Queue]:
    """Both queues with a policy of preferences; emergencies never wait for one."""
    patient = dict(policy)
    patient.setdefault("prefer_wait_ms", 2_000)
    return (
        msgspec.structs.replace(EMERGENCY, **policy),
        msgspec.structs.replace(ENQUIRY, **patient),
    )


def preferred(story: Story) -> list[tuple[str, str | None]]:
    made = [effect for effect in story.effects if isinstance(effect, OfferMade)]
    return [(offer.agent, offer.preferred) for offer in made]


def test_who_speaks_the_callers_language_is_rung_first() -> None:
    """C15, D23: before the longest idle; who would have been next by the rule is told too."""
    story = tell(
        """
        0.000  directory: agent 8003 dialect=2 emergency=5 | -
        1.000  A calls 95001 speaking dialect | offered A; ring 8003 for A; open room A
        1.100  B calls 95001 speaking dialect | offered B; ring 8001 for B; open room B
        """,
        agents="8001 8002 8003",
        queues=queues(prefers=("dialect",)),
    )
    assert preferred(story) == [("8003", "dialect"), ("8001", None)]
    (first, _) = [effect for effect in story.effects if isinstance(effect, OfferMade)]
    assert (first.free, first.next) == (3, ("8001", "8002"))


def test_an_emergency_waits_for_no_language() -> None:
    """C15: 0 s, though who speaks it will be free in a moment and the queue would allow it."""
    tell(
        """
        0.000  directory: agent 8001 dialect=2 emergency=5 | -
        0.100  A calls 95001                  | offered A; ring 8001 for A; open room A
        0.200  B calls 95001 speaking dialect | offered B; ring 8002 for B; open room B
        """,
        agents="8001 8002",
        queues=queues(prefers=("dialect",), prefer_wait_ms=2_000),
    )


ENQUIRIES = """
        0.000  directory: agent 8011 dialect=2 enquiry=5 | -
        0.100  A calls 95002                  | offered A; ring 8011 for A; open room A
        0.200  B calls 95002 speaking dialect | offered B; open room B
""".rstrip()


def test_an_enquiry_waits_a_little_for_who_is_busy() -> None:
    """B is not given to 8012, and goes to 8011 as soon as they are there."""
    story = tell(
        ENQUIRIES
        + """
        0.500  A hangs up                     | offer withdrawn 8011; hang up 8011
        0.510  8011 is gone                   | 8011 ready; close room A;
                                              | ended A abandoned, wait 0.400; ring 8011 for B
        """,
        agents="8011 8012",
        queues=queues(prefers=("dialect",)),
    )
    assert preferred(story)[1:] == [("8011", "dialect")]


def test_whoever_is_heard_of_late_has_been_patient_already() -> None:
    """After a freeze the arrival counts: 8012 is rung in the same step."""
    tell(
        """
        0.000  directory: agent 8011 dialect=2 enquiry=5 | -
        0.100  A calls 95002                  | offered A; ring 8011 for A; open room A
        2.050  B calls 95002 since 0.020 speaking dialect | offered B; ring 8012 for B;
                                              | open room B
        """,
        agents="8011 8012",
        queues=queues(prefers=("dialect",)),
    )


def test_patience_ends() -> None:
    """After the queue's limit, counted from the arrival, anybody will do."""
    story = tell(
        ENQUIRIES
        + """
        2.100  time passes                    | picked up A; answer A; hold A; play welcome to A
        2.200  time passes                    | ring 8012 for B; picked up B; answer B; hold B;
                                              | play welcome to B
        """,
        agents="8011 8012",
        queues=queues(prefers=("dialect",)),
    )
    assert preferred(story)[1:] == [("8012", None)]


def test_nobody_waits_for_somebody_who_is_not_at_work() -> None:
    """The only one who speaks it is at lunch: 0 s."""
    tell(
        """
        0.000  directory: agent 8011 dialect=2 enquiry=5 | -
        0.100  8011 asks to pause for meal    | 8011 paused (meal); done: paused
        0.200  B calls 95002 speaking dialect | offered B; ring 8012 for B; open room B
        """,
        agents="8011 8012",
        queues=queues(prefers=("dialect",)),
    )


TALKED = """
         0.000  A calls 95002                 | offered A; ring 8011 for A; open room A
         1.000  8011 answers                  | offer accepted 8011; answer A; join A 8011
         1.002  A, 8011 enter                 | answered A by 8011, wait 1.002
         9.000  A hangs up                    | hang up 8011
         9.010  8011 is gone                  | 8011 wrap_up; close room A;
                                              | ended A answered, wait 1.002, talk 7.998
        10.010  time passes                   | 8011 ready; wrapped up 8011 1.000
""".rstrip()


def test_the_owner_of_the_first_contact_follows_to_the_end() -> None:
    """W15: 8011 had the first contact, 8012 the last; the third goes to 8011 again."""
    story = tell(
        TALKED
        + """
        11.000  8011 asks to pause for rest   | 8011 paused (rest); done: paused
        12.000  B calls 95002 as A            | offered B; ring 8012 for B; open room B
        13.000  8012 answers                  | offer accepted 8012; answer B; join B 8012
        13.002  B, 8012 enter                 | answered B by 8012, wait 1.002
        14.000  B hangs up                    | hang up 8012
        14.010  8012 is gone                  | 8012 wrap_up; close room B;
                                              | ended B answered, wait 1.002, talk 0.998
        15.010  time passes                   | 8012 ready; wrapped up 8012 1.000
        16.000  8011 asks to be ready         | 8011 ready; done: ready
        17.000  C calls 95002 as A            | offered C; ring 8011 for C; open room C
        """,
        agents="8011 8012",
        queues=queues(sticky=KNOWING),
    )
    assert preferred(story) == [("8011", None), ("8012", None), ("8011", "owner")]


def test_the_last_agent_is_known_until_it_is_too_long_ago() -> None:
    """Within the queue's time; after it the rule serves, and the contact begins anew."""
    for sticky_ms, agent in ((60_000, "8011"), (5_000, "8012")):
        story = tell(
            TALKED,
            agents="8011 8012",
            queues=queues(sticky=(Sticky.LAST,), sticky_ms=sticky_ms),
        )
        assert agent in story.moment("20.000", "B calls 95002 as A")


def test_the_one_who_knows_the_caller_is_waited_for_and_then_no_longer() -> None:
    """B waits for 8011, who is with C; two seconds after the arrival 8012 serves."""
    story = tell(
        TALKED
        + """
        11.000  8012 asks to pause for meal   | 8012 paused (meal); done: paused
        12.000  C calls 95002                 | offered C; ring 8011 for C; open room C
        12.500  8012 asks to be ready         | 8012 ready; done: ready
        13.000  B calls 95002 as A            | offered B; open room B
        14.000  time passes                   | picked up C; answer C; hold C; play welcome to C
        15.000  time passes                   | ring 8012 for B; picked up B; answer B; hold B;
                                              | play welcome to B
        """,
        agents="8011 8012",
        queues=queues(sticky=KNOWING),
    )
    assert preferred(story)[-1] == ("8012", None)


@pytest.mark.parametrize(
    ("busy", "agent", "why"),
    [("8011 asks to be ready", "8012", "named"), ("8012 asks to pause for meal", "8011", None)],
)
def test_a_number_may_ask_for_one_agent(busy: str, agent: str, why: str | None) -> None:
    """T39: when they are free they are rung, though another has been idle longer; if not, whoever
    is there takes the call at once."""
    story = Story(agents=["8011", "8012"], away=[], queues=queues(prefer_wait_ms=0), strict=True)
    story.moment("0.000", "directory: entry 95003 enquiry to enquiry for 8012")
    story.moment("0.100", busy)
    assert f"ring {agent}" in story.moment("1.000", "A calls 95003")
    assert preferred(story) == [(agent, why)]


def test_whoever_was_asked_for_is_asked_once() -> None:
    """T39: they do not pick up; the present rule serves, and does not come back to them first."""
    story = tell(
        """
        0.000  directory: entry 95003 enquiry to enquiry for 8012 | -
        1.000  A calls 95003                  | offered A; ring 8012 for A; open room A
        1.010  8012 rings                     | -
        2.000  8012 is gone (rejected)        | offer rejected 8012 (rejected);
                                              | 8012 not_responding (refused); ring 8011 for A
        """,
        agents="8011 8012",
        queues=queues(),
    )
    assert preferred(story) == [("8012", "named"), ("8011", None)]


def test_a_caller_who_was_not_answered_and_calls_again_goes_first() -> None:
    """B has given up an emergency call before; calling again they go before C, who came earlier."""
    story = tell(
        """
         0.000  A calls 95001                 | offered A; open room A
         1.000  A hangs up                    | close room A; ended A abandoned, wait 1.000
         5.000  C calls 95001                 | offered C; open room C
         6.000  B calls 95001 as A            | offered B; open room B
         6.500  8001 asks to log in at s8001  | 8001 ready; done: ready; ring 8001 for B
        """,
        away="8001",
        queues=queues(),
    )
    offered = [effect for effect in story.effects if isinstance(effect, CallOffered)]
    assert [(call.precedence, call.repeat) for call in offered] == [
        (0, False),
        (0, False),
        (1, True),
    ]


def test_the_memory_of_who_knows_whom_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest is forgotten: a limit on everything."""
    assert CONTACTS_MAX >= 10_000
    monkeypatch.setattr("acd.core.queueing.preferences.CONTACTS_MAX", 3)
    story = Story(agents=[], away=[], queues=queues(), strict=True)
    for n, name in enumerate("ABCDE"):
        story.moment(f"{n}.000", f"{name} calls 95001")
        story.moment(f"{n}.500", f"{name} hangs up")
    assert list(story.core.state.contacts) == ["0216000C", "0216000D", "0216000E"]


def test_the_second_phone_rings_at_once_for_who_was_given_whom_they_prefer() -> None:
    """A patient caller stands apart from the line, and is in it from the first ring on: where the
    queue lets two phones ring, the second rings in the same moment (found by a storm)."""
    tell(
        """
        0.000  directory: agent 8011 dialect=2 enquiry=5 | -
        0.000  directory: agent 8013 dialect=2 enquiry=5 | -
        0.100  A calls 95002                  | offered A; ring 8011 for A; ring 8012 for A;
                                              | open room A
        0.300  8011 answers                   | offer accepted 8011; offer withdrawn 8012;
                                              | hang up 8012 (answered_elsewhere);
                                              | answer A; join A 8011
        0.302  A, 8011 enter                  | answered A by 8011, wait 0.202
        0.310  8012 is gone                   | 8012 ready
        1.000  B calls 95002 speaking dialect | offered B; ring 8013 for B; ring 8012 for B;
                                              | open room B
        """,
        agents="8011 8012 8013",
        queues=queues(
            prefers=("dialect",), widening=(Widening(after_ms=0, phones=2, reach=Reach.READY),)
        ),
    )
