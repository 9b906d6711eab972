"""Real failures of other switches, one story each: it would end differently there.

Named by the peer's own issue.  Those that concern distribution stand here; what concerns the link
to Asterisk is told against a real one.
"""

from random import Random

import msgspec
import pytest

from acd.core.directory import Agent, Queue, Reach, Widening
from acd.core.events import AgentDefined, CallArrived, QueueDefined
from acd.core.facts import AgentStateChanged, OfferMade
from acd.core.ids import AgentId, EntryId, LegId
from acd.core.queueing import matching
from acd.core.tables import CALL, CallMove, CallState
from tests.core.story import EMERGENCY, ENQUIRY, EPOCH_MS, Story, tell

BOTH = "emergency=5 enquiry=5"


def emergency(**policy: object) -> tuple[Queue, Queue]:
    return (msgspec.structs.replace(EMERGENCY, **policy), ENQUIRY)


TWO_AT_ONCE = emergency(widening=(Widening(after_ms=0, phones=2, reach=Reach.READY),))


@pytest.mark.parametrize(("first", "second"), [("8001", "8002"), ("8002", "8001")])
def test_two_phones_answer_one_call_in_the_same_millisecond(first: str, second: str) -> None:
    """asterisk#176: both agents were joined to the caller.  Here one wins, whichever is told
    first; the other is released as answered elsewhere, may even come late into the room, and has
    missed nothing."""
    story = tell(
        f"""
        0.000  A calls 95001            | offered A; ring 8001 for A; ring 8002 for A; open room A
        1.000  {first} answers          | offer accepted {first}; offer withdrawn {second};
                                        | hang up {second} (answered_elsewhere); answer A;
                                        | join A {first}
        1.000  {second} answers         | ignored: answer to an offer that ended
        1.002  A, {first} enter         | answered A by {first}, wait 1.002
        1.020  {second} is gone         | {second} ready
        """,
        agents="8001 8002",
        queues=TWO_AT_ONCE,
    )
    assert story.core.state.agents[AgentId(second)].misses == 0


def test_the_agent_dies_between_the_answer_and_the_bridge() -> None:
    """asterisk#1557: the ring round began anew and the caller lost the place.  Here A keeps the
    arrival: goes before B, with what slack is left, at the step of the time that has passed."""
    steps = (
        Widening(after_ms=0, phones=1, reach=Reach.READY),
        Widening(after_ms=5_000, phones=2, reach=Reach.READY),
    )
    story = tell(
        """
        0.000  A calls 95001            | offered A; ring 8001 for A; open room A
        0.010  8001 rings               | -
        2.000  time passes              | picked up A; answer A; hold A; play ack to A
        5.000  time passes              | -
        5.400  8001 answers             | offer accepted 8001; stop ack; join A 8001
        5.500  B calls 95001            | offered B; open room B
        5.501  8001 is gone (failed)    | requeued A; hold A; 8001 not_responding (refused)
        6.000  8002 asks to log in at s8002 | 8002 ready; done: ready; ring 8002 for A
        6.100  8003 asks to log in at s8003 | 8003 ready; done: ready; ring 8003 for B
        6.200  8004 asks to log in at s8004 | 8004 ready; done: ready; ring 8004 for A
        """,
        agents="8001",
        away="8002 8003 8004",
        queues=emergency(widening=steps),
    )
    made = [effect for effect in story.effects if isinstance(effect, OfferMade)]
    assert [(offer.agent, offer.slack_ms) for offer in made] == [
        ("8001", 10_000),
        ("8002", 4_000),
        ("8003", 9_400),
        ("8004", 3_800),
    ]


