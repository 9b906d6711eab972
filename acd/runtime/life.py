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

import msgspec

import acd
from acd.adapters.asterisk import Gate, GateState, NodeSettings
from acd.adapters.asterisk.heard import LinkChanged
from acd.adapters.http import Front, create_app
from acd.adapters.listening import Listener
from acd.adapters.listening.messages import Setup
from acd.adapters.postgres.audit import PostgresAudit
from acd.adapters.postgres.moments import moment
from acd.adapters.postgres.records import PostgresRecords
from acd.adapters.postgres.usual import read_history
from acd.core import devices
from acd.core.directory import EntryKind
from acd.core.emergency.case import Case
from acd.core.events import (
    AgentRemembered,
    CallRemembered,
    CaseRestored,
    DigitPressed,
    Event,
    GuidanceDefined,
    ObligationRestored,
    SpendingDefined,
)
from acd.core.follow_up.owed import Obligation
from acd.core.ids import CallId
from acd.core.outside import placed
from acd.core.switch import Core
from acd.runtime import collector, guidance
from acd.runtime.api.control import Control
from acd.runtime.api.tokens import door
from acd.runtime.api.trail import Trail, add_trail_metrics
from acd.runtime.dispatch import Dispatcher
from acd.runtime.driver import Driver, Recognisable
from acd.runtime.fallback import FallbackList
from acd.runtime.health import Health, LoopWatch
from acd.runtime.inbox import Inbox
from acd.runtime.intake import Intake
from acd.runtime.listening import Listening
from acd.runtime.logs import logger
from acd.runtime.metrics.gauges import add_core_gauges, add_listening_gauges, add_service_gauges
from acd.runtime.metrics.lines import add_line_gauges
from acd.runtime.priority import go_as_usual, go_in_real_time
from acd.runtime.pulse import Pulse
from acd.runtime.role import Role
from acd.runtime.settings import ARI_USER, Settings
from acd.runtime.start.parts import Deciding, Owned, Prepared
from acd.runtime.start.preparation import DATABASE_AWAY, connect, prepare
from acd.runtime.start.takeover import take_over
from acd.runtime.start.unwritten import write_unwritten
from acd.runtime.start.upkeep import start_upkeep
from acd.runtime.stays import Stays, call_of_leg
from acd.runtime.stream import Stream
from acd.runtime.tasks import retried
from acd.runtime.watching.surroundings import add_surroundings
from acd.runtime.watching.usual import Usual

log = logger(__name__)

COMMANDS_END_S = 2.0
DAY_MS = 86_400_000

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
    """Start everything, each with its end on ``stack``.  A life that ``waits`` takes over once
    nobody else serves, any other at once.  Raises ConfigurationError.

    The order is what counts: what can fail or has to wait comes before the switch is taken over;
    from then on the core remembers, hears from Asterisk, and last of all lets people in.  ``stack``
    ends it the other way round.
    """
    # What may be away: nothing has been taken over yet, and whoever serves goes on.
    database = await connect(settings, stack, role)
    prepared = await prepare(settings, stack, role, database)

    # From here on the switch is ours, and everything has our epoch.
    owned = await take_over(settings, stack, role, prepared, waits=waits)
    await write_unwritten(settings, role, prepared, owned)
    deciding = _assemble(settings, prepared, owned)
    usual = _measure(settings, prepared, owned, deciding)

    # What was known before, and what happened meanwhile: before Asterisk says what there is.
    stays = await _take_in_the_past(settings, stack, prepared, owned, deciding)

    # The world, and then the people.
    await _hear_the_world(stack, prepared, owned, deciding)
    trail = await _let_people_in(settings, stack, role, front, prepared, owned, deciding)

    # What goes on beside the calls.
    start_upkeep(settings, prepared, deciding, stays=stays, usual=usual, trail=trail)
    _settle(settings, stack, prepared)
    log.info(
        "The switch has started.",
        version=acd.__version__,
        epoch=owned.epoch,
        nodes=prepared.node.names,
    )
    return Life(prepared.tasks.failed, owned.ownership.lost)


