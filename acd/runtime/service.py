"""`acd serve`: everything joined, from the first connection to the last row.

Order of the start: settings, database, directory, HTTP, Asterisk; the switch is ready when all of
them are there.  What is wrong for good (a password, a schema, a taken port) ends the start with
one sentence; what is merely not up yet is waited for.  The end goes the other way: no new work,
then what is under way, then records and journal.
"""

import asyncio
import gc
import os
import signal
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack
from random import Random
from typing import Any, TypeVar

import uvloop

import acd
from acd.adapters.asterisk import AsteriskNode, AsteriskUnreachable, NodeSettings
from acd.adapters.asterisk.errors import AsteriskUnfit
from acd.adapters.asterisk.heard import LinkChanged
from acd.adapters.http import HttpServer, create_app
from acd.adapters.listening import Listener
from acd.adapters.listening.messages import Setup
from acd.adapters.postgres.database import Pool, open_pool
from acd.adapters.postgres.errors import DatabaseAway, DatabaseRefused
from acd.adapters.postgres.records import PostgresRecords
from acd.adapters.postgres.usual import read_history
from acd.core.emergency.case import Case
from acd.core.events import (
    AgentRemembered,
    CallRemembered,
    CaseRestored,
    Event,
    ObligationRestored,
)
from acd.core.ids import Node
from acd.core.owed import Obligation
from acd.core.switch import Core
from acd.runtime.calendar import Calendar
from acd.runtime.clock import Clock
from acd.runtime.control import Control, Requests
from acd.runtime.credentials import ConfigurationError
from acd.runtime.dispatch import Dispatcher
from acd.runtime.driver import Driver
from acd.runtime.fallback import FallbackList
from acd.runtime.gauges import add_core_gauges, add_listening_gauges, add_service_gauges
from acd.runtime.health import Health, LoopWatch, watch_invariants
from acd.runtime.inbox import Inbox
from acd.runtime.intake import Intake
from acd.runtime.journal import Journal, last_ms
from acd.runtime.journal_check import repair
from acd.runtime.listening import Listening
from acd.runtime.logs import configure_logs, logger
from acd.runtime.metrics import Metrics
from acd.runtime.proving import Proving, add_proof_metrics
from acd.runtime.records import Recorder
from acd.runtime.settings import AMI_USER, ARI_APPLICATION, ARI_USER, Settings
from acd.runtime.staffing import Staffing
from acd.runtime.stream import Stream
from acd.runtime.usual import Usual
from prompts.texts import PromptError, PromptList
from prompts.texts import load as load_prompts

log = logger(__name__)

RETRY_S = (0.2, 0.5, 1.0, 2.0, 5.0)
COMMANDS_END_S = 2.0
RECORDS_END_S = 10.0
POOL_END_S = 2.0

T = TypeVar("T")
_Remembered = tuple[list[Case], list[Obligation], list[AgentRemembered], list[CallRemembered]]


