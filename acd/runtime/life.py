"""One life of the service: from the first connection until it ends, or the switch is another's.

Order of the start: database, directory, Asterisk seen; then, for a standby, its turn; then the
lease, and with it everything that acts.  What is read before the lease is taken costs no time after
it.  What is wrong for good (a password, a schema) ends the start with one sentence; what is merely
not up yet is waited for.  The end goes the other way: no new work, then what is under way, then
records and journal, and last the lease; a life that has lost the switch just ends.
"""

import asyncio
import gc
from contextlib import AsyncExitStack
from functools import partial
from random import Random
from uuid import uuid4

import msgspec

import acd
from acd.adapters.asterisk import (
    AsteriskNodes,
    Gate,
    GateState,
    NodeSettings,
)
from acd.adapters.asterisk.heard import LinkChanged
from acd.adapters.http import Front, create_app
from acd.adapters.listening import Listener
from acd.adapters.listening.messages import Setup
from acd.adapters.postgres.audit import PostgresAudit
from acd.adapters.postgres.database import Pool, open_pool
from acd.adapters.postgres.directory_versions import mark_ready
from acd.adapters.postgres.lease import PostgresLease
from acd.adapters.postgres.projection import moment
from acd.adapters.postgres.records import PostgresRecords
from acd.adapters.postgres.terminals import read_silent
from acd.adapters.postgres.usual import read_history
from acd.core import devices
from acd.core.emergency.case import Case
from acd.core.events import (
    AgentRemembered,
    CallRemembered,
    CaseRestored,
    ConfigurationRefused,
    Event,
    GuidanceDefined,
    ObligationRestored,
    SpendingDefined,
)
from acd.core.follow_up.owed import Obligation
from acd.core.switch import Core
from acd.runtime import collector, guidance, nodes, standby
from acd.runtime.api.control import Control, Requests
from acd.runtime.api.tokens import door, token_list
from acd.runtime.api.trail import Trail, add_trail_metrics
from acd.runtime.calendar import Calendar
from acd.runtime.clock import Clock
from acd.runtime.credentials import ConfigurationError
from acd.runtime.directory.trial import DirectoryTrial, back_to_ready
from acd.runtime.dispatch import Dispatcher
from acd.runtime.driver import Driver
from acd.runtime.fallback import FallbackList
from acd.runtime.health import Health, LoopWatch, watch_invariants
from acd.runtime.inbox import Inbox
from acd.runtime.intake import Intake
from acd.runtime.journal import Journal, last_ms
from acd.runtime.journal_check import repair
from acd.runtime.listening import Listening
from acd.runtime.logs import logger
from acd.runtime.metrics.counted import Metrics
from acd.runtime.metrics.gauges import add_core_gauges, add_listening_gauges, add_service_gauges
from acd.runtime.ownership import Ownership
from acd.runtime.past import Past
from acd.runtime.pledges import Acknowledgements
from acd.runtime.priority import go_as_usual, go_in_real_time
from acd.runtime.records import Recorder
from acd.runtime.role import Role
from acd.runtime.settings import ARI_USER, Settings
from acd.runtime.staffing import Staffing
from acd.runtime.stays import Stays, call_of_leg
from acd.runtime.stream import Stream
from acd.runtime.tasks import Tasks, either, retried
from acd.runtime.watching.proving import Proving, add_proof_metrics
from acd.runtime.watching.silent_terminals import SilentTerminals
from acd.runtime.watching.surroundings import add_surroundings
from acd.runtime.watching.usual import Usual
from prompts.texts import PromptError, PromptList
from prompts.texts import load as load_prompts

log = logger(__name__)

COMMANDS_END_S = 2.0
RECORDS_END_S = 10.0
RECORDS_LOST_S = 0.5
"""A life that has lost the switch has nothing to wait for: its records are another's."""
POOL_END_S = 2.0
DAY_MS = 86_400_000

DATABASE_AWAY = "PostgreSQL is away; waiting for it."
ASTERISK_AWAY = "Asterisk is away; waiting for it."

_Remembered = tuple[
    list[Case],
    list[Obligation],
    list[AgentRemembered],
    list[CallRemembered],
    tuple[tuple[int, int], ...],
]


class Life(msgspec.Struct, frozen=True):
    """A life that has begun to serve."""

    failed: "asyncio.Future[None]"
    """Gets an exception when something that must run for ever has ended."""
    lost: "asyncio.Future[None]"
    """Done when the switch is another's."""