def _recognised(core: Core, intake: Intake, event: Recognisable) -> Event:
    """Say of which terminal an event may be: the core has no list of their numbers."""
    if isinstance(event, DigitPressed):
        return intake.digit_of(event, devices.number_of(core.state, event.leg))
    return intake.wish_of(event, placed.number_of(core.state, event))


def _assemble(settings: Settings, prepared: Prepared, owned: Owned) -> Deciding:
    """Put together what decides, and what follows from it; nothing runs yet."""
    clock, inbox, intake = prepared.clock, prepared.inbox, prepared.intake
    node, gate = prepared.node, prepared.gate
    core = Core(epoch=owned.epoch, dice=Random(owned.epoch))
    listener = _listener(settings, prepared.known.all[0], inbox)
    pulse = Pulse(node.packets_from, inbox.put, concerns=partial(_is_emergency, core))
    listening = Listening(node.perform, listener or pulse)
    dispatcher = Dispatcher(
        listening.perform, inbox.put, parallel_max=settings.dispatch_parallel_max
    )
    fallback = FallbackList(core.state, node.put_fallback)
    stream = Stream(
        core, clock, prepared.past, epoch=owned.epoch, popped=prepared.performance.popped
    )
    driver = Driver(
        core,
        inbox,
        clock,
        translate=intake.call_of,
        recognise=partial(_recognised, core, intake),
        links=lambda link: _link_changed(link, prepared.health, fallback),
        command=dispatcher.submit,
        reply=owned.pledges.reply,
        sinks=(owned.recorder, owned.pledges, owned.journal, fallback, listening),
        past=prepared.past,
        may_act=gate.is_open,
    )
    gate.on_change(lambda state: driver.go_on() if state is GateState.OPEN else None)
    return Deciding(
        core=core,
        driver=driver,
        dispatcher=dispatcher,
        listener=listener,
        pulse=pulse,
        fallback=fallback,
        stream=stream,
    )


def _is_emergency(core: Core, key: CallId) -> bool:
    call = core.state.calls.get(key)
    return call is not None and call.kind is EntryKind.EMERGENCY


def _listener(settings: Settings, node: NodeSettings, inbox: Inbox) -> Listener | None:
    if not settings.listening:
        return None
    setup = Setup(
        ari_url=node.ari_url,
        user=ARI_USER,
        password=node.ari_password,
    )
    return Listener(setup, inbox, node=node.node, legs_max=settings.listening_legs_max)


def _link_changed(link: LinkChanged, health: Health, fallback: FallbackList) -> None:
    health.link_changed(link)
    if link.link == "ami" and link.up:
        fallback.again()


def _measure(settings: Settings, prepared: Prepared, owned: Owned, deciding: Deciding) -> Usual:
    """Show all parts in the metrics; return what compares calls with how many are usual."""
    metrics, clock, database = prepared.metrics, prepared.clock, prepared.database
    add_core_gauges(metrics, deciding.core, clock)
    add_line_gauges(metrics, deciding.core, lambda: prepared.staffing.current().trunks)
    add_service_gauges(
        metrics,
        clock=clock,
        inbox=prepared.inbox,
        driver=deciding.driver,
        dispatcher=deciding.dispatcher,
        recorder=owned.recorder,
        journal=owned.journal,
        health=prepared.health,
        nodes=prepared.node,
        stream=deciding.stream,
        pledges=owned.pledges,
    )
    add_surroundings(
        metrics,
        folders={"journal": settings.journal_dir},
        certificate=settings.sip_tls_certificate,
    )
    if deciding.listener is not None:
        add_listening_gauges(metrics, deciding.listener)
    return Usual(
        lambda now: read_history(database.pool, now, settings.zone, place=database.dsn),
        metrics,
        zone=settings.time_zone,
        now_ms=clock.now_ms,
    )