def run(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT.  Raises ConfigurationError."""
    secrets = settings.secrets()
    token = _token(settings) or ""
    stop_logs = configure_logs(
        style=settings.log_format,
        level=settings.log_level,
        secrets=[secrets.ari_password, secrets.ami_password, secrets.postgres_password, token],
    )
    _go_first(settings.nice)
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(serve(settings))
    finally:
        stop_logs()


def _go_first(nice: int) -> None:
    """Have the kernel prefer us: a decision takes 50 µs, and on a busy machine waits milliseconds
    for its turn behind reports, backups and compressions."""
    try:
        os.setpriority(os.PRIO_PROCESS, 0, nice)
    except PermissionError:
        log.warning("The priority cannot be raised without the right to; going on.", nice=nice)


async def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT.  Raises ConfigurationError."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with AsyncExitStack() as stack:
        starting = asyncio.create_task(_start(settings, stack), name="start")
        stopping = asyncio.create_task(stop.wait(), name="signal")
        await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if not starting.done():
            # Still waiting for a database or for Asterisk: there is no work to bring to an end.
            starting.cancel()
            await asyncio.wait({starting})
            return
        failed = starting.result()
        running: list[asyncio.Future[Any]] = [failed, stopping]
        await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        log.info("Stopping.")
        if failed.done():
            failed.result()
    log.info("Stopped.")


async def _start(settings: Settings, stack: AsyncExitStack) -> "asyncio.Future[None]":
    """Start everything, each with its end on ``stack``.

    Returns a future that gets an exception when something that must run for ever has ended.
    Raises ConfigurationError.
    """
    node_id = Node(settings.node)
    dsn = settings.database_dsn()
    pool = await _database(dsn)
    stack.push_async_callback(lambda: _closed(pool))
    records = PostgresRecords(pool, place=dsn)
    epoch = await _retried("PostgreSQL is away; waiting for it.", records.next_epoch)

    await asyncio.to_thread(repair, settings.journal_dir)
    seen_ms = await asyncio.to_thread(last_ms, settings.journal_dir)
    clock = Clock(not_before_ms=seen_ms)
    journal = Journal(
        settings.journal_dir,
        epoch=epoch,
        node=node_id,
        started_ms=clock.now_ms(),
        files_keep=settings.journal_files_keep,
        bytes_max=settings.journal_bytes_max,
    )
    stack.push_async_callback(journal.close)
    recorder = Recorder(records, clock, epoch=epoch, facts_max=settings.records_facts_max)
    stack.push_async_callback(lambda: recorder.stop(patience_s=RECORDS_END_S))

    core = Core(epoch=epoch, dice=Random(epoch))
    inbox = Inbox(events_max=settings.inbox_events_max)
    intake = Intake(Calendar(settings.time_zone))
    health = Health(node_id)
    metrics = Metrics()
    requests = Requests(inbox.put, epoch=epoch)
    secrets = settings.secrets()
    ami_host, ami_port = settings.ami_address
    node = AsteriskNode(
        NodeSettings(
            node=node_id,
            ari_url=settings.ari_address,
            ari_password=secrets.ari_password,
            ami_host=ami_host,
            ami_port=ami_port,
            ami_password=secrets.ami_password,
            user=AMI_USER,
            app=ARI_APPLICATION,
            recording=settings.recording,
        ),
        inbox,
        clock=clock.now_ms,
    )
    listener = _listener(settings, inbox)
    listening = Listening(node.perform, listener, inbox.put)
    dispatcher = Dispatcher(
        listening.perform, inbox.put, parallel_max=settings.dispatch_parallel_max
    )
    fallback = FallbackList(core.state, node.put_fallback)
    stream = Stream(core, clock, epoch=epoch)
    driver = Driver(
        core,
        inbox,
        clock,
        translate=intake.call_of,
        links=lambda link: _link_changed(link, health, fallback),
        command=dispatcher.submit,
        reply=requests.resolve,
        sinks=(recorder, metrics, journal, fallback, stream, listening),
    )
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
        stream=stream,
    )
    if listener is not None:
        add_listening_gauges(metrics, listener)
    usual = Usual(
        lambda now: read_history(pool, now, settings.zone, place=dsn),
        metrics,
        zone=settings.time_zone,
        now_ms=clock.now_ms,
    )
    recorder.start()
    driver.start()
    stack.callback(driver.stop)

    tasks = _Tasks()
    stack.push_async_callback(tasks.stop)
    staffing = Staffing(
        dsn,
        put=inbox.put,
        intake=intake,
        node=node,
        health=health,
        credentials_path=settings.credentials_path,
        expect=metrics.expect,
    )
    tasks.start("directory", staffing.follow())
    await _either(staffing.read.wait(), tasks.failed)
    await _remember(records, inbox, seen_ms=seen_ms or clock.now_ms())

    control = Control(core, clock, requests, records, metrics, health.not_ready, _prompts(), stream)
    http = _http(settings, control)
    http.start()
    stack.push_async_callback(http.stop)
    log.info("The control API answers.", url=settings.http_address)

    await _retried("Asterisk is away; waiting for it.", node.check)
    await node.start()
    stack.push_async_callback(node.stop)
    if listener is not None:
        listener.start()
        stack.push_async_callback(listener.stop)
    # These end first: no request comes in, nothing new is begun, what is under way arrives.
    stack.push_async_callback(lambda: _drained(dispatcher))
    stack.push_async_callback(tasks.stop)
    stack.push_async_callback(http.stop)
    tasks.start("accounts", staffing.keep_accounts())
    tasks.start("fallback list", fallback.keep())
    tasks.start("invariants", watch_invariants(core, metrics))
    tasks.start("usual calls", usual.run())
    if settings.synthetic_s:
        proving = Proving(settings, core.state)
        add_proof_metrics(metrics, proving.proofs)
        tasks.start("proofs", proving.run())
    watch = LoopWatch(metrics.loop_lag)
    watch.start()
    stack.callback(watch.stop)
    # What exists now lives as long as the service: the collector need not walk it again, and
    # looks at young objects often enough when it comes every 50,000.
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    log.info("The switch has started.", version=acd.__version__, epoch=epoch, node=node_id)
    return tasks.failed


async def _remember(records: PostgresRecords, inbox: Inbox, *, seen_ms: int) -> None:
    """What was owed, who was at work and which calls were going on when we ended, at ``seen_ms``:
    before Asterisk is read, which says what has become of the calls."""

    async def read() -> _Remembered:
        return (
            await records.open_cases(),
            await records.open_obligations(),
            await records.agents_at_work(seen_ms=seen_ms),
            await records.calls_without_end(seen_ms=seen_ms),
        )

    cases, owed, agents, calls = await _retried("PostgreSQL is away; waiting for it.", read)
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


def _listener(settings: Settings, inbox: Inbox) -> Listener | None:
    if not settings.listening:
        return None
    setup = Setup(
        ari_url=settings.ari_address,
        user=ARI_USER,
        password=settings.secrets().ari_password,
    )
    return Listener(setup, inbox, node=Node(settings.node), legs_max=settings.listening_legs_max)


def _link_changed(link: LinkChanged, health: Health, fallback: FallbackList) -> None:
    health.link_changed(link)
    if link.link == "ami" and link.up:
        fallback.again()


async def _database(dsn: str) -> Pool:
    return await _retried("PostgreSQL is away; waiting for it.", lambda: open_pool(dsn))


async def _retried(sentence: str, attempt: Callable[[], Awaitable[T]]) -> T:
    """Try until the peer is there.  Raises ConfigurationError when it is there and says no."""
    tries = 0
    while True:
        try:
            return await attempt()
        except (DatabaseRefused, AsteriskUnfit) as error:
            raise ConfigurationError(str(error).rstrip(".") + ".") from None
        except (DatabaseAway, AsteriskUnreachable) as error:
            log.warning(sentence, why=str(error))
        await asyncio.sleep(RETRY_S[min(tries, len(RETRY_S) - 1)])
        tries += 1


def _prompts() -> PromptList:
    try:
        return load_prompts()
    except PromptError as error:
        raise ConfigurationError(str(error)) from None


def _http(settings: Settings, control: Control) -> HttpServer:
    app = create_app(control, version=acd.__version__, token=_token(settings))
    try:
        return HttpServer(app, host=settings.bind, port=settings.http_port)
    except OSError as error:
        raise ConfigurationError(
            f"The control API cannot listen on {settings.bind} port {settings.http_port} "
            f"({os.strerror(error.errno or 0)}): stop what does, or set HULING_HTTP_PORT."
        ) from None


def _token(settings: Settings) -> str | None:
    return None if settings.api_token is None else settings.api_token.get_secret_value()


async def _drained(dispatcher: Dispatcher) -> None:
    """Let commands under way reach Asterisk: a hang-up on its way should arrive."""
    try:
        async with asyncio.timeout(COMMANDS_END_S):
            await dispatcher.drain()
    except TimeoutError:
        log.warning("Commands were left without an answer.", under_way=dispatcher.under_way)


async def _closed(pool: Pool) -> None:
    """Close politely, or at once when PostgreSQL does not answer."""
    try:
        async with asyncio.timeout(POOL_END_S):
            await pool.close()
    except TimeoutError:
        pool.terminate()


async def _either(wanted: Coroutine[Any, Any, Any], failed: "asyncio.Future[None]") -> None:
    """Wait for ``wanted``; raise what has failed meanwhile."""
    task = asyncio.ensure_future(wanted)
    await asyncio.wait({task, failed}, return_when=asyncio.FIRST_COMPLETED)
    if failed.done():
        task.cancel()
        failed.result()


class _Tasks:
    """Tasks that must run as long as the service."""

    def __init__(self) -> None:
        self._tasks: list[asyncio.Task[None]] = []
        self.failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Gets the first exception of a task."""

    def start(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work, name=name)
        self._tasks.append(task)
        task.add_done_callback(self._ended)

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _ended(self, task: asyncio.Task[None]) -> None:
        if task.cancelled() or self.failed.done():
            return
        error = task.exception() or RuntimeError(f"The task {task.get_name()} has ended.")
        if isinstance(error, DatabaseRefused):
            error = ConfigurationError(str(error).rstrip(".") + ".")
        else:
            log.error("A task of the service has failed.", task=task.get_name(), exc_info=error)
        self.failed.set_exception(error)
