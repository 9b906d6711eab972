"""Before the switch is ours: what may be away has to answer, and what can be read is read.

Nothing is taken over here, and whoever serves goes on.  What is wrong for good (a password, a
schema) ends the start with one sentence; what is merely not up yet is waited for.
"""

import asyncio
from contextlib import AsyncExitStack
from uuid import uuid4

from acd.adapters.asterisk import AsteriskNodes, Gate
from acd.adapters.postgres.database import Pool, open_pool
from acd.adapters.postgres.lease import PostgresLease
from acd.adapters.postgres.records import PostgresRecords
from acd.runtime import guidance, nodes
from acd.runtime.api.tokens import TokenList, token_list
from acd.runtime.calendar import Calendar
from acd.runtime.clock import Clock
from acd.runtime.credentials import ConfigurationError
from acd.runtime.health import Health
from acd.runtime.inbox import Inbox
from acd.runtime.intake import Intake
from acd.runtime.journal import last_ms
from acd.runtime.journal_check import repair
from acd.runtime.logs import logger
from acd.runtime.metrics.counted import Metrics
from acd.runtime.metrics.performance import PerformanceMetrics
from acd.runtime.past import Past
from acd.runtime.role import Role
from acd.runtime.settings import Settings
from acd.runtime.staffing import Staffing
from acd.runtime.start.parts import Database, Prepared
from acd.runtime.tasks import Tasks, either, retried
from prompts.texts import PromptError, PromptList
from prompts.texts import load as load_prompts

log = logger(__name__)

POOL_END_S = 2.0

DATABASE_AWAY = "PostgreSQL is away; waiting for it."
ASTERISK_AWAY = "Asterisk is away; waiting for it."


async def connect(settings: Settings, stack: AsyncExitStack, role: Role) -> Database:
    """Wait for PostgreSQL."""
    dsn = settings.database_dsn()
    name = f"huling {uuid4().hex[:12]}"
    role.starts(DATABASE_AWAY)
    pool = await retried(DATABASE_AWAY, lambda: open_pool(dsn, name=name))
    stack.push_async_callback(lambda: _closed(pool))
    records = PostgresRecords(pool, place=dsn, fenced=True)
    lease = PostgresLease(dsn, owner=name, address=settings.public_address)
    stack.push_async_callback(lease.close)
    return Database(dsn=dsn, pool=pool, records=records, lease=lease)


async def prepare(
    settings: Settings, stack: AsyncExitStack, role: Role, database: Database
) -> Prepared:
    """Read all that can be read without the lease: the journal's end, the directory, the tokens;
    and see Asterisk once."""
    await asyncio.to_thread(repair, settings.journal_dir)
    journalled_ms = await asyncio.to_thread(last_ms, settings.journal_dir, settings.keys)
    clock = Clock(not_before_ms=journalled_ms)
    inbox = Inbox(events_max=settings.inbox_events_max)
    calendar = Calendar(settings.time_zone)
    intake = Intake(calendar)
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
        database.dsn,
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
    tokens = await _tokens(settings, database, tasks)
    role.starts(ASTERISK_AWAY)
    await retried(ASTERISK_AWAY, node.check)
    return Prepared(
        database=database,
        clock=clock,
        journalled_ms=journalled_ms,
        inbox=inbox,
        calendar=calendar,
        intake=intake,
        known=known,
        node=node,
        gate=gate,
        health=health,
        past=past,
        metrics=metrics,
        performance=PerformanceMetrics(metrics),
        tasks=tasks,
        staffing=staffing,
        tokens=tokens,
        prompts=_prompts(),
        scripts=guidance.load(settings.guidance),
    )


async def _tokens(settings: Settings, database: Database, tasks: Tasks) -> TokenList:
    """Return the list of tokens, read already if anybody has to show one."""
    tokens = token_list(database.dsn)
    if not settings.api_is_open:
        tasks.start("tokens", tokens.follow())
        await either(tokens.read.wait(), tasks.failed)
        if not tokens.size:
            log.warning("No token is good, so nobody can use the HTTP API: `acd token create`.")
    return tokens


def _prompts() -> PromptList:
    try:
        return load_prompts()
    except PromptError as error:
        raise ConfigurationError(str(error)) from None


async def _closed(pool: Pool) -> None:
    """Close politely, or at once when PostgreSQL does not answer."""
    try:
        async with asyncio.timeout(POOL_END_S):
            await pool.close()
    except TimeoutError:
        pool.terminate()
