"""Stories of what changes while a caller waits: who will do, who else helps, who goes first
(C01, T12)."""

from typing import Any

import msgspec
import pytest

from acd.core.directory import Queue, Reach, Relaxation, Selection, SkillNeed, Widening
from acd.core.facts import OfferMade
from acd.core.ids import QueueId
from tests.core.story import EMERGENCY, ENQUIRY, Story, tell


def emergency(**policy: Any) -> tuple[Queue, Queue]:
    return (msgspec.structs.replace(EMERGENCY, **policy), ENQUIRY)


def offers(story: Story) -> list[OfferMade]:
    return [effect for effect in story.effects if isinstance(effect, OfferMade)]


WEAKENING = emergency(
    needs=(SkillNeed("dialect", 1), SkillNeed("emergency", 5)),
    relaxation=(
        Relaxation(after_ms=1_000, needs=(SkillNeed("emergency", 5),)),
        Relaxation(after_ms=3_000, needs=(SkillNeed("emergency", 1),)),
    ),
)


def test_needs_weaken_in_timed_rings() -> None:
    """Who has everything is waited for a second, who lacks the dialect three; then whoever has
    learnt the trade at all will do."""
    story = tell(
        """
        0.000  directory: agent 8002 emergency=3 | -
        0.001  A calls 95001                     | offered A; open room A
        1.001  time passes                       | -
        1.500  8001 asks to log in at s8001      | 8001 ready; done: ready; ring 8001 for A
        1.600  B calls 95001                     | offered B; open room B
        2.001  time passes                       | picked up A; answer A; hold A; play ack to A
        2.600  time passes                       | -
        3.001  time passes                       | -
        3.600  time passes                       | picked up B; answer B; hold B; play ack to B
        4.600  time passes                       | ring 8002 for B
        """,
        agents="8002",
        away="8001",
        queues=WEAKENING,
    )
    assert [(made.agent, made.tier, made.skipped) for made in offers(story)] == [
        ("8001", 1, (("below_needs", 1),)),
        ("8002", 2, (("offered", 1),)),
    ]


def test_after_a_relaxation_whoever_has_all_the_skills_still_goes_first() -> None:
    """However long the other has been idle."""
    story = tell(
        """
        0.000  directory: agent 8002 dialect=4 emergency=5 | -
        1.500  A calls 95001 since 0.000                   | offered A; ring 8002 for A; open room A
        1.600  B calls 95001 since 0.000                   | offered B; ring 8001 for B; open room B
        """,
        agents="8001 8002",
        queues=WEAKENING,
    )
    assert [(made.agent, made.tier, made.next) for made in offers(story)] == [
        ("8002", 0, ("8001",)),
        ("8001", 1, ()),
    ]


HELPED = emergency(overflow=(ENQUIRY.id,), overflow_ms=5_000)


def test_another_queue_helps_after_a_while() -> None:
    """T12: a ready agent of the other queue is rung; the call stays in its own, and that it was
    helped is a mark on the offer, not an outcome (K04)."""
    story = tell(
        """
        0.000  A calls 95001                     | offered A; open room A
        2.000  time passes                       | picked up A; answer A; hold A; play ack to A
        5.000  time passes                       | ring 8011 for A
        5.100  8011 answers                      | offer accepted 8011; stop ack; join A 8011
        5.102  A, 8011 enter                     | answered A by 8011, wait 5.102
        """,
        agents="8011",
        queues=HELPED,
    )
    (made,) = offers(story)
    assert (made.overflow, made.free, made.reach) == ("enquiry", 1, "ready")


def test_ones_own_agent_is_rung_before_another_queues() -> None:
    """And who helps is asked only when ready: nobody's break ends for another queue's caller."""
    story = tell(
        """
         0.000  8011 asks to pause for rest       | 8011 paused (rest); done: paused
         5.100  A calls 95001 since 0.000         | offered A; ring 8001 for A; open room A
         5.200  B calls 95001 since 0.100         | offered B; ring 8012 for B; open room B
         5.300  C calls 95001 since 0.200         | offered C; open room C
         6.000  8011 asks to be ready             | 8011 ready; done: ready; ring 8011 for C
        """,
        agents="8012 8011 8001",
        queues=emergency(
            overflow=(ENQUIRY.id,),
            overflow_ms=5_000,
            pick_up_ms=30_000,
            widening=(Widening(after_ms=0, phones=1, reach=Reach.BREAK),),
        ),
    )
    assert [made.overflow for made in offers(story)] == [None, "enquiry", "enquiry"]


def test_a_queue_that_helps_may_go_and_come() -> None:
    """Hot change: the overflow names a queue that is not there; when it comes, so does its help."""
    tell(
        """
        0.000  directory: queue enquiry removed  | -
        5.100  A calls 95001 since 0.000         | offered A; open room A
        6.000  directory: queue enquiry priority=1 | open hold-enquiry; ring 8011 for A
        """,
        agents="8011",
        queues=emergency(overflow=(ENQUIRY.id,), overflow_ms=5_000, pick_up_ms=30_000),
    )


