"""The metrics say what the facts say, and nothing that identifies anybody."""

import msgspec
import pytest
from prometheus_client.parser import text_string_to_metric_families

from acd.core.directory import (
    Agent,
    Entry,
    EntryKind,
    Queue,
    Reach,
    Selection,
    SkillNeed,
    Widening,
)
from acd.core.directory_diff import Staffing
from acd.core.events import Hangup
from acd.core.facts import (
    CallAnswered,
    CallEnded,
    CallerResponded,
    CallOffered,
    CallPickedUp,
    CallRated,
    Defect,
    Fact,
    Ignored,
    IncidentOpened,
    MenuAnswered,
    NoResponseFlagged,
    ObligationNoted,
    OfferEnded,
    OfferMade,
    OfferResult,
    Outcome,
    PromiseBroken,
    RatingAsked,
    Repaired,
    RequestRefused,
    Response,
    SilencePrompted,
    WrapUpEnded,
)
from acd.core.follow_up.owed import Closing, Obligation, ObligationKind, OwedFor
from acd.core.ids import (
    AgentId,
    CallId,
    EntryId,
    LegId,
    MenuId,
    ObligationId,
    OfferId,
    PhoneId,
    QueueId,
    SeatId,
)
from acd.core.scripts import RatingScale, Then
from acd.core.tables import ObligationState
from acd.runtime.clock import Clock
from acd.runtime.metrics.counted import Metrics
from acd.runtime.metrics.gauges import add_core_gauges
from acd.runtime.metrics.series import VALUES_MAX
from acd.runtime.records import Numbering
from tests.core.story import EPOCH_MS, Story, go_on, tell
from tests.core.test_stories_case import TALKING

NUMBER = "02160000001"


def offered(call: str = "c1", *, synthetic: bool = False, entry: str | None = "95001") -> Fact:
    return CallOffered(
        at_ms=1,
        call=CallId(call),
        arrived_ms=1,
        leg=LegId("n1:1.1"),
        trunk=None,
        caller=NUMBER,
        called=EntryId(entry or NUMBER),
        entry=None if entry is None else EntryId(entry),
        kind=None if entry is None else EntryKind.EMERGENCY,
        queue=None if entry is None else QueueId("emergency"),
        terminal=None,
        elders=(),
        synthetic=synthetic,
        recording=None,
    )


def answered(
    call: str = "c1", *, wait_ms: int = 4000, again: bool = False, synthetic: bool = False
) -> Fact:
    return CallAnswered(
        at_ms=1,
        call=CallId(call),
        arrived_ms=1,
        agent=AgentId("8001"),
        seat=SeatId("s"),
        wait_ms=wait_ms,
        again=again,
        queue=QueueId("emergency"),
        kind=EntryKind.EMERGENCY,
        synthetic=synthetic,
    )


def ended(
    outcome: Outcome,
    call: str = "c1",
    *,
    synthetic: bool = False,
    wait_ms: int = 1,
    response: Response | None = None,
) -> Fact:
    return CallEnded(
        at_ms=1,
        call=CallId(call),
        arrived_ms=1,
        outcome=outcome,
        agent=None,
        first_offer_ms=4,
        answered_ms=None,
        wait_ms=wait_ms,
        ring_ms=0,
        talk_ms=0,
        hold_ms=0,
        offers=0,
        queue=QueueId("emergency"),
        kind=EntryKind.EMERGENCY,
        synthetic=synthetic,
        response=response,
    )


def flagged() -> Fact:
    return NoResponseFlagged(
        at_ms=1,
        call=CallId("c1"),
        arrived_ms=1,
        agent=None,
        after_ms=9_000,
        heard=None,
        queue=QueueId("emergency"),
        kind=EntryKind.EMERGENCY,
    )


def offer_made(call: str = "c1") -> Fact:
    return OfferMade(
        at_ms=1,
        call=CallId(call),
        arrived_ms=1,
        offer=OfferId("o"),
        agent=AgentId("8001"),
        seat=SeatId("s"),
        phone=PhoneId("a8001"),
        leg=LegId("n1:hl-1"),
        slack_ms=1,
        free=1,
        idle_ms=1,
        selection=Selection.LONGEST_IDLE,
        rank=0,
        next=(),
        skipped=(),
        reach=Reach.READY,
        ring_limit_ms=6_500,
        phones=1,
    )