async def begin(
    settings: Settings, stack: AsyncExitStack, role: Role, front: Front, *, waits: bool
) -> Life:
    """Start everything, each with its end on ``stack``; one that ``waits`` does so when nobody else
    serves any more, any other takes over at once.  Raises ConfigurationError.

    The one place where the parts meet, and so a long list.  Its order is what counts: what can
    fail or has to wait comes before the switch is taken over; from then on the core remembers,
    hears from Asterisk, and last of all lets people in.  ``stack`` ends it the other way round.
    """
    # What may be away: nothing has been taken over yet, and whoever serves goes on.
    dsn = settings.database_dsn()
    name = f"huling {uuid4().hex[:12]}"
    role.starts(DATABASE_AWAY)
    pool = await retried(DATABASE_AWAY, lambda: open_pool(dsn, name=name))
    stack.push_async_callback(lambda: _closed(pool))
    records = PostgresRecords(pool, place=dsn, fenced=True)
    lease = PostgresLease(dsn, owner=name, address=settings.public_address)
    stack.push_async_callback(lease.close)

    await asyncio.to_thread(repair, settings.journal_dir)
    journalled_ms = await asyncio.to_thread(last_ms, settings.journal_dir, settings.keys)
    clock = Clock(not_before_ms=journalled_ms)
    inbox = Inbox(events_max=settings.inbox_events_max)
    intake = Intake(Calendar(settings.time_zone))
    known = nodes.load(settings)
    health = Health(one.node for one in known.all)
    past = Past()
    metrics = Metrics(past)
    role.show_in(metrics)
    gate = Gate()
    node = AsteriskNodes(
        known.all,
        inbox,
        clock=clock.now_ms,
        gate=gate,
        expects=intake.expects,
        drained=known.drained,
    )
    tasks = Tasks()
    stack.push_async_callback(tasks.stop)
    staffing = Staffing(
        dsn,
        put=inbox.put,
        intake=intake,
        node=node,
        health=health,
        credentials_path=settings.credentials_path,
        expect=metrics.expect,
        secure_but=settings.synthetic_agent if settings.phones_are_secure else None,
    )
    role.starts("The directory has not been read yet.")
    tasks.start("directory", staffing.follow())
    await either(staffing.read.wait(), tasks.failed)
    tokens = token_list(dsn)
    if not settings.api_is_open:
        tasks.start("tokens", tokens.follow())
        await either(tokens.read.wait(), tasks.failed)
        if not tokens.size:
            log.warning("No token is good, so nobody can use the HTTP API: `acd token create`.")
    role.starts(ASTERISK_AWAY)
    await retried(ASTERISK_AWAY, node.check)
    prompts = _prompts()
    scripts = guidance.load(settings.guidance)

    # From here on the switch is ours, and everything has our epoch.
    epoch, heard_ms = await _take_over(lease, records, node, clock, role, tasks, waits=waits)
    ownership = Ownership(lease, gate, node, clock, epoch=epoch)
    stack.push_async_callback(ownership.stop)
    ownership.start()
    journal = Journal(
        settings.journal_dir,
        epoch=epoch,
        node=known.all[0].node,
        started_ms=clock.now_ms(),
        files_keep=settings.journal_files_keep,
        bytes_max=settings.journal_bytes_max,
        keys=settings.keys,
    )
    stack.push_async_callback(journal.close)
    recorder = Recorder(records, clock, epoch=epoch, facts_max=settings.records_facts_max)
    requests = Requests(inbox.put, epoch=epoch)
    pledges = Acknowledgements(recorder, journal.synced, requests.resolve)
    stack.push_async_callback(pledges.stop)
    stack.push_async_callback(lambda: _recorded(recorder, gate))

    # What decides, and what follows from it.
    core = Core(epoch=epoch, dice=Random(epoch))
    listener = _listener(settings, known.all[0], inbox)
    listening = Listening(node.perform, listener)
    dispatcher = Dispatcher(
        listening.perform, inbox.put, parallel_max=settings.dispatch_parallel_max
    )
    fallback = FallbackList(core.state, node.put_fallback)
    stream = Stream(core, clock, past, epoch=epoch)
    driver = Driver(
        core,
        inbox,
        clock,
        translate=intake.call_of,
        recognise=lambda digit: intake.digit_of(digit, devices.number_of(core.state, digit.leg)),
        links=lambda link: _link_changed(link, health, fallback),
        command=dispatcher.submit,
        reply=pledges.reply,
        sinks=(recorder, pledges, journal, fallback, listening),
        past=past,
        may_act=gate.is_open,
    )
    gate.on_change(lambda state: driver.go_on() if state is GateState.OPEN else None)
    add_core_gauges(metrics, core, clock)
    add_service_gauges(
        metrics,
        clock=clock,
        inbox=inbox,
        driver=driver,
        dispatcher=dispatcher,
        recorder=recorder,
        journal=journal,
        health=health,
        nodes=node,
        stream=stream,
        pledges=pledges,
    )
    add_surroundings(
        metrics,
        folders={"journal": settings.journal_dir},
        certificate=settings.sip_tls_certificate,
    )
    if listener is not None:
        add_listening_gauges(metrics, listener)
    usual = Usual(
        lambda now: read_history(pool, now, settings.zone, place=dsn),
        metrics,
        zone=settings.time_zone,
        now_ms=clock.now_ms,
    )
    # What was known before, and what happened meanwhile: before Asterisk says what there is.
    recorder.start()
    driver.start()
    stack.callback(driver.stop)
    seen_ms = max(journalled_ms, heard_ms) or clock.now_ms()
    inbox.put(GuidanceDefined(guidance.for_core(scripts)))
    await _remember(
        records,
        inbox,
        seen_ms=seen_ms,
        now_ms=clock.now_ms(),
        minutes_max=settings.outside_minutes_max,
    )

    stays = Stays(
        first=node.ended_stays,
        read=node.stays,
        forget=node.forget_stay,
        has_ended=records.has_ended,
        known_as=lambda leg: call_of_leg(core.state, leg),
        intake=intake,
        put=inbox.put,
    )
    await stays.begin()

    # The world, and then the people.
    await node.start(str(epoch))
    stack.push_async_callback(node.stop)
    if listener is not None:
        listener.start()
        stack.push_async_callback(listener.stop)
    control = Control(
        core, clock, requests, records, metrics, health.not_ready, prompts, scripts, stream
    )
    waiting = front.application
    trail = Trail(PostgresAudit(pool, place=dsn))
    add_trail_metrics(metrics, trail)
    stack.push_async_callback(trail.end)
    entrance = door(settings, tokens, unnamed="local", count=metrics.turned_away, noted=trail.note)
    front.application = create_app(control, version=acd.__version__, door=entrance)
    role.serves()
    # These end first: no request comes in, nothing new is begun, what is under way arrives.
    stack.push_async_callback(lambda: _drained(dispatcher, gate))
    stack.push_async_callback(tasks.stop)
    stack.callback(stream.end)
    stack.callback(lambda: setattr(front, "application", waiting))
    stack.callback(lambda: role.starts("The service ends."))
    # What goes on beside the calls.
    if settings.nodes is not None:
        use = partial(_use, node=node, health=health, staffing=staffing)
        followed = nodes.follow(
            settings.nodes,
            settings,
            use,
            is_served=health.is_served,
            taken_back=lambda why: inbox.put(ConfigurationRefused(what="nodes", why=why)),
        )
        tasks.start("nodes", followed)
    tasks.start("accounts", staffing.keep_accounts())
    if settings.configuration_trial_s:
        tried = DirectoryTrial(
            current=staffing.current,
            refusal=staffing.refusal,
            can_tell=health.is_served,
            good_now=lambda revision: mark_ready(pool, revision),
            take_back=lambda: back_to_ready(pool),
            put=inbox.put,
            patience_s=settings.configuration_trial_s,
            now_ms=clock.now_ms,
        )
        tasks.start("directory's trial", tried.run())
    tasks.start("fallback list", fallback.keep())
    tasks.start("fallback's callers", stays.keep())
    tasks.start("invariants", watch_invariants(core, metrics))
    tasks.start("usual calls", usual.run())
    tasks.start("audit", trail.run())
    if settings.terminal_test_days:
        terminals = SilentTerminals(
            lambda since, limit: read_silent(pool, since, limit, place=dsn),
            inbox.put,
            days=settings.terminal_test_days,
            tests_max=settings.terminal_tests_max,
            zone=settings.time_zone,
            now_ms=clock.now_ms,
        )
        tasks.start("silent terminals", terminals.run())
    if settings.synthetic_s:
        proving = Proving(settings, core.state)
        add_proof_metrics(metrics, proving.proofs)
        tasks.start("proofs", proving.run())
    watch = LoopWatch(metrics.loop_lag)
    watch.start()
    stack.callback(watch.stop)
    collector.settle()
    stack.callback(gc.unfreeze)
    # Not before: a start is seconds of work, and may wait for whoever serves meanwhile.
    if settings.realtime:
        go_in_real_time()
        stack.callback(go_as_usual)
    log.info("The switch has started.", version=acd.__version__, epoch=epoch, nodes=node.names)
    return Life(tasks.failed, ownership.lost)