def test_wrap_up_lasts_its_time_and_a_conversation_counts_once() -> None:
    """asterisk#1006: wrap-up ended early for a member of a second queue; #1736: counters doubled
    there.  Here the notes have their 1.000 s, whichever queue calls, and one call is one call."""
    story = Story(agents=["8001"], away=[], queues=emergency(), strict=True)
    for time, what, follows in (
        ("0.000", f"directory: agent 8001 {BOTH}", "-"),
        ("0.100", "A calls 95001", "offered A; ring 8001 for A; open room A"),
        ("1.000", "8001 answers", "offer accepted 8001; answer A; join A 8001"),
        ("1.002", "A, 8001 enter", "answered A by 8001, wait 0.902"),
        ("4.000", "A hangs up", "hang up 8001"),
        (
            "4.010",
            "8001 is gone",
            "8001 wrap_up; close room A; ended A answered, wait 0.902, talk 2.998",
        ),
        ("4.500", "B calls 95002", "offered B; open room B"),
        ("5.010", "time passes", "8001 ready; wrapped up 8001 1.000; ring 8001 for B"),
    ):
        assert story.moment(time, what) == follows
    agent = story.core.state.agents[AgentId("8001")]
    assert (agent.calls_taken, agent.talked_ms) == (1, 2_998)


def test_an_important_queue_whose_agents_are_away_starves_nobody() -> None:
    """asterisk#1561: callers of a heavier queue, none of whose members could be rung, held back a
    lighter one; #1691: the switch meant to cure it stopped all calls."""
    tell(
        """
        0.000  A calls 95001            | offered A; ring 8001 for A; open room A
        0.010  8001 is gone (unreachable) | offer failed 8001 (unreachable);
                                          | 8001 not_responding (unreachable)
        0.100  B calls 95001            | offered B; open room B
        0.200  C calls 95002            | offered C; ring 8011 for C; open room C
        0.300  D calls 95002            | offered D; ring 8012 for D; open room D
        """,
        agents="8001 8011 8012",
    )


def test_a_phone_with_two_channels_is_free_when_both_are_gone() -> None:
    """asterisk#1181: with several channels on a device its state was that of one of them.  Here
    the phone is in use for us and for a private call, and is rung when neither is left."""
    tell(
        """
        0.000  8001 dials *60           | answer desk 8001; 8001 ready;
                                        | play agent-logged-in-ready to desk 8001
        0.100  phone 8001 is busy       | -
        0.200  A calls 95001            | offered A; open room A
        0.300  desk 8001 hangs up       | -
        1.000  phone 8001 is there      | ring 8001 for A
        """,
        away="8001",
    )


def test_an_agent_is_never_left_in_a_ring_that_came_to_nothing() -> None:
    """freeswitch#1062, #2540: agents stayed in Receiving or Reserved when the originate failed.
    Here the command fails, and later the end of the ring is lost with the link: both times the
    agent is there again."""
    tell(
        """
        0.000  A calls 95001            | offered A; ring 8001 for A; open room A
        0.010  RingPhone fails for 8001 | offer failed 8001 (unreachable);
                                        | 8001 not_responding (unreachable)
        2.000  time passes              | picked up A; answer A; hold A; play ack to A
        2.010  time passes              | 8001 ready; ring 8001 for A
        2.500  A hangs up               | offer withdrawn 8001; hang up 8001
        3.000  the switch is back with nothing | open hold-emergency; open hold-enquiry;
                                        | open hold-synthetic; repaired: leg was gone;
                                        | 8001 ready; close room A; ended A abandoned, wait 2.500
        3.100  B calls 95001            | offered B; ring 8001 for B; open room B
        """,
        agents="8001",
    )


def test_a_fault_in_one_call_stops_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """freeswitch#1641: the thread that hands out calls died, and nobody was rung until a reload.
    Here the call that meets our bug goes to the dialplan, and the next one is rung."""
    cells = {key: cell for key, cell in CALL._cells.items()
             if key != (CallState.OFFERING, CallMove.ACCEPTED)}  # fmt: skip
    monkeypatch.setattr(CALL, "_cells", cells)
    tell(
        """
        0.000  A calls 95001            | offered A; ring 8001 for A; open room A
        0.500  B calls 95001            | offered B; open room B
        1.000  8001 answers             | offer accepted 8001;
                                        | defect: call in state offering met accepted;
                                        | hand A to fallback; hang up 8001; close room A;
                                        | ended A fallback, wait 1.000; 8001 ready;
                                        | ring 8001 for B
        """,
        agents="8001",
        strict=False,
    )


