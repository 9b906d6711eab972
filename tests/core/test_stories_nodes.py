"""Several Asterisks under one switch: each speaks for itself, and the loss of one is its own."""

from acd.core.directory import EntryKind
from acd.core.events import (
    CallArrived,
    CallRemembered,
    ChannelsCompared,
    LegAnswered,
    LegJoined,
    NodeDrained,
    NodeLost,
    SwitchConnected,
)
from acd.core.facts import CallEnded, ObligationNoted, Outcome
from acd.core.ids import AgentId, CallId, EntryId, LegId, Node, PhoneId, node_of
from acd.core.tables import AgentState
from tests.core.story import EMERGENCY, EPOCH_MS, NODE, Story, tell

FAR = Node("n2")
FAR_CALLER = LegId("n2:B")


def two_talk() -> Story:
    """A talks to 8001 on n1, B to 8002 on n2."""
    story = tell(
        """
        0.000  A calls 95001  | offered A; ring 8001 for A; open room A
        0.800  8001 answers   | offer accepted 8001; answer A; join A 8001
        0.802  A, 8001 enter  | answered A by 8001, wait 0.802
        """,
        agents="8001 8002",
    )
    story.names.leg[FAR_CALLER] = "B"
    story.step(EPOCH_MS + 1_000, SwitchConnected(FAR, ()))
    arrival = CallArrived(
        leg=FAR_CALLER,
        arrived_ms=EPOCH_MS + 1_100,
        trunk=None,
        caller="02160000002",
        called=EntryId("95001"),
    )
    story.step(EPOCH_MS + 1_100, arrival)
    leg = story.names.rung["8002"][-1]
    assert node_of(leg) == FAR, "rung from where the caller is"
    story.step(EPOCH_MS + 1_200, LegAnswered(leg))
    room = story.names.target[leg]
    assert node_of(room) == FAR
    for one in (FAR_CALLER, leg):
        story.step(EPOCH_MS + 1_210, LegJoined(one, room))
    story.effects.clear()
    return story


def test_a_lost_node_takes_its_calls_and_no_other() -> None:
    """Whoever was on it is owed a callback; on the other nobody notices."""
    story = two_talk()
    story.step(EPOCH_MS + 2_000, NodeLost(NODE))
    (ended,) = [one for one in story.effects if isinstance(one, CallEnded)]
    assert (ended.outcome, ended.talk_ms) == (Outcome.ANSWERED, 1_198)
    owed, *_ = [one.obligation for one in story.effects if isinstance(one, ObligationNoted)]
    assert (owed.why, owed.call) == ("dropped", ended.call)
    s = story.core.state
    assert {node_of(leg) for leg in s.legs} == {FAR} and len(s.legs) == 2
    assert list(s.nodes) == [FAR]
    assert s.agents[AgentId("8001")].state is AgentState.WRAP_UP
    assert s.agents[AgentId("8002")].state is AgentState.TALKING


def test_a_caller_whose_agent_is_lost_with_their_node_waits_again_on_every_line() -> None:
    """An agent's own hang-up ends an enquiry; a node that dies under the agent is none."""
    tell(
        """
        0.000  A calls 95002          | offered A; ring 8011 for A; open room A
        0.800  8011 answers           | offer accepted 8011; answer A; join A 8011
        0.802  A, 8011 enter          | answered A by 8011, wait 0.802
        5.000  8011 is gone (failed)  | requeued A; hold A; 8011 wrap_up
        """,
        agents="8011",
    )


def test_comparisons_of_two_nodes_do_not_answer_each_other() -> None:
    """A leg that is missing twice in a row on its node is gone, whatever the other says between."""
    story = two_talk()
    here = tuple(leg for leg in story.core.state.legs if node_of(leg) == FAR)
    phones = (PhoneId("a8001"), PhoneId("a8002"))
    shown = []
    for ms in (30_000, 60_000):
        shown.append(story.step(EPOCH_MS + ms, ChannelsCompared(NODE, (LegId("n1:A"),), phones)))
        shown.append(story.step(EPOCH_MS + ms, ChannelsCompared(FAR, here, phones)))
    assert shown[0] == shown[1] == shown[3] == []
    assert shown[2][0] == "repaired: leg was gone"


def test_a_drained_node_gets_nothing_new_that_could_begin_elsewhere() -> None:
    """It is the last resort still: a call is worth more than an empty machine."""
    s = two_talk().core.state
    assert s.node_for_new() == NODE
    story = two_talk()
    s = story.core.state
    story.step(EPOCH_MS + 2_000, NodeDrained(NODE, True))
    assert s.node_for_new() == FAR
    story.step(EPOCH_MS + 2_001, NodeDrained(FAR, True))
    assert s.node_for_new() == NODE
    story.step(EPOCH_MS + 2_002, NodeDrained(NODE, False))
    assert s.node_for_new() == NODE
    assert len(s.calls) == 2, "whoever is there stays there"


def remembered(call: str) -> CallRemembered:
    return CallRemembered(
        call=CallId(call),
        arrived_ms=EPOCH_MS - 60_000,
        caller="02160000009",
        called=EntryId("95001"),
        kind=EntryKind.EMERGENCY,
        queue=EMERGENCY.id,
        terminal=None,
        elders=(),
        synthetic=False,
        answered_ms=None,
        first_offer_ms=None,
        agent=None,
        seen_ms=EPOCH_MS - 1_000,
    )


def test_nothing_is_written_off_before_every_node_has_been_read() -> None:
    """At a start: a call that the first node does not have may be on the second."""
    story = tell("0.000 time passes | -", agents="8001", strict=True)
    story.step(EPOCH_MS + 1, remembered("old-1"))
    story.step(EPOCH_MS + 2, SwitchConnected(NODE, (), awaited=True))
    assert CallId("old-1") in story.core.state.remembered_calls
    assert not [one for one in story.effects if isinstance(one, CallEnded)]
    story.step(EPOCH_MS + 3, NodeLost(FAR))
    (ended,) = [one for one in story.effects if isinstance(one, CallEnded)]
    assert (ended.call, ended.outcome) == ("old-1", Outcome.LOST), "it was cut with the node"