async def _take_over(
    lease: PostgresLease,
    records: PostgresRecords,
    node: AsteriskNodes,
    clock: Clock,
    role: Role,
    tasks: Tasks,
    *,
    waits: bool,
) -> tuple[int, int]:
    """Have the lease; return our epoch, and when its last holder was last heard of (0: never)."""

    async def once() -> tuple[int, int] | None:
        if waits:
            before = await either(standby.turn(lease, node, role), tasks.failed)
        else:
            before = await lease.read()
        epoch = await records.next_epoch()
        if before is not None:
            clock.go_on_from(before.seen_ms)
        if not await lease.take(epoch, now_ms=clock.now_ms(), over=before if waits else None):
            return None
        if waits and before is not None and not before.released:
            role.takeovers += 1
            log.warning("The switch is taken over.", after=before.address, epoch=epoch)
        return epoch, 0 if before is None else before.seen_ms

    while (taken := await retried(DATABASE_AWAY, once)) is None:
        pass  # another standby was quicker; it is waited for like any other
    return taken


async def _remember(
    records: PostgresRecords, inbox: Inbox, *, seen_ms: int, now_ms: int, minutes_max: int
) -> None:
    """What was owed, who was at work and which calls were going on when we ended, at ``seen_ms``:
    before Asterisk is read, which says what has become of the calls.  And what a day of outside
    calls has cost, with its ceiling."""

    async def read() -> _Remembered:
        return (
            await records.open_cases(),
            await records.open_obligations(),
            await records.agents_at_work(seen_ms=seen_ms),
            await records.calls_without_end(seen_ms=seen_ms),
            await records.outside_spent(since=moment(now_ms - DAY_MS)),
        )

    cases, owed, agents, calls, spent = await retried(DATABASE_AWAY, read)
    ceiling_ms = minutes_max * 60_000 if minutes_max else None
    inbox.put(SpendingDefined(ceiling_ms=ceiling_ms, spent=spent))
    remembered: list[Event] = [*map(CaseRestored, cases), *map(ObligationRestored, owed)]
    remembered += [*agents, *calls]
    for event in remembered:
        inbox.put(event)
    log.info(
        "What PostgreSQL remembers has been taken in.",
        cases=len(cases),
        obligations=len(owed),
        agents=len(agents),
        calls=len(calls),
    )


