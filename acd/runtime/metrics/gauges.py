"""What is read from the running service at each scrape, as opposed to counted from facts."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Protocol

import acd
from acd.adapters.asterisk import AsteriskNodes
from acd.core import views
from acd.core.follow_up.owed import ObligationKind
from acd.core.ids import node_of
from acd.core.outside import spending
from acd.core.switch import Core
from acd.core.tables import AgentState, CaseState, ObligationState
from acd.runtime.clock import Clock
from acd.runtime.dispatch import Dispatcher
from acd.runtime.driver import Driver
from acd.runtime.health import Health
from acd.runtime.inbox import Inbox
from acd.runtime.journal import Journal
from acd.runtime.metrics.counted import Metrics
from acd.runtime.metrics.groups import staff_of_groups
from acd.runtime.metrics.skills import staff_of_skills
from acd.runtime.pledges import Acknowledgements
from acd.runtime.records import Recorder
from acd.runtime.stream import Stream

OPEN_CASES = (CaseState.OPEN, CaseState.UNCONFIRMED)

Samples = Iterator[tuple[Sequence[str], float]]


def add_core_gauges(metrics: Metrics, core: Core, clock: Clock) -> None:
    """Show what the core has now."""
    _add_queues(metrics, core, clock)
    _add_agents(metrics, core)
    _add_obligations(metrics, core, clock)
    _add_cases(metrics, core, clock)
    _add_outside_talk(metrics, core, clock)
    _add_legs(metrics, core)


def _add_queues(metrics: Metrics, core: Core, clock: Clock) -> None:
    def callers() -> list[views.QueueView]:
        # Whoever waits where only proofs go is nobody: it must wake nobody.
        return [view for view in views.queues(core.state) if not view.proofs]

    def longest() -> Samples:
        now_ms = clock.now_ms()
        for view in callers():
            since = view.oldest_arrival_ms
            yield (view.queue,), 0.0 if since is None else (now_ms - since) / 1000

    metrics.gauges(
        "huling_calls_waiting",
        "Callers waiting.",
        ("queue",),
        lambda: (((view.queue,), view.waiting) for view in callers()),
    )
    metrics.gauges(
        "huling_longest_wait_seconds", "Wait of whoever has waited longest.", ("queue",), longest
    )
    metrics.gauges(
        "huling_agents_free",
        "Agents who could be rung now.",
        ("queue",),
        lambda: (((view.queue,), view.free) for view in callers()),
    )


def _add_agents(metrics: Metrics, core: Core) -> None:
    def agents() -> Samples:
        # A telephone on duty outside is no person at work, nor is the proofs' robot: the house
        # must not look staffed by them.
        proofs = views.proof_queues(core.state)
        found = Counter(
            agent.state
            for agent in core.state.agents.values()
            if agent.profile.outside is None and not views.is_robot(agent, proofs)
        )
        # All states, so that a curve falls to 0 instead of ending.
        return (((state.value,), found[state]) for state in AgentState)

    metrics.gauges("huling_agents", "Agents by state.", ("state",), agents)
    metrics.gauges(
        "huling_skill_agents",
        "Agents with a skill, by whether they are ready or at work.",
        ("skill", "state"),
        lambda: staff_of_skills(core),
    )
    metrics.gauges(
        "huling_group_agents",
        "Agents of a group, by whether they are ready or at work.",
        ("group", "state"),
        lambda: staff_of_groups(core),
    )


def _add_obligations(metrics: Metrics, core: Core, clock: Clock) -> None:
    def obligations() -> Samples:
        found = Counter((owed.kind, owed.state) for owed in core.state.obligations.values())
        return (
            ((kind.value, state.value), found[kind, state])
            for kind in ObligationKind
            for state in (ObligationState.OWED, ObligationState.DUE, ObligationState.WORKED)
        )

    def late() -> Samples:
        now_ms = clock.now_ms()
        found = Counter(
            owed.kind for owed in core.state.obligations.values() if now_ms > owed.deadline_ms
        )
        return (((kind.value,), found[kind]) for kind in ObligationKind)

    metrics.gauges(
        "huling_obligations", "Open obligations by state.", ("kind", "state"), obligations
    )
    metrics.gauges(
        "huling_obligations_late", "Open obligations past their deadline.", ("kind",), late
    )


def _add_cases(metrics: Metrics, core: Core, clock: Clock) -> None:
    def cases() -> Samples:
        found = Counter(case.state for case in core.state.cases.values())
        return (((state.value,), found[state]) for state in OPEN_CASES)

    def oldest_s() -> float:
        opened = [case.opened_ms for case in core.state.cases.values() if case.state in OPEN_CASES]
        return max(0, clock.now_ms() - min(opened)) / 1000 if opened else 0.0

    metrics.gauges("huling_cases", "Cases that are not closed, by state.", ("state",), cases)
    metrics.gauge(
        "huling_oldest_case_seconds",
        "Age of the case that has been open longest; 0 without one.",
        oldest_s,
    )


def _add_outside_talk(metrics: Metrics, core: Core, clock: Clock) -> None:
    metrics.gauge(
        "huling_outside_talk_seconds",
        "How long numbers that agents chose were talked with in the last 24 hours.",
        lambda: spending.spent_ms(core.state, clock.now_ms()) / 1000,
    )
    metrics.gauge(
        "huling_outside_talk_seconds_max",
        "The ceiling of it; 0: there is none.",
        lambda: (core.state.spending.ceiling_ms or 0) / 1000,
    )


def _add_legs(metrics: Metrics, core: Core) -> None:
    def legs() -> Samples:
        found = Counter(node_of(leg) for leg in core.state.legs)
        return (((node,), found[node]) for node in dict.fromkeys((*core.state.nodes, *found)))

    metrics.gauges("huling_node_legs", "Legs on a node that can be commanded.", ("node",), legs)
    metrics.gauge("huling_calls_live", "Calls not yet over.", lambda: len(core.state.calls))


def add_service_gauges(
    metrics: Metrics,
    *,
    clock: Clock,
    inbox: Inbox,
    driver: Driver,
    dispatcher: Dispatcher,
    recorder: Recorder,
    journal: Journal,
    health: Health,
    nodes: AsteriskNodes,
    stream: Stream,
    pledges: Acknowledgements,
) -> None:
    """Show how the service itself is doing."""
    _add_links(metrics, health, nodes)
    _add_commands(metrics, inbox, driver, dispatcher)
    _add_records(metrics, recorder, journal, pledges)
    _add_stream(metrics, stream)
    metrics.gauge("huling_ready", "Whether calls can be served.", lambda: not health.not_ready())
    metrics.gauge(
        "huling_clock_ahead_seconds",
        "How far our time runs ahead of wall time.",
        lambda: clock.ahead_ms / 1000,
    )
    metrics.gauges(
        "huling_build_info", "The version.", ("version",), lambda: [((acd.__version__,), 1.0)]
    )
    metrics.counters(
        "huling_service_defects",
        "Our own bugs outside the core; must stay 0.",
        ("where",),
        lambda: {
            "driver": driver.failures,
            "dispatch": dispatcher.defects,
            "records": recorder.refused,
            "past": stream.past.failures,
        },
    )


def _add_links(metrics: Metrics, health: Health, nodes: AsteriskNodes) -> None:
    metrics.gauges(
        "huling_link_up",
        "Whether a link to Asterisk is up.",
        ("node", "link"),
        lambda: ((key, float(up)) for key, up in health.links().items()),
    )
    metrics.gauges(
        "huling_trunk_up",
        "Whether a trunk's operator answers OPTIONS, and has us registered.",
        ("node", "trunk", "way"),
        lambda: (((node, trunk, way), float(up)) for node, trunk, way, up in nodes.trunks()),
    )
    metrics.gauges(
        "huling_node_drained",
        "Whether a node is to become empty.",
        ("node",),
        lambda: (((node,), float(node in nodes.drained)) for node in nodes.names),
    )


def _add_commands(metrics: Metrics, inbox: Inbox, driver: Driver, dispatcher: Dispatcher) -> None:
    metrics.gauge("huling_inbox_events", "Events waiting for a decision.", lambda: len(inbox))
    metrics.counters(
        "huling_inbox_dropped", "Events dropped at the limit.", ("event",), inbox.dropped
    )
    metrics.counters(
        "huling_adapter_noticed", "What an adapter left alone.", ("what",), inbox.counted
    )
    metrics.gauge("huling_commands_waiting", "Commands behind others.", lambda: dispatcher.waiting)
    metrics.gauge(
        "huling_commands_under_way", "Commands Asterisk is at.", lambda: dispatcher.under_way
    )
    metrics.counters(
        "huling_rings_ahead",
        "Rings that went out before their step, and whether it gave them.",
        ("result",),
        lambda: {
            "kept": driver.rung_ahead - driver.taken_back,
            "taken_back": driver.taken_back,
        },
    )


def _add_records(
    metrics: Metrics, recorder: Recorder, journal: Journal, pledges: Acknowledgements
) -> None:
    metrics.gauge(
        "huling_record_lag_seconds",
        "Age of the oldest fact not in PostgreSQL.",
        lambda: recorder.lag_ms() / 1000,
    )
    metrics.gauge("huling_records_waiting", "Facts not in PostgreSQL.", lambda: len(recorder))
    metrics.gauge(
        "huling_journal_writing",
        "Whether the journal is written.",
        lambda: journal.ended is None,
    )
    metrics.counters(
        "huling_replies_unstored",
        "Replies that had to say that PostgreSQL does not have it yet.",
        (),
        lambda: {"": pledges.unstored},
    )
    metrics.counters(
        "huling_records_given_up",
        "Facts that did not fit and are only in the journal.",
        (),
        lambda: {"": recorder.given_up},
    )


def _add_stream(metrics: Metrics, stream: Stream) -> None:
    metrics.gauge("huling_stream_readers", "Who reads /events now.", lambda: len(stream))
    metrics.counters(
        "huling_stream_fell_behind",
        "Readers of /events let go because they were too slow.",
        (),
        lambda: {"": stream.fell_behind},
    )


class Listens(Protocol):
    """What is shown of whoever listens to callers."""

    @property
    def ready(self) -> bool: ...

    @property
    def legs(self) -> int: ...

    @property
    def starts(self) -> int: ...


def add_listening_gauges(metrics: Metrics, listens: Listens) -> None:
    """Show whether callers are listened to."""
    metrics.gauge(
        "huling_listening_ready", "Whether legs can be listened to.", lambda: listens.ready
    )
    metrics.gauge("huling_listening_legs", "Legs listened to.", lambda: listens.legs)
    metrics.gauge(
        "huling_listening_starts", "Starts of the process that listens.", lambda: listens.starts
    )
