"""Metrics and the stream take the past many steps at a time; nobody can tell by what they show."""

from random import Random

import pytest
import structlog
from msgspec.structs import replace
from prometheus_client.parser import text_string_to_metric_families

from acd.core.directory import Agent, Entry, Queue
from acd.core.directory_diff import Staffing
from acd.core.events import AgentDefined, EntryDefined, QueueDefined
from acd.core.facts import CallOffered, Fact, Ignored, Outcome
from acd.core.ids import AgentId, EntryId, QueueId
from acd.runtime.clock import Clock
from acd.runtime.metrics import exposition as exposition_module
from acd.runtime.metrics.counted import Metrics
from acd.runtime.metrics.exposition import Exposition
from acd.runtime.metrics.series import Distribution
from acd.runtime.past import STEPS_MAX, Batch, Past
from acd.runtime.records import Numbering
from acd.runtime.stream import Stream
from bench.core.lives import Lives
from tests.runtime.test_leg_metrics import leg
from tests.runtime.test_metrics import answered, ended, offered
from tests.runtime.test_stream import stream_of, taken

LIVES = Lives(agents=5, waiting=5, queues=3, keeps_steps=True)
LIVES.live(60)
FACTS = [fact for _, _, effects in LIVES.steps for _, fact in Numbering().kept(effects)]
"""Of 70 calls."""


def staffing() -> Staffing:
    """The directory of those lives, its agents in two groups."""
    queues: dict[QueueId, Queue] = {}
    entries: dict[EntryId, Entry] = {}
    agents: dict[AgentId, Agent] = {}
    for _, event, _ in LIVES.steps:
        if isinstance(event, QueueDefined):
            queues[event.queue.id] = event.queue
        elif isinstance(event, EntryDefined):
            entries[event.entry.id] = event.entry
        elif isinstance(event, AgentDefined):
            agents[event.agent.id] = replace(event.agent, group=f"group {len(agents) % 2}")
    return Staffing(queues=queues, entries=entries, agents=agents, seats={})


def shown(facts: list[Fact], *, settled_after: set[int]) -> dict[str, float]:
    """Return what is shown of these facts when they were passed on after the so many-th each."""
    metrics = Metrics()
    metrics.expect(staffing())
    for n, fact in enumerate(facts):
        metrics.past.add(fact)
        if n in settled_after:
            metrics.past.settle()
    return {
        f"{sample.name}{sorted(sample.labels.items())}": sample.value
        for family in text_string_to_metric_families(metrics.exposition().decode())
        for sample in family.samples
        if family.name.startswith("huling_")
    }


def test_where_the_past_is_cut_changes_no_figure() -> None:
    one_by_one = shown(FACTS, settled_after=set(range(len(FACTS))))
    assert one_by_one["huling_answer_time_seconds_count[('queue', 'q0')]"] > 10
    assert one_by_one["huling_group_answer_time_seconds_count[('group', 'group 1')]"] > 10
    assert one_by_one["huling_skill_handle_time_seconds_count[('skill', 'skill 2')]"] > 10
    assert one_by_one["huling_entry_calls_answered_total[('entry', '950011')]"] > 10
    assert shown(FACTS, settled_after=set()) == one_by_one
    dice = Random(1)
    for _ in range(5):
        cuts = set(dice.sample(range(len(FACTS)), 40))
        assert shown(FACTS, settled_after=cuts) == one_by_one


@pytest.mark.parametrize("values", [[], [5], [5_000, 5_001, 4_999, 1, 90_000], [1, 1, 2]])
def test_sorted_or_not_a_value_is_in_the_same_bucket(values: list[int]) -> None:
    one, other, third = (Distribution((0.005, 1, 5, 60), per=1_000) for _ in range(3))
    one.count(values)
    other.count_sorted(sorted(values))
    for value in values:
        third.observe(value)
    third.fold()
    inside = [sum(value <= bound for value in values) for bound in (5, 1_000, 5_000, 60_000)]
    for found in (one, other, third):
        assert list(found.below()) == [*inside, len(values), len(values)]
        assert found.total == pytest.approx(sum(values) / 1_000)


def test_a_series_that_goes_on_is_written_anew() -> None:
    metrics = Exposition()
    times, count = metrics.histogram("t", "T.", (1, 2)), metrics.counter("c", "C.")
    times.observe(1_500)
    first = metrics.exposition().decode()
    assert metrics.exposition().decode().count('t_bucket{le="2.0"} 1') == 1
    times.observe(1_000)
    count.inc()
    second = metrics.exposition().decode()
    assert ('t_bucket{le="1.0"} 0' in first, 't_bucket{le="1.0"} 1' in second) == (True, True)
    assert ("t_sum 1.5\n" in first, "t_sum 2.5\n" in second) == (True, True)
    assert ("c_total 0\n" in first, "c_total 1\n" in second) == (True, True)


def test_any_name_can_be_a_label() -> None:
    metrics = Exposition()
    odd = 'a "b" \\ c\nd,e=f{g} 中'
    metrics.counter_by("c", 'A "help" \\ with\nlines.', "of", "and")[odd, None].inc()
    metrics.histogram_by("h", "H.", (1,), "of")[odd].observe(1)
    families = {one.name: one for one in text_string_to_metric_families(
        metrics.exposition().decode()
    )}  # fmt: skip
    (sample,) = families["c"].samples
    assert (sample.labels, sample.value) == ({"of": odd, "and": "none"}, 1)
    assert families["c"].documentation == 'A "help" \\ with\nlines.'
    assert {one.labels["of"] for one in families["h"].samples} == {odd}