async def _take_in_the_past(
    settings: Settings,
    stack: AsyncExitStack,
    prepared: Prepared,
    owned: Owned,
    deciding: Deciding,
) -> Stays:
    """Begin to decide, with what PostgreSQL and the dialplan remember."""
    inbox, clock, records = prepared.inbox, prepared.clock, prepared.database.records
    owned.recorder.start()
    deciding.driver.start()
    stack.callback(deciding.driver.stop)
    seen_ms = max(prepared.journalled_ms, owned.heard_ms) or clock.now_ms()
    inbox.put(GuidanceDefined(guidance.for_core(prepared.scripts)))
    await _remember(
        records,
        inbox,
        seen_ms=seen_ms,
        now_ms=clock.now_ms(),
        minutes_max=settings.outside_minutes_max,
    )
    stays = Stays(
        first=prepared.node.ended_stays,
        read=prepared.node.stays,
        forget=prepared.node.forget_stay,
        has_ended=records.has_ended,
        known_as=lambda leg: call_of_leg(deciding.core.state, leg),
        intake=prepared.intake,
        put=inbox.put,
    )
    await stays.begin()
    return stays


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


async def _hear_the_world(
    stack: AsyncExitStack, prepared: Prepared, owned: Owned, deciding: Deciding
) -> None:
    """Connect with Asterisk for good, and listen to callers."""
    await prepared.node.start(str(owned.epoch))
    stack.push_async_callback(prepared.node.stop)
    if deciding.listener is not None:
        deciding.listener.start()
        stack.push_async_callback(deciding.listener.stop)
    else:
        prepared.tasks.start("pulse", deciding.pulse.run())


async def _let_people_in(
    settings: Settings,
    stack: AsyncExitStack,
    role: Role,
    front: Front,
    prepared: Prepared,
    owned: Owned,
    deciding: Deciding,
) -> Trail:
    """Open the control API, and arrange what ends first; return the trail of who asked for what."""
    metrics, database = prepared.metrics, prepared.database
    control = Control(
        deciding.core,
        prepared.clock,
        owned.requests,
        database.records,
        metrics,
        prepared.health.not_ready,
        prepared.prompts,
        prepared.scripts,
        deciding.stream,
        prepared.calendar,
    )
    waiting = front.application
    trail = Trail(PostgresAudit(database.pool, place=database.dsn))
    add_trail_metrics(metrics, trail)
    stack.push_async_callback(trail.end)
    entrance = door(
        settings, prepared.tokens, unnamed="local", count=metrics.turned_away, noted=trail.note
    )
    front.application = await create_app(
        control,
        version=acd.__version__,
        door=entrance,
        searched=prepared.performance.searched,
    )
    role.serves()
    # These end first: no request comes in, nothing new is begun, what is under way arrives.
    stack.push_async_callback(lambda: _drained(deciding.dispatcher, prepared.gate))
    stack.push_async_callback(prepared.tasks.stop)
    stack.callback(deciding.stream.end)
    stack.callback(lambda: setattr(front, "application", waiting))
    stack.callback(lambda: role.starts("The service ends."))
    return trail


def _settle(settings: Settings, stack: AsyncExitStack, prepared: Prepared) -> None:
    """Turn from the hurry of a start to the even pace of serving."""
    watch = LoopWatch(prepared.metrics.loop_lag)
    watch.start()
    stack.callback(watch.stop)
    collector.settle()
    stack.callback(gc.unfreeze)
    # Not before: a start is seconds of work, and may wait for whoever serves meanwhile.
    if settings.realtime:
        go_in_real_time()
        stack.callback(go_as_usual)


async def _drained(dispatcher: Dispatcher, gate: Gate) -> None:
    """Let commands under way reach Asterisk: a hang-up on its way should arrive."""
    if gate.state is GateState.LOST:
        return
    try:
        async with asyncio.timeout(COMMANDS_END_S):
            await dispatcher.drain()
    except TimeoutError:
        log.warning("Commands were left without an answer.", under_way=dispatcher.under_way)