def broken(*, synthetic: bool = False) -> Fact:
    return PromiseBroken(
        at_ms=1,
        call=CallId("c1"),
        arrived_ms=1,
        queue=QueueId("emergency"),
        synthetic=synthetic,
    )


def incident(*, synthetic: bool = False) -> Fact:
    return IncidentOpened(
        at_ms=1,
        call=CallId("c1"),
        arrived_ms=1,
        queue=QueueId("emergency"),
        waited_ms=60_000,
        synthetic=synthetic,
    )


def offer_ended(call: str = "c1") -> Fact:
    return OfferEnded(
        at_ms=1,
        call=CallId(call),
        arrived_ms=1,
        offer=OfferId("o"),
        agent=AgentId("8001"),
        result=OfferResult.ACCEPTED,
        ring_ms=5,
        why=Hangup.NORMAL,
    )


MADE_GOOD = "huling_calls_made_good_total{{closing={},queue=enquiry}}"
SELF_SERVICE = "huling_self_service_ended_total{{result={}}}"


def made_good(closing: Closing) -> Fact:
    owed = Obligation(
        id=ObligationId("1-o1"),
        kind=ObligationKind.CALLBACK,
        why=OwedFor.ABANDONED,
        state=ObligationState.DONE,
        queue=QueueId("enquiry"),
        entry=None,
        entry_kind=EntryKind.ENQUIRY,
        number=NUMBER,
        terminal=None,
        elders=(),
        call=CallId("c1"),
        since_ms=1,
        created_ms=1,
        deadline_ms=9,
        next_ms=None,
        escalate_ms=9,
        unanswered=2,
        closing=closing,
        closed_ms=2,
    )
    return ObligationNoted(at_ms=2, call=CallId("c1"), what="ended", obligation=owed)


def in_menu() -> Fact:
    met = offered(entry="95003")
    assert isinstance(met, CallOffered)
    return msgspec.structs.replace(met, menu=MenuId("main"))


def key(pressed: str | None, *, chosen: bool = True) -> Fact:
    return MenuAnswered(
        at_ms=1,
        call=CallId("c1"),
        arrived_ms=1,
        menu=MenuId("main"),
        key=pressed,
        then=Then.QUEUE,
        target="",
        chosen=chosen and pressed is not None,
    )


def picked_up() -> Fact:
    return CallPickedUp(at_ms=8, call=CallId("c1"), arrived_ms=1)


def asked_to_rate() -> Fact:
    return RatingAsked(
        at_ms=1,
        call=CallId("c1"),
        arrived_ms=1,
        agent=AgentId("8003"),
        queue=QueueId("enquiry"),
        scale=RatingScale.S2,
    )


def rated() -> Fact:
    return CallRated(
        at_ms=1,
        call=CallId("c1"),
        arrived_ms=1,
        agent=AgentId("8003"),
        queue=QueueId("enquiry"),
        scale=RatingScale.S2,
        rating="一般",
    )


def wrapped_up(*, synthetic: bool = False, entry: str | None = "95001") -> Fact:
    return WrapUpEnded(
        at_ms=1,
        agent=AgentId("8001"),
        call=CallId("c1"),
        arrived_ms=1,
        wrap_up_ms=5000,
        talk_ms=60_000,
        queue=QueueId("emergency"),
        entry=None if entry is None else EntryId(entry),
        synthetic=synthetic,
    )


def samples(*facts: Fact, metrics: Metrics | None = None) -> dict[str, float]:
    """Return `name{label=value,…}` → value after these facts."""
    metrics = metrics or Metrics()
    for fact in facts:
        metrics.past.add(fact)
    found = {}
    for family in text_string_to_metric_families(metrics.exposition().decode()):
        for sample in family.samples:
            labels = ",".join(f"{key}={value}" for key, value in sorted(sample.labels.items()))
            found[f"{sample.name}{{{labels}}}" if labels else sample.name] = sample.value
    return found


