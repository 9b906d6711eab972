"""Agents: a gapless trace of each, wishes that are answered, test rings that grow rarer."""

from acd.core.facts import (
    AgentStateChanged,
    LeaveAnswered,
    LeaveAsked,
    TestRang,
    TestResult,
    TestRingEnded,
    WrapUpEnded,
    WrapUpExtended,
)
from acd.core.state import Effect
from acd.simulation.audit.books import Books

NEAR = ("rest", "training", "paperwork")
"""Breaks that a caller in danger may interrupt."""
LEAVE_MS_MAX = 120_000
TEST_RING_MS = 30_000
TEST_RING_MS_MAX = 900_000
TEST_RINGS_MAX = 6
"""Of every queue of the make-believe world."""


def at_work(b: Books, fact: Effect) -> None:
    """What becomes of agents."""
    match fact:
        case AgentStateChanged():
            _agent_changed(b, fact)
        case LeaveAsked():
            assert fact.agent not in b.asking, "asked twice"
            assert b.agents[fact.agent].now != "logged_out"
            b.asking[fact.agent] = fact
        case LeaveAnswered():
            asked = b.asking.pop(fact.agent)  # fails when it had been answered before
            assert (fact.what, fact.reason) == (asked.what, asked.reason)
            # Whoever was not woken in time (a freeze) cannot have answered in time.
            assert fact.waited_ms == fact.at_ms - asked.at_ms <= LEAVE_MS_MAX + b.late_ms
            if fact.by is not None:
                assert fact.by != fact.agent and b.agents[fact.by].now != "logged_out"
        case TestRang():
            _tested(b, fact)
        case TestRingEnded():
            assert fact.agent in b.tested, "a test ring ended that never began"
            if fact.result is TestResult.READY:
                assert b.agents[fact.agent].now == "not_responding"
        case WrapUpExtended():
            assert b.agents[fact.agent].now == "wrap_up" and fact.by_ms > 0
        case WrapUpEnded():
            queue = b.queues[fact.queue]
            most_ms = max(queue.wrap_up_ms, queue.rules.wrap_up_ms_max, 5_000)
            assert fact.wrap_up_ms <= most_ms, f"{fact.agent} wrapped up for ever"
            assert fact.wrap_up_ms == b.wrapping.pop(fact.agent)
        case _:
            pass


def _agent_changed(b: Books, fact: AgentStateChanged) -> None:
    before = b.agents.get(fact.agent)
    assert fact.was == ("logged_out" if before is None else before.now)
    # Who is removed and comes back begins anew; so does who is seen for the first time.
    if before is not None and before.now != "logged_out":
        assert fact.from_ms == before.at_ms, f"a gap in the trace of {fact.agent}"
        assert fact.seat == before.seat, f"{fact.agent} changed seats while at work"
    assert fact.seat is not None
    if fact.was == "wrap_up":
        b.wrapping[fact.agent] += fact.at_ms - fact.from_ms
    if fact.now == "wrap_up" and fact.was != "offered":
        assert fact.agent not in b.wrapping, "new notes before the old ones ended"
        b.wrapping[fact.agent] = 0
    if fact.now in ("ready", "talking"):
        b.left_alone.pop(fact.agent, None)
    if fact.was == "paused" and fact.now == "offered" and not b.is_steered:
        assert before is not None and before.reason in NEAR, f"{fact.agent} is far away"
    b.agents[fact.agent] = fact


def _tested(b: Books, rang: TestRang) -> None:
    """Only who is not responding, never in a circle: the pauses grow."""
    last = b.agents[rang.agent]
    assert last.now == "not_responding" and last.seat == rang.seat
    before = b.tested.get(rang.agent)
    if rang.number == 1:
        assert rang.at_ms - last.at_ms >= TEST_RING_MS
    else:
        assert before is not None and before.number == rang.number - 1
        pause_ms = min(TEST_RING_MS << (rang.number - 1), TEST_RING_MS_MAX)
        assert rang.at_ms - before.at_ms >= pause_ms
        assert rang.number <= TEST_RINGS_MAX
    b.tested[rang.agent] = rang