def _listener(settings: Settings, node: NodeSettings, inbox: Inbox) -> Listener | None:
    if not settings.listening:
        return None
    setup = Setup(
        ari_url=node.ari_url,
        user=ARI_USER,
        password=node.ari_password,
    )
    return Listener(setup, inbox, node=node.node, legs_max=settings.listening_legs_max)


async def _use(
    found: nodes.Nodes, *, node: AsteriskNodes, health: Health, staffing: Staffing
) -> None:
    # Those to come are known before their links are up, and those let go of until they are.
    health.know((*node.names, *(one.node for one in found.all)))
    await node.use(found.all, found.drained)
    health.know(node.names)
    staffing.write_again()


def _link_changed(link: LinkChanged, health: Health, fallback: FallbackList) -> None:
    health.link_changed(link)
    if link.link == "ami" and link.up:
        fallback.again()


def _prompts() -> PromptList:
    try:
        return load_prompts()
    except PromptError as error:
        raise ConfigurationError(str(error)) from None


async def _drained(dispatcher: Dispatcher, gate: Gate) -> None:
    """Let commands under way reach Asterisk: a hang-up on its way should arrive."""
    if gate.state is GateState.LOST:
        return
    try:
        async with asyncio.timeout(COMMANDS_END_S):
            await dispatcher.drain()
    except TimeoutError:
        log.warning("Commands were left without an answer.", under_way=dispatcher.under_way)


async def _recorded(recorder: Recorder, gate: Gate) -> None:
    """Write what is left, or find out that it is another's to write."""
    lost = gate.state is GateState.LOST
    await recorder.stop(patience_s=RECORDS_LOST_S if lost else RECORDS_END_S)


async def _closed(pool: Pool) -> None:
    """Close politely, or at once when PostgreSQL does not answer."""
    try:
        async with asyncio.timeout(POOL_END_S):
            await pool.close()
    except TimeoutError:
        pool.terminate()