@pytest.mark.parametrize(
    ("facts", "name", "value"),
    [
        ([offered(), offered("c2")], "huling_calls_offered_total{entry=95001,queue=emergency}", 2),
        ([offered(entry=None)], "huling_calls_offered_total{entry=unknown,queue=none}", 1),
        ([answered()], "huling_calls_answered_total{queue=emergency}", 1),
        ([answered(), answered(again=True)], "huling_calls_answered_total{queue=emergency}", 1),
        ([answered()], "huling_answer_time_seconds_bucket{le=3.0,queue=emergency}", 0),
        ([answered()], "huling_answer_time_seconds_bucket{le=5.0,queue=emergency}", 1),
        (
            [answered(wait_ms=10_000)],
            "huling_answer_time_seconds_bucket{le=10.0,queue=emergency}",
            1,
        ),
        (
            [answered(wait_ms=10_001)],
            "huling_answer_time_seconds_bucket{le=10.0,queue=emergency}",
            0,
        ),
        ([answered(wait_ms=10_001)], "huling_answer_time_seconds_sum{queue=emergency}", 10.001),
        ([ended(Outcome.ABANDONED)], "huling_calls_abandoned_total{queue=emergency}", 1),
        (
            [ended(Outcome.LOST)],
            "huling_calls_ended_total{outcome=lost,queue=emergency}",
            1,
        ),
        ([broken()], "huling_promises_broken_total{queue=emergency}", 1),
        ([broken(synthetic=True)], "huling_synthetic_promises_broken_total", 1),
        ([incident()], "huling_incidents_opened_total{queue=emergency}", 1),
        ([incident(synthetic=True)], "huling_synthetic_incidents_opened_total", 1),
        ([made_good(Closing.REACHED)], MADE_GOOD.format("reached"), 2),
        ([made_good(Closing.CALLED_AGAIN)], MADE_GOOD.format("called_again"), 2),
        ([made_good(Closing.CLOSED)], MADE_GOOD.format("reached"), None),
        ([in_menu(), ended(Outcome.SELF_SERVED)], SELF_SERVICE.format("served"), 1),
        ([in_menu(), ended(Outcome.VOICEMAIL)], SELF_SERVICE.format("served"), 1),
        ([in_menu(), ended(Outcome.ABANDONED)], SELF_SERVICE.format("left"), 1),
        ([in_menu(), key("1"), ended(Outcome.ANSWERED)], SELF_SERVICE.format("person"), 1),
        ([in_menu(), key("1"), ended(Outcome.ABANDONED)], SELF_SERVICE.format("person"), 1),
        ([in_menu(), key(None), ended(Outcome.ANSWERED)], SELF_SERVICE.format("gave_up"), 1),
        ([offered(), ended(Outcome.ABANDONED)], SELF_SERVICE.format("left"), None),
        ([offered(), picked_up()], "huling_menu_start_seconds_count", 0),
        ([in_menu(), picked_up()], "huling_menu_start_seconds_sum", 0.007),
        ([in_menu(), key("1")], "huling_menu_steps_total{result=chosen}", 1),
        ([in_menu(), key("9", chosen=False)], "huling_menu_steps_total{result=wrong_key}", 1),
        ([in_menu(), key(None)], "huling_menu_steps_total{result=nothing}", 1),
        (
            [offered(), answered()],
            "huling_entry_calls_answered_total{entry=95001}",
            1,
        ),
        (
            [offered(), ended(Outcome.ABANDONED)],
            "huling_entry_calls_abandoned_total{entry=95001}",
            1,
        ),
        (
            [offered(entry=None), ended(Outcome.ABANDONED, wait_ms=4999)],
            "huling_entry_abandon_time_seconds_bucket{entry=unknown,le=5.0}",
            1,
        ),
        ([asked_to_rate()], "huling_ratings_asked_total{queue=enquiry}", 1),
        ([rated()], "huling_ratings_total{queue=enquiry,rating=一般,scale=s2}", 1),
        ([flagged()], "huling_silent_calls_total{queue=emergency}", 1),
        (
            [
                ended(Outcome.ANSWERED, response=Response.RESPONDED),
                ended(Outcome.ANSWERED, response=Response.NO_RESPONSE),
            ],
            "huling_calls_without_response_total{queue=emergency}",
            1,
        ),
        (
            [
                SilencePrompted(
                    at_ms=1,
                    call=CallId("c1"),
                    arrived_ms=1,
                    agent=None,
                    prompts=("p",),
                    heard=None,
                )
            ],
            "huling_silence_prompts_total",
            1,
        ),
        (
            [CallerResponded(at_ms=1, call=CallId("c1"), arrived_ms=1, agent=None, after_ms=1_500)],
            "huling_response_time_seconds_sum",
            1.5,
        ),
        ([wrapped_up()], "huling_handle_time_seconds_sum{queue=emergency}", 65),
        ([wrapped_up()], "huling_entry_handle_time_seconds_sum{entry=95001}", 65),
        ([wrapped_up()], "huling_entry_wrap_up_seconds_sum{entry=95001}", 5),
        ([wrapped_up(entry=None)], "huling_entry_wrap_up_seconds_sum{entry=none}", None),
        ([offer_made()], "huling_offers_total", 1),
        ([offer_ended()], "huling_offers_ended_total{result=accepted}", 1),
        ([offer_ended()], "huling_ring_time_seconds_sum{result=accepted}", 0.005),
        ([offered(), answered()], "huling_entry_answer_time_seconds_sum{entry=95001}", 4),
        (
            [ended(Outcome.ABANDONED, wait_ms=4999)],
            "huling_abandon_time_seconds_bucket{le=5.0,queue=emergency}",
            1,
        ),
        (
            [ended(Outcome.ABANDONED, wait_ms=5001)],
            "huling_abandon_time_seconds_bucket{le=5.0,queue=emergency}",
            0,
        ),
        ([ended(Outcome.LOST)], "huling_first_offer_seconds_sum{queue=emergency}", 0.003),
        ([wrapped_up()], "huling_talk_time_seconds_sum{queue=emergency}", 60),
        ([wrapped_up()], "huling_wrap_up_seconds_sum{queue=emergency}", 5),
        ([Defect(at_ms=1, sentence="s", call=None)], "huling_defects_total", 1),
        (
            [RequestRefused(at_ms=1, agent=None, refusal="seat_taken")],
            "huling_requests_refused_total{refusal=seat_taken}",
            1,
        ),
        (
            [Ignored(at_ms=1, reason="rang again", key="n1:1")],
            "huling_events_ignored_total{reason=rang again}",
            1,
        ),
        (
            [Repaired(at_ms=1, what="leg was gone", key="n1:1")],
            "huling_repairs_total{what=leg was gone}",
            1,
        ),
    ],
)
def test_counted(facts: list[Fact], name: str, value: float | None) -> None:
    assert samples(*facts).get(name) == value


