"""Applying a difference one event at a time leads from one directory to the other, safely."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from acd.core.directory import (
    Agent,
    Entry,
    EntryKind,
    Queue,
    Reach,
    Seat,
    Selection,
    SkillNeed,
    Widening,
)
from acd.core.directory_diff import NOBODY, Staffing, diff
from acd.core.events import (
    AgentDefined,
    AgentRemoved,
    DirectoryChange,
    EntryDefined,
    EntryRemoved,
    QueueDefined,
    QueueRemoved,
    SeatDefined,
    SeatRemoved,
)
from acd.core.ids import AgentId, EntryId, PhoneId, QueueId, SeatId


def queue(name: str, promise_ms: int) -> Queue:
    return Queue(
        id=QueueId(name),
        priority=0,
        promise_ms=promise_ms,
        ring_ms=6_500,
        ring_ms_min=4_000,
        widening=(Widening(after_ms=0, phones=1, reach=Reach.READY),),
        incident_ms=60_000,
        pick_up_ms=2_000,
        wrap_up_ms=5_000,
        short_answer_ms=1_000,
        refusal_delay_ms=3_000,
        misses_max=3,
        selection=Selection.LONGEST_IDLE,
        needs=(SkillNeed("emergency", 1),),
        acknowledgement="caller-acknowledge",
    )


@st.composite
def staffings(draw: st.DrawFn) -> Staffing:
    """Any small directory in which whatever is named exists."""
    queues = {
        QueueId(name): queue(name, draw(st.sampled_from([10_000, 20_000])))
        for name in sorted(draw(st.sets(st.sampled_from("qrs"))))
    }
    agents = {
        AgentId(name): Agent(
            id=AgentId(name), name=name, skills=(("emergency", draw(st.integers(1, 2))),)
        )
        for name in sorted(draw(st.sets(st.sampled_from("abc"))))
    }
    entries = {}
    if queues:
        for name in sorted(draw(st.sets(st.sampled_from("123")))):
            target = draw(st.sampled_from(sorted(queues)))
            entries[EntryId(name)] = Entry(
                id=EntryId(name), kind=EntryKind.EMERGENCY, queue=QueueId(target)
            )
    seats = {
        SeatId(name): Seat(
            id=SeatId(name),
            phones=(PhoneId(f"p{name}"),),
            agent=draw(st.sampled_from([None, *agents])),
        )
        for name in sorted(draw(st.sets(st.sampled_from("xyz"))))
    }
    return Staffing(queues=queues, entries=entries, agents=agents, seats=seats)


class Follower:
    """Applies events one by one, and insists that nothing names what is not there."""

    def __init__(self, start: Staffing) -> None:
        self.queues: dict[Any, Queue] = dict(start.queues)
        self.entries: dict[Any, Entry] = dict(start.entries)
        self.agents: dict[Any, Agent] = dict(start.agents)
        self.seats: dict[Any, Seat] = dict(start.seats)

    def apply(self, event: DirectoryChange) -> None:
        match event:
            case QueueDefined(queue):
                self.queues[queue.id] = queue
            case QueueRemoved(one):
                del self.queues[one]
            case EntryDefined(entry):
                self.entries[entry.id] = entry
            case EntryRemoved(one):
                del self.entries[one]
            case AgentDefined(agent):
                self.agents[agent.id] = agent
            case AgentRemoved(one):
                del self.agents[one]
            case SeatDefined(seat):
                self.seats[seat.id] = seat
            case SeatRemoved(one):
                del self.seats[one]
        assert all(entry.queue in self.queues for entry in self.entries.values())
        assert all(seat.agent is None or seat.agent in self.agents for seat in self.seats.values())


@given(staffings(), staffings())
def test_a_difference_leads_from_one_to_the_other(old: Staffing, new: Staffing) -> None:
    follower = Follower(old)
    for event in diff(old, new):
        follower.apply(event)
    assert follower.queues == new.queues
    assert follower.entries == new.entries
    assert follower.agents == new.agents
    assert follower.seats == new.seats


@given(staffings())
def test_equal_directories_differ_in_nothing(one: Staffing) -> None:
    assert diff(one, one) == []


@given(staffings())
def test_the_first_reading_defines_everything_once(one: Staffing) -> None:
    kept = len(one.queues) + len(one.entries) + len(one.agents) + len(one.seats)
    assert len(diff(NOBODY, one)) == kept