@pytest.mark.parametrize(
    ("weight", "served"),
    [
        # Late by 10 s and by 8 s: alone, whoever has waited longer.
        (1, "A B"),
        # 10 s against 2 x 8 s.
        (2, "B A"),
    ],
)
def test_lateness_counts_by_the_weight(weight: int, served: str) -> None:
    """Among queues of one priority; while a promise can still be kept, slack alone decides."""
    light = msgspec.structs.replace(EMERGENCY, misses_max=9, pick_up_ms=90_000)
    heavy = msgspec.structs.replace(
        light, id=ENQUIRY.id, weight=weight, needs=(SkillNeed("enquiry", 1),)
    )
    story = Story(agents=["8001"], away=["8002"], queues=(light, heavy), strict=True)
    for number in ("8001", "8002"):
        story.moment("0.000", f"directory: agent {number} emergency=5 enquiry=5")
    story.moment("0.000", "8001 asks to pause for meal")
    story.moment("20.000", "A calls 95001 since 0.000")
    story.moment("20.000", "B calls 95002 since 2.000")
    rung = [story.moment("20.000", "8001 asks to be ready").rpartition(" ")[2]]
    rung.append(story.moment("20.000", "8002 asks to log in at s8002").rpartition(" ")[2])
    assert " ".join(rung) == served


def test_a_heavy_queue_starves_no_light_one() -> None:
    """One agent, a call for each queue every 2 s, each conversation 2 s: half can be served.  The
    heavy one's callers wait a third as long beyond the promise; the light one's are served too."""
    light = msgspec.structs.replace(
        EMERGENCY, promise_ms=1_000, ring_ms=900, ring_ms_min=900, wrap_up_ms=0,
        pick_up_ms=10**6, incident_ms=10**6, short_answer_ms=0,
    )  # fmt: skip
    heavy = msgspec.structs.replace(
        light, id=ENQUIRY.id, weight=3, needs=(SkillNeed("enquiry", 1),)
    )
    story = Story(agents=["8001"], away=[], queues=(light, heavy), strict=True)
    story.whole_every = 25
    story.moment("0.000", "directory: agent 8001 emergency=5 enquiry=5")
    waits: dict[QueueId, list[int]] = {light.id: [], heavy.id: []}
    called: dict[str, tuple[QueueId, int]] = {}
    talking = None
    for second in range(0, 400, 2):
        if talking is not None:
            story.moment(f"{second}.000", f"{talking} hangs up")
            story.moment(f"{second}.000", "8001 is gone")
        for name, entry, queue in (
            (chr(0x4E00 + second), "95001", light.id),
            (chr(0x4E01 + second), "95002", heavy.id),
        ):
            called[name] = (queue, second)
            story.moment(f"{second}.000", f"{name} calls {entry}")
        talking = story.names.call[offers(story)[-1].call]
        queue, since = called[talking]
        waits[queue].append(second - since)
        story.moment(f"{second}.100", "8001 answers")
        story.moment(f"{second}.100", f"{talking}, 8001 enter")
    # In the long run waits beyond the promise are as one to three, so shares are too.
    late = {queue: sum(w[-20:]) / 20 for queue, w in waits.items()}
    assert late[light.id] / late[heavy.id] == pytest.approx(3, rel=0.15), late
    assert len(waits[light.id]) > 50


def test_precedence_is_a_head_start_and_no_more() -> None:
    """B goes as if they had come 10 s earlier: before A, who came 5 s earlier, and behind C, who
    came 12 s earlier."""
    tell(
        """
        20.000  A calls 95001 since 15.000          | offered A; open room A
        20.000  B calls 95001 with precedence 1     | offered B; open room B
        20.000  C calls 95001 since 8.000           | offered C; promise broken C; open room C
        20.500  8001 asks to log in at s8001        | 8001 ready; done: ready; ring 8001 for C
        20.500  8002 asks to log in at s8002        | 8002 ready; done: ready; ring 8002 for B
        20.500  8003 asks to log in at s8003        | 8003 ready; done: ready; ring 8003 for A
        """,
        away="8001 8002 8003",
        queues=emergency(pick_up_ms=30_000),
    )


def test_ring_all_rings_everybody_and_the_quickest_has_the_call() -> None:
    """Whoever comes while it rings is rung too; a second caller has nobody left."""
    tell(
        """
        0.000  A calls 95001            | offered A; ring 8001 for A; ring 8002 for A; open room A
        0.100  8003 asks to log in at s8003 | 8003 ready; done: ready; ring 8003 for A
        0.200  B calls 95001            | offered B; open room B
        0.300  8002 answers             | offer accepted 8002; offer withdrawn 8001;
                                        | hang up 8001 (answered_elsewhere); offer withdrawn 8003;
                                        | hang up 8003 (answered_elsewhere); answer A; join A 8002
        0.310  8001 is gone             | 8001 ready; ring 8001 for B
        0.311  8003 is gone             | 8003 ready; ring 8003 for B
        """,
        agents="8001 8002",
        away="8003",
        queues=emergency(selection=Selection.RING_ALL),
    )