def test_observations_do_not_wait_for_ever_where_nobody_scrapes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(exposition_module, "UNFOLDED_MAX", 50)
    metrics = Metrics()
    for fact in FACTS:
        metrics.past.add(fact)
        metrics.past.settle()
    assert sum(len(values) for tally in metrics._tallies for values in tally.values()) < 50
    waiting = [one._waiting for times in metrics._histograms for one in times.children.values()]
    assert sum(map(len, waiting)) < 100


def test_who_cannot_take_the_past_costs_nobody_else_a_fact() -> None:
    """Our bug in counting must neither give facts the numbers of others nor take them from those
    who read along."""

    def fail(batch: Batch) -> None:
        raise RuntimeError("a bug")

    past = Past()
    past.follow(fail)
    stream = Stream(LIVES.core, Clock(not_before_ms=0), past, epoch=7)
    past.add(FACTS[0])
    with structlog.testing.capture_logs() as said:
        past.settle()
    past.add(FACTS[1])
    assert [told.seq for told in stream.batch(0)[0]] == [1]
    assert [told.seq for told in stream.batch(1)[0]] == [2]
    assert (past.failures, [one["log_level"] for one in said]) == (1, ["error"])


@pytest.mark.parametrize("many", [False, True])
def test_a_figure_that_fails_at_a_fact_costs_no_other_figure(*, many: bool) -> None:
    metrics = Metrics()
    seen: list[Fact] = []

    def fail(fact: CallOffered) -> None:
        if fact.call == "c1":
            raise RuntimeError("a bug")
        seen.append(fact)

    def fail_among(facts: list[CallOffered]) -> None:
        for fact in facts:
            fail(fact)

    if many:
        metrics.on_all(CallOffered, fail_among)
    else:
        metrics.on(CallOffered, fail)
    for call in ("c1", "c2"):
        metrics.past.add(offered(call))
    metrics.past.add(answered("c2"))
    with structlog.testing.capture_logs() as said:
        text = metrics.exposition().decode()
    assert 'huling_calls_offered_total{entry="95001",queue="emergency"} 2' in text
    assert 'huling_calls_answered_total{queue="emergency"} 1' in text
    assert len(seen) == (0 if many else 1)
    assert (metrics.past.failures, [one["who"] for one in said]) == (1, ["CallOffered"])


async def test_a_reader_goes_on_over_the_cuts_and_misses_nothing() -> None:
    """What waits is read where it lies, and a reader does not make the metrics count sooner."""
    stream = stream_of(facts_max=1_000)
    counted: list[int] = []
    stream.past.follow(lambda batch: counted.append(len(batch.facts)))
    reader = stream.read(epoch=7, after=0)
    told = []
    for n, fact in enumerate(FACTS[:300], start=1):
        stream.past.add(fact if n % 10 else Ignored(at_ms=n, reason="test", key=""))
        if n % 70 == 0:
            stream.past.settle()
        if n % 33 == 0:
            told += taken(await reader.next())
    while len(told) < 270:
        told += taken(await reader.next())
    assert [number for number, _ in told] == [n for n in range(1, 301) if n % 10]
    assert counted == [70] * 4


async def test_a_storm_of_what_is_ignored_pushes_nothing_out_of_the_ring() -> None:
    stream = stream_of(facts_max=4)
    for n in range(1, 500):
        stream.past.add(offered(f"c{n}") if n <= 3 else Ignored(at_ms=n, reason="test", key=""))
        if n % 20 == 0:
            stream.past.settle()
    reader = stream.read(epoch=7, after=1)
    assert [number for number, _ in taken(await reader.next())] == [2, 3]
    assert len(stream._ring) == 1


def test_what_has_left_the_ring_is_let_go() -> None:
    stream = stream_of(facts_max=100)
    for fact in FACTS[:500]:
        stream.past.add(fact)
        if len(stream.past.facts) == 30:
            stream.past.settle()
    assert sum(len(chunk.facts) for chunk in stream._ring) <= 100 + 30


def test_steps_wait_until_there_are_many_and_no_longer() -> None:
    past = Past()
    batches: list[Batch] = []
    past.follow(batches.append)
    for n in range(2 * STEPS_MAX + 1):
        past.took_ns.append(n)
        if len(past.took_ns) >= past.steps_max:
            past.due()
    assert [len(batch.took_ns) for batch in batches] == [STEPS_MAX, STEPS_MAX]


def test_who_watches_hears_of_each_step_and_nothing_is_passed_on_sooner() -> None:
    past = Past()
    batches: list[Batch] = []
    woken: list[int] = []
    past.follow(batches.append)
    past.watch(lambda: woken.append(1))
    for n in range(5):
        past.took_ns.append(n)
        if len(past.took_ns) >= past.steps_max:
            past.due()
    assert (len(woken), batches) == (5, [])
    past.watch(None)
    past.took_ns.append(5)
    assert len(past.took_ns) < past.steps_max


def test_a_leg_may_end_after_its_call_and_is_still_synthetic() -> None:
    for cuts in (set[int](), {0, 1, 2}):
        facts = [offered(synthetic=True), ended(Outcome.ANSWERED, synthetic=True), leg()]
        found = shown(facts, settled_after=cuts)
        legs = [value for name, value in found.items() if name.startswith("huling_legs_")]
        assert legs and not any(legs)
