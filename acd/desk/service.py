"""`acd desk`: everything joined, until SIGTERM or Ctrl-C."""

import asyncio
import os
import signal
from contextlib import AsyncExitStack
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from fastapi import APIRouter

import acd
from acd.adapters.http import HttpServer, why_not
from acd.adapters.postgres.audit import PostgresAudit
from acd.adapters.postgres.database import Pool, open_pool
from acd.adapters.postgres.durability import read as read_durability
from acd.adapters.postgres.errors import DatabaseAway, DatabaseRefused, translated
from acd.adapters.postgres.exports import PostgresExports
from acd.adapters.postgres.feeds import PostgresFeeds
from acd.adapters.postgres.messages import PostgresMessages
from acd.adapters.postgres.notes import PostgresNotes
from acd.adapters.postgres.offline import PostgresOffline
from acd.adapters.postgres.recordings import PostgresRecordings, RecordingState
from acd.adapters.postgres.records import PostgresRecords
from acd.adapters.postgres.reports import PostgresReports
from acd.adapters.postgres.samples import PostgresSamples
from acd.adapters.postgres.statements import sql
from acd.adapters.postgres.wall import PostgresWall
from acd.desk.agents import agents_router
from acd.desk.app import create_desk
from acd.desk.archive import Archive
from acd.desk.backup import Backup
from acd.desk.durability import DurabilityWatch
from acd.desk.emergencies import emergencies_router
from acd.desk.environment import Environment, environment_router
from acd.desk.exports import exports_router
from acd.desk.feeder import Feeder
from acd.desk.feeds import feeds_router
from acd.desk.figures import words_of_the_content
from acd.desk.keeper import Keeper
from acd.desk.messages import messages_router
from acd.desk.metrics import DeskMetrics
from acd.desk.nightly import Nightly
from acd.desk.offline import offline_router
from acd.desk.recordings import recordings_router
from acd.desk.reports import reports_router
from acd.desk.samples import samples_router
from acd.desk.switch_now import SwitchClient
from acd.desk.wall import Watch, wall_router
from acd.runtime.api.tokens import door, token_list
from acd.runtime.credentials import ConfigurationError
from acd.runtime.logs import configure_logs, logger
from acd.runtime.settings import Settings
from acd.runtime.tasks import ended

log = logger(__name__)

RETRY_S = 2.0
NICE = 10
"""The switch goes first: what the desk does is never urgent."""