def test_synthetic_calls_are_in_no_figure_but_their_own() -> None:
    found = samples(
        offered(synthetic=True),
        broken(synthetic=True),
        incident(synthetic=True),
        offer_made(),
        offer_ended(),
        answered(synthetic=True),
        ended(Outcome.ANSWERED, synthetic=True),
        wrapped_up(synthetic=True),
    )
    assert found["huling_synthetic_calls_offered_total"] == 1
    assert found["huling_synthetic_calls_answered_total"] == 1
    assert found["huling_synthetic_calls_ended_total{outcome=answered}"] == 1
    figures = {
        name: value
        for name, value in found.items()
        if name.startswith("huling_")
        and not name.startswith("huling_synthetic")
        and "_bucket" not in name
    }
    assert not any(figures.values()), figures


def test_after_a_synthetic_call_the_next_one_counts() -> None:
    found = samples(
        offered("s1", synthetic=True),
        ended(Outcome.ANSWERED, "s1", synthetic=True),
        offered("c2"),
        offer_made("c2"),
    )
    assert found["huling_offers_total"] == 1


def test_no_telephone_number_is_ever_shown() -> None:
    metrics = Metrics()
    samples(offered(), offered(entry=None), answered(), ended(Outcome.REFUSED), metrics=metrics)
    assert NUMBER not in metrics.exposition().decode()


def test_a_label_has_a_bounded_number_of_values() -> None:
    many = [Ignored(at_ms=1, reason=f"reason {n}", key="") for n in range(VALUES_MAX + 50)]
    found = samples(*many)
    ignored = {name: v for name, v in found.items() if name.startswith("huling_events_ignored")}
    assert len(ignored) <= VALUES_MAX + 1
    assert sum(ignored.values()) == VALUES_MAX + 50


def queue(name: str) -> Queue:
    return Queue(
        id=QueueId(name),
        priority=0,
        promise_ms=10_000,
        ring_ms=5000,
        ring_ms_min=4000,
        widening=(Widening(after_ms=0, phones=1, reach=Reach.READY),),
        incident_ms=60_000,
        pick_up_ms=2000,
        wrap_up_ms=0,
        short_answer_ms=0,
        refusal_delay_ms=0,
        misses_max=3,
        selection=Selection.LONGEST_IDLE,
        needs=(),
        acknowledgement="a",
    )