def test_no_agent_is_left_talking_to_nobody() -> None:
    """freeswitch#2529: the agent's call went on after the caller had left.  Here it ends with the
    caller, even when the answer crosses."""
    tell(
        """
        0.000  A calls 95001            | offered A; ring 8001 for A; open room A
        1.000  A hangs up               | offer withdrawn 8001; hang up 8001
        1.001  8001 answers             | ignored: answer to an offer that ended
        1.020  8001 is gone             | 8001 ready; close room A; ended A abandoned, wait 1.000
        """,
        agents="8001",
    )


def test_the_last_agent_goes_and_the_next_one_to_come_is_rung() -> None:
    """freeswitch#1216: when the last agent became unavailable, calls were no longer handed out,
    not even to those who came later."""
    tell(
        """
        0.000  A calls 95001            | offered A; ring 8001 for A; open room A
        0.500  phone 8001 is gone       | -
        0.600  8001 is gone (unreachable) | offer failed 8001 (unreachable);
                                        | 8001 not_responding (unreachable)
        1.000  8002 asks to log in at s8002 | 8002 ready; done: ready; ring 8002 for A
        """,
        agents="8001",
        away="8002",
    )


def test_nothing_is_polled() -> None:
    """freeswitch#2458: a query each 100 ms made 20 calls a second the limit, whatever the machine.
    Here an idle switch asks not to be woken at all, and a caller who waits for what he is owed."""
    story = tell("0.000  8001 asks to be ready | done: ready", agents="8001")
    assert story.core.next_deadline() is None
    story.moment("1.000", "8001 asks to log out")
    story.moment("2.000", "A calls 95001")
    wakes = []
    while (due_ms := story.core.next_deadline()) is not None:
        wakes.append(due_ms - EPOCH_MS)
        story.moment(f"{(due_ms - EPOCH_MS) / 1000:.3f}", "time passes")
    assert wakes == [4_000, 12_000, 62_000]  # the acknowledgement, the promise, the incident


def test_a_lost_bye_locks_nobody_in_a_conversation() -> None:
    """opensips#3123, #2530: after a lost BYE the agent stayed "incall" for ever.  Here Asterisk
    is asked what there is, and what is not there has ended."""
    tell(
        """
        0.000  A calls 95001            | offered A; ring 8001 for A; open room A
        1.000  8001 answers             | offer accepted 8001; answer A; join A 8001
        1.002  A, 8001 enter            | answered A by 8001, wait 1.002
        9.000  the switch is back with nothing | open hold-emergency; open hold-enquiry;
                                        | open hold-synthetic; repaired: leg was gone;
                                        | hang up 8001; repaired: leg was gone; 8001 wrap_up;
                                        | close room A;
                                        | ended A answered, wait 1.002, talk 7.998
        10.000 time passes              | 8001 ready; wrapped up 8001 1.000
        """,
        agents="8001",
    )


def test_a_reject_costs_the_caller_nothing() -> None:
    """opensips#2886: a rejecting agent dropped the caller."""
    tell(
        """
        0.000  A calls 95001            | offered A; ring 8001 for A; open room A
        0.300  8001 is gone (rejected)  | offer rejected 8001 (rejected);
                                        | 8001 not_responding (refused); ring 8002 for A
        0.900  8002 answers             | offer accepted 8002; answer A; join A 8002
        0.902  A, 8002 enter            | answered A by 8002, wait 0.902
        """,
        agents="8001 8002",
    )


def test_a_burst_is_dealt_out_and_nobody_is_offered_twice() -> None:
    """OpenACD#5: a burst offered everybody the same agent.  Here a thousand calls come in one
    second for two hundred agents: each agent has one ring, the oldest calls have them."""
    agents = [str(number) for number in range(7001, 7201)]
    story = Story(agents=agents, away=[], queues=(EMERGENCY, ENQUIRY), strict=True)
    story.whole_every = 50
    chance = Random(5)
    moments = sorted(chance.randrange(1_000) for _ in range(1_000))
    for n, ms in enumerate(moments):
        # One name for all: the story's names do not matter here.
        story.moment(f"{ms / 1000:.3f}", f"{chr(0x4E00 + n)} calls 95001")
    made = [effect for effect in story.effects if isinstance(effect, OfferMade)]
    assert [offer.agent for offer in made] == agents
    assert [offer.call for offer in made] == [f"7-{n}" for n in range(1, 201)]
    assert story.core.state.lines[EMERGENCY.id].waiting == 800