def run(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT.  Raises ConfigurationError."""
    stop_logs = _logs(settings)
    os.nice(NICE)
    try:
        asyncio.run(_serve(settings))
    finally:
        stop_logs()


def verify(settings: Settings) -> dict[RecordingState, int]:
    """Check every recording now; return how many were found how.  Raises ConfigurationError."""
    stop_logs = _logs(settings)
    try:
        return asyncio.run(_verify(settings))
    except (DatabaseAway, DatabaseRefused) as error:
        raise ConfigurationError(str(error)) from error
    finally:
        stop_logs()


class _Parts:
    """What both of them need."""

    def __init__(self, settings: Settings, pool: Pool) -> None:
        place = settings.database_dsn()
        self.pool = pool
        self.place = place
        self.recordings = PostgresRecordings(pool, place=place)
        self.audit = PostgresAudit(pool, place=place)
        self.reports = PostgresReports(
            pool,
            place=place,
            content=words_of_the_content(neutral_counts=settings.rating_neutral_counts),
        )
        self.feeds = PostgresFeeds(pool, place=place)
        self.metrics = DeskMetrics()
        self.archive = Archive(
            spool=settings.recordings_spool_dir,
            archive=settings.recordings_archive_dir,
            keys=settings.keys,
        )
        places = settings.backup_places
        self.backup = (
            Backup(
                place,
                self.recordings,
                self.archive,
                messages=settings.messages_spool_dir,
                places=places,
                keep_days=settings.backup_keep_days,
            )
            if places
            else None
        )
        self.nightly = Nightly(
            self.recordings,
            PostgresNotes(pool, place=place),
            PostgresOffline(pool, place=place),
            self.audit,
            self.archive,
            self.metrics,
            keep_months=settings.recordings_keep_months,
            verify_s=settings.recordings_verify_s,
            backup=self.backup,
        )
        self.keeper = Keeper(
            self.recordings,
            self.archive,
            self.metrics,
            free_bytes_min=settings.recordings_free_mb_min << 20,
        )
        self.feeder = Feeder(self.feeds, self.reports, self.metrics, zone=settings.time_zone)

    async def ready(self) -> str | None:
        """Why the desk cannot answer now, None when it can."""
        try:
            with translated(self.place):
                await self.pool.fetchval(sql("heartbeat"))
        except (DatabaseAway, DatabaseRefused) as error:
            return str(error)
        return None


async def _serve(settings: Settings) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    pool = await _pool(settings, stop)
    if pool is None:
        return
    async with AsyncExitStack() as stack:
        stack.push_async_callback(pool.close)
        parts = _Parts(settings, pool)
        await asyncio.to_thread(parts.archive.folder.mkdir, parents=True, exist_ok=True)
        parts.metrics.watch_disks(parts.archive.free_bytes)
        environment = Environment()
        parts.metrics.show(environment)
        durability = DurabilityWatch(lambda: read_durability(pool, place=parts.place))
        parts.metrics.show(durability)
        tokens = token_list(parts.place)
        api_token = settings.api_token
        switch = SwitchClient(
            settings.http_address,
            token=None if api_token is None else api_token.get_secret_value(),
        )
        stack.push_async_callback(switch.close)
        app = create_desk(
            _routers(settings, parts, environment, switch),
            door=door(settings, tokens, unnamed=None, count=parts.metrics.turned_away),
            metrics=parts.metrics,
            ready=parts.ready,
            version=acd.__version__,
        )
        http = _http(settings, app)
        http.start()
        stack.push_async_callback(http.stop)
        work = [
            asyncio.create_task(parts.keeper.run(), name="keeper"),
            asyncio.create_task(parts.nightly.run(), name="nightly"),
            asyncio.create_task(parts.feeder.run(), name="feeds"),
            asyncio.create_task(tokens.follow(), name="tokens"),
            asyncio.create_task(durability.run(), name="durability"),
        ]
        stack.push_async_callback(lambda: ended(work))
        log.info("The desk has started.", version=acd.__version__, url=settings.desk_address)
        waiting = asyncio.create_task(stop.wait(), name="signal")
        done, _ = await asyncio.wait({*work, waiting}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        for task in done & set(work):
            _ended_by(task)
    log.info("The desk has stopped.")


def _routers(
    settings: Settings, parts: _Parts, environment: Environment, switch: SwitchClient
) -> list[APIRouter]:
    """Return what the desk answers, one router for each matter."""
    pool, place = parts.pool, parts.place
    return [
        recordings_router(parts.recordings, parts.audit, parts.archive, parts.metrics),
        messages_router(
            PostgresMessages(pool, place=place),
            parts.audit,
            settings.messages_spool_dir,
            parts.metrics,
        ),
        reports_router(
            parts.reports,
            parts.audit,
            zone=settings.time_zone,
        ),
        samples_router(
            PostgresSamples(pool, place=place),
            parts.recordings,
            parts.reports,
            parts.audit,
        ),
        exports_router(
            PostgresExports(pool, place=place),
            parts.recordings,
            parts.audit,
            parts.archive,
        ),
        feeds_router(parts.feeds, parts.audit),
        environment_router(environment),
        agents_router(PostgresRecords(pool, place=place), parts.audit),
        emergencies_router(
            PostgresRecords(pool, place=place),
            parts.audit,
            zone=settings.time_zone,
        ),
        offline_router(
            PostgresOffline(pool, place=place),
            PostgresRecords(pool, place=place),
            parts.audit,
        ),
        wall_router(Watch(switch, PostgresWall(pool, place=place), zone=settings.time_zone)),
    ]


def _ended_by(task: "asyncio.Task[Any]") -> None:
    """Raise what has ended the work, which goes on for ever by itself."""
    error = task.exception()
    if isinstance(error, DatabaseRefused):
        raise ConfigurationError(str(error)) from error
    if error is not None:
        raise error


async def _verify(settings: Settings) -> dict[RecordingState, int]:
    pool = await open_pool(settings.database_dsn(), connections_max=2)
    try:
        return dict(await _Parts(settings, pool).nightly.verify())
    finally:
        await pool.close()


async def backup(settings: Settings, now: datetime) -> Path:
    """Make a cold backup now; its folder.  Raises ConfigurationError, BackupFailed, and what the
    database says."""
    pool = await open_pool(settings.database_dsn(), connections_max=2)
    try:
        made = _Parts(settings, pool).backup
        if made is None:
            raise ConfigurationError("There is no place for backups: set HULING_BACKUP_DIR.")
        return await made.run(now)
    finally:
        await pool.close()


async def _pool(settings: Settings, stop: asyncio.Event) -> "Pool | None":
    """Wait for the database; None when we were asked to stop first."""
    while not stop.is_set():
        try:
            return await open_pool(settings.database_dsn())
        except DatabaseRefused as error:
            raise ConfigurationError(str(error)) from None
        except DatabaseAway as error:
            log.warning("PostgreSQL is away; waiting for it.", why=str(error))
        try:
            async with asyncio.timeout(RETRY_S):
                await stop.wait()
        except TimeoutError:
            continue
    return None


def _http(settings: Settings, app: Any) -> HttpServer:
    try:
        return HttpServer(app, host=settings.bind, port=settings.desk_port)
    except OSError as error:
        raise ConfigurationError(
            f"The desk cannot listen on {settings.bind} port {settings.desk_port} "
            f"{why_not(error, 'HULING_DESK_PORT')}"
        ) from None


def _logs(settings: Settings) -> Any:
    # Only the database's: the desk speaks to no Asterisk and needs no password of it.
    secrets = [unquote(urlsplit(settings.database_dsn()).password or "")]
    if settings.api_token is not None:
        secrets.append(settings.api_token.get_secret_value())
    return configure_logs(style=settings.log_format, level=settings.log_level, secrets=secrets)