def test_known_queues_are_shown_before_their_first_call() -> None:
    metrics = Metrics()
    entries = [
        Entry(id=EntryId("95001"), kind=EntryKind.EMERGENCY, queue=QueueId("emergency")),
        Entry(id=EntryId("95009"), kind=EntryKind.SYNTHETIC, queue=QueueId("synthetic")),
    ]
    metrics.expect(
        Staffing(
            queues={q: queue(q) for q in (QueueId("emergency"), QueueId("synthetic"))},
            entries={entry.id: entry for entry in entries},
            agents={},
            seats={},
        )
    )
    found = samples(metrics=metrics)
    assert found["huling_calls_offered_total{entry=95001,queue=emergency}"] == 0
    assert found["huling_calls_answered_total{queue=emergency}"] == 0
    assert found["huling_silent_calls_total{queue=emergency}"] == 0
    assert found["huling_entry_handle_time_seconds_count{entry=95001}"] == 0
    assert not [name for name in found if "synthetic" in name and "{" in name and "le=" not in name]


def test_gauges_are_read_when_somebody_asks() -> None:
    metrics = Metrics()
    waiting = {"emergency": 1.0}
    metrics.gauges(
        "huling_calls_waiting", "W.", ("queue",), lambda: (((q,), v) for q, v in waiting.items())
    )
    metrics.gauge("huling_inbox_events", "I.", lambda: 7)
    metrics.counters("huling_inbox_dropped", "D.", ("event",), {"DigitPressed": 3})
    waiting["emergency"] = 5.0
    found = samples(metrics=metrics)
    assert found["huling_calls_waiting{queue=emergency}"] == 5
    assert found["huling_inbox_events"] == 7
    assert found["huling_inbox_dropped_total{event=DigitPressed}"] == 3


def test_the_time_of_a_step_is_kept() -> None:
    metrics = Metrics()
    metrics.past.took_ns.append(30_000)
    found = samples(metrics=metrics)
    assert found["huling_decision_seconds_count"] == 1
    assert found["huling_decision_seconds_sum"] == pytest.approx(3e-5)


def test_how_soon_b_was_there() -> None:
    """E14: from the key to B's telephone ringing, and to B being with the caller; once a case."""
    story = go_on(
        tell(TALKING, agents="8001 8002"),
        """
        3.000  8001 presses *90 | case opened by 8001; play case-open to 8001; ring 8002 for A
        3.300  8002 rings       | -
        5.000  8002 answers     | offer accepted 8002; case b taken by 8002; join 8002
        5.500  8002 enters      | -
        6.000  8002 hangs up    | case b gone by 8002; 8002 wrap_up; ring 8002 for A
        """,
    )
    facts = [fact for _, fact in Numbering().kept(story.effects)]
    found = samples(*facts)
    assert found["huling_cases_opened_total{origin=agent}"] == 1
    assert found["huling_cases_opened_total{origin=no_response}"] == 0
    assert found["huling_case_b_ring_seconds_count"] == 1
    assert found["huling_case_b_ring_seconds_sum"] == pytest.approx(0.3)
    assert found["huling_case_b_join_seconds_count"] == 1
    assert found["huling_case_b_join_seconds_sum"] == pytest.approx(2.5)


SKILLED = msgspec.structs.replace(
    queue("emergency"), needs=(SkillNeed("emergency", 5), SkillNeed("dialect:shanghai", 1))
)


def skilled() -> Metrics:
    """Metrics of a house whose emergency line needs two skills, and one for proofs a third."""
    proofs = msgspec.structs.replace(
        SKILLED, id=QueueId("synthetic"), needs=(SkillNeed("synthetic", 1),)
    )
    entries = (
        Entry(id=EntryId("95001"), kind=EntryKind.EMERGENCY, queue=SKILLED.id),
        Entry(id=EntryId("95009"), kind=EntryKind.SYNTHETIC, queue=proofs.id),
    )
    metrics = Metrics()
    metrics.expect(
        Staffing(
            agents={},
            queues={queue.id: queue for queue in (SKILLED, proofs)},
            seats={},
            entries={entry.id: entry for entry in entries},
        )
    )
    return metrics