def test_whoever_missed_too_many_rings_comes_back_by_a_word() -> None:
    """kazoo PR #6609: after its misses an agent was logged out for ever.  Here they are not
    responding, and ready again when they say so, with nothing held against them."""
    story = tell(
        """
        0.000  A calls 95001            | offered A; ring 8001 for A; open room A
        0.010  8001 rings               | -
        2.000  time passes              | picked up A; answer A; hold A; play ack to A
        6.500  time passes              | offer missed 8001; hang up 8001 (no_answer)
        6.510  8001 is gone (no_answer) | 8001 not_responding (missed)
        9.000  8001 asks to be ready    | 8001 ready; done: ready; ring 8001 for A
        """,
        agents="8001",
        queues=emergency(misses_max=1),
    )
    assert story.core.state.agents[AgentId("8001")].misses == 0


def test_an_empty_chair_is_not_staffed() -> None:
    """A closed agent window stayed Available all night.  Here the phone is the sign: without it
    the agent is not responding at once, counts as nobody's free agent, and no caller waits for
    a ring that nobody hears."""
    story = tell(
        """
        0.000  phone 8001 is gone       | 8001 not_responding (unreachable)
        0.100  A calls 95001            | offered A; ring 8002 for A; open room A
        0.200  B calls 95001            | offered B; open room B
        """,
        agents="8001 8002",
    )
    (made,) = [effect for effect in story.effects if isinstance(effect, OfferMade)]
    assert (made.free, made.skipped) == (1, (("not_responding", 1),))
    (change,) = [e for e in story.effects if isinstance(e, AgentStateChanged) and e.agent == "8001"]
    assert change.now == "not_responding"


def test_a_caller_put_back_keeps_the_place() -> None:
    """A position that jumps back after a transfer: whoever has been with an agent and is put back
    stands where the arrival says, before all who came later."""
    tell(
        """
         0.000  A calls 95001            | offered A; ring 8001 for A; open room A
         1.000  8001 answers             | offer accepted 8001; answer A; join A 8001
         1.002  A, 8001 enter            | answered A by 8001, wait 1.002
         3.000  B calls 95001            | offered B; open room B
         3.100  C calls 95001            | offered C; open room C
         5.000  time passes              | picked up B; answer B; hold B; play ack to B
         5.100  time passes              | picked up C; answer C; hold C; play ack to C
         6.000  8001 hangs up            | requeued A; hold A; 8001 wrap_up
         6.500  8002 asks to log in at s8002 | 8002 ready; done: ready; ring 8002 for A
         7.000  time passes              | 8001 ready; wrapped up 8001 1.000; ring 8001 for B
        """,
        agents="8001",
        away="8002",
    )


def test_a_directory_change_costs_a_decision_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """asterisk#1972: a reload went through queues times members.  Here, with 5,000 agents, a
    changed agent is looked at alone, a changed promise looks at nobody, and the next decision
    looks at nobody either."""
    agents = [str(number) for number in range(5_001, 10_001)]
    story = Story(agents=agents[:5], away=[], queues=emergency(), strict=False)
    core, now_ms = story.core, EPOCH_MS + 1_000
    for number in agents[5:]:
        core.step(now_ms, AgentDefined(Agent(id=AgentId(number), name="", skills=())))
    looked: list[str] = []

    def look(agent: Agent, queue: Queue) -> int | None:
        looked.append(agent.id)
        return tier_of(agent, queue)

    tier_of = matching.tier_of
    monkeypatch.setattr(matching, "tier_of", look)
    core.step(now_ms, QueueDefined(msgspec.structs.replace(EMERGENCY, promise_ms=9_000)))
    assert looked == []
    changed = Agent(id=AgentId("9000"), name="", skills=(("emergency", 7),))
    core.step(now_ms, AgentDefined(changed))
    assert looked == ["9000"] * len(core.state.lines)
    looked.clear()
    arrival = CallArrived(
        leg=LegId("n1:x"), arrived_ms=now_ms, trunk=None, caller=None, called=EntryId("95001")
    )
    effects = core.step(now_ms, arrival)
    assert [e.agent for e in effects if isinstance(e, OfferMade)] == ["5001"]
    assert looked == []