@pytest.mark.parametrize("skill", ["emergency", "dialect:shanghai"])
def test_a_call_counts_under_each_skill_that_its_queue_needs(skill: str) -> None:
    """K07: by skill."""
    found = samples(
        *(offered(), offered("c2"), answered(), answered(again=True)),
        *(ended(Outcome.ANSWERED), ended(Outcome.ABANDONED, "c2", wait_ms=7_000)),
        *(broken(), incident(), wrapped_up()),
        metrics=skilled(),
    )
    for name, value in {
        "calls_offered_total": 2,
        "calls_answered_total": 1,
        "calls_abandoned_total": 1,
        "promises_broken_total": 1,
        "incidents_opened_total": 1,
        "answer_time_seconds_sum": 4.0,
        "abandon_time_seconds_sum": 7.0,
        "handle_time_seconds_sum": 65.0,
        "wrap_up_seconds_sum": 5.0,
    }.items():
        assert found[f"huling_skill_{name}{{skill={skill}}}"] == value, name


def test_synthetic_calls_and_calls_of_no_queue_ask_for_no_skill() -> None:
    found = samples(
        *(offered(synthetic=True), answered(synthetic=True), offered("c2", entry=None)),
        *(ended(Outcome.ABANDONED, synthetic=True), broken(synthetic=True)),
        *(incident(synthetic=True), wrapped_up(synthetic=True)),
        metrics=skilled(),
    )
    counted = {
        name: value
        for name, value in found.items()
        if name.startswith("huling_skill_") and "bucket" not in name
    }
    assert counted and not any(counted.values())
    assert not any("skill=synthetic" in name for name in found)


def test_a_groups_agents_are_counted_under_it_and_nobody_else() -> None:
    """H05: what agents of a group did with what reached them; an agent without one, the robot's
    calls and a second answer of the same call are left out."""
    metrics = Metrics()
    members = [
        Agent(id=AgentId(name), name=name, skills=(), group=group)
        for name, group in (("8001", "service"), ("8002", None))
    ]
    metrics.expect(
        Staffing(queues={}, entries={}, seats={}, agents={one.id: one for one in members})
    )

    def by(agent: str, *facts: Fact) -> list[Fact]:
        return [msgspec.structs.replace(fact, agent=AgentId(agent)) for fact in facts]

    found = samples(
        *by("8001", answered(), answered("c2", again=True), answered("c3", synthetic=True)),
        *by("8001", wrapped_up(), wrapped_up(synthetic=True)),
        *by("8002", answered("c4"), wrapped_up()),
        metrics=metrics,
    )
    assert found["huling_group_answer_time_seconds_count{group=service}"] == 1
    assert found["huling_group_answer_time_seconds_sum{group=service}"] == 4.0
    total = found["huling_group_talk_time_seconds_sum{group=service}"]
    assert total + found["huling_group_wrap_up_seconds_sum{group=service}"] == 65.0
    assert found["huling_group_offers_ended_total{group=service,result=missed}"] == 0
    assert {name for name in found if "group=" in name and "service" not in name} == set()


def gauges(story: Story, *, at_s: float) -> dict[str, float]:
    """What a scrape reads from the core so many seconds into the story."""
    metrics = Metrics()
    stands_at = (EPOCH_MS + round(at_s * 1000)) * 1_000_000
    clock = Clock(wall_ns=lambda: stands_at, monotonic_ns=lambda: 0)
    add_core_gauges(metrics, story.core, clock)
    return samples(metrics=metrics)


def test_the_oldest_open_case_has_an_age() -> None:
    story = tell(TALKING, agents="8001 8002")
    assert gauges(story, at_s=2.0)["huling_oldest_case_seconds"] == 0
    go_on(
        story,
        "3.000  8001 presses *90 | case opened by 8001; play case-open to 8001; ring 8002 for A",
    )
    assert gauges(story, at_s=63.0)["huling_oldest_case_seconds"] == 60


def test_who_has_a_skill_is_ready_or_at_work_or_neither() -> None:
    """K07: by skill. 8001 talks, 8002 is ready, 8003 is not logged in."""
    found = gauges(tell(TALKING, agents="8001 8002", away="8003"), at_s=2.0)
    shown = {name: value for name, value in found.items() if name.startswith("huling_skill_agents")}
    assert shown == {
        "huling_skill_agents{skill=emergency,state=ready}": 1,
        "huling_skill_agents{skill=emergency,state=at_work}": 2,
    }
