"""The wallboard: a page in Chinese for a television and a telephone, and what it shows (T23).

The page asks every two seconds; however many screens there are, the database and the service are
asked once a second at most.  What is not known is null, and the page shows a dash: an old figure on
a wall is believed.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

import msgspec
from fastapi import APIRouter, Response
from fastapi.responses import FileResponse

from acd.adapters.http.access import needs
from acd.adapters.postgres.errors import DatabaseAway
from acd.adapters.postgres.wall import OpenWork, TodaySums
from acd.core.roles import Right
from acd.desk.switch_now import SwitchAway, SwitchNow

STATIC = Path(__file__).with_name("static")
ASKED_S = 1.0
"""So long an answer serves all screens."""

WORKING = ("ready", "offered", "talking", "wrap_up", "reserved")


class Switch(Protocol):
    """Who tells what the switch is doing (``switch_now.SwitchClient``)."""

    def now(self) -> Awaitable[SwitchNow]: ...


class Today(Protocol):
    """Who tells today's figures (``PostgresWall``)."""

    def today(
        self, since: datetime, until: datetime, *, zone: str
    ) -> Awaitable[list[TodaySums]]: ...
    def open_work(self, now: datetime) -> Awaitable[OpenWork]: ...
    def queue_names(self) -> Awaitable[dict[str, str]]: ...


class QueueLine(msgspec.Struct, frozen=True):
    """A queue on the wall."""

    id: str
    name: str
    waiting: int
    longest_wait_ms: int | None
    free: int
    promise_ms: int
    offered: int | None
    """None while the database is away: nobody knows of today's calls then."""
    judged_10_s: int
    within_10_s: int


class Wall(msgspec.Struct, frozen=True, kw_only=True):
    """Everything on the wall; None is "not known now"."""

    at: datetime
    trouble: list[str]
    waiting: int | None
    longest_wait_ms: int | None
    promise_ms: int | None
    """The shortest promise among queues where somebody waits."""
    agents: dict[str, int] | None
    working: int | None
    queues: list[QueueLine]
    open: OpenWork | None
    today: TodaySums | None
    hours: list[TodaySums]


class Watch:
    """Asks both, at most once a second."""

    def __init__(
        self,
        switch: Switch,
        today: Today,
        *,
        zone: ZoneInfo,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._switch = switch
        self._today = today
        self._zone = zone
        self._clock = clock
        self._asking = asyncio.Lock()
        self._last: Wall | None = None

    async def wall(self) -> Wall:
        """Return what is to be seen now."""
        async with self._asking:
            now = self._clock()
            if self._last is None or now - self._last.at >= timedelta(seconds=ASKED_S):
                self._last = await self._look(now)
            return self._last

    async def _look(self, now: datetime) -> Wall:
        trouble: list[str] = []
        try:
            switch: SwitchNow | None = await self._switch.now()
        except SwitchAway:
            switch = None
            trouble.append("交换服务没有应答，来电由兜底方案接听")
        midnight = datetime.combine(now.astimezone(self._zone).date(), time(), self._zone)
        try:
            sums = await self._today.today(midnight, now, zone=self._zone.key)
            names = await self._today.queue_names()
            work: OpenWork | None = await self._today.open_work(now)
        except DatabaseAway:
            sums, names, work = [], {}, None
            trouble.append("数据库没有应答，今日数据暂缺")
        return _wall(now, trouble, switch, sums, names, work)


def _wall(
    now: datetime,
    trouble: list[str],
    switch: SwitchNow | None,
    sums: list[TodaySums],
    names: dict[str, str],
    work: OpenWork | None,
) -> Wall:
    queues = [] if switch is None else switch.queues
    of_queue = {one.what: one for one in sums if one.by == "queue"}
    unheard = None if work is None else 0
    waiting = [queue for queue in queues if queue.waiting]
    longest = [queue.longest_wait_ms for queue in waiting if queue.longest_wait_ms is not None]
    order = list(names)
    lines = [
        QueueLine(
            id=queue.id,
            name=names.get(queue.id, queue.id),
            waiting=queue.waiting,
            longest_wait_ms=queue.longest_wait_ms,
            free=queue.free,
            promise_ms=queue.promise_ms,
            offered=of_queue[queue.id].offered if queue.id in of_queue else unheard,
            judged_10_s=of_queue[queue.id].judged_10_s if queue.id in of_queue else 0,
            within_10_s=of_queue[queue.id].within_10_s if queue.id in of_queue else 0,
        )
        for queue in sorted(
            queues, key=lambda one: order.index(one.id) if one.id in order else len(order)
        )
    ]
    return Wall(
        at=now,
        trouble=trouble,
        waiting=None if switch is None else sum(queue.waiting for queue in queues),
        longest_wait_ms=max(longest, default=None),
        promise_ms=min((queue.promise_ms for queue in waiting), default=None),
        agents=None if switch is None else switch.agents,
        working=None if switch is None else sum(switch.agents.get(state, 0) for state in WORKING),
        queues=lines,
        open=work,
        today=next((one for one in sums if one.by == "all"), None),
        hours=[one for one in sums if one.by == "hour"],
    )


def wall_router(watch: Watch) -> APIRouter:
    """The routes under ``/wall``."""
    router = APIRouter(prefix="/wall", tags=["wallboard"])

    @router.get(
        "",
        response_class=FileResponse,
        responses={200: {"content": {"text/html": {}}}},
        dependencies=[needs(Right.STATE)],
    )
    async def page() -> Response:
        """The wallboard for a television or a telephone."""
        return FileResponse(STATIC / "wall.html", media_type="text/html")

    @router.get("/wall.js", response_class=FileResponse, include_in_schema=False)
    async def script() -> Response:
        return FileResponse(STATIC / "wall.js", media_type="text/javascript")

    @router.get(
        "/now",
        response_class=Response,
        responses={200: {"content": {"application/json": {}}}},
        dependencies=[needs(Right.STATE)],
    )
    async def now() -> Response:
        """What the wallboard shows, as JSON; no personal data."""
        found = await watch.wall()
        return Response(
            msgspec.json.encode(found),
            media_type="application/json",
            headers={"Cache-Control": "no-store"},
        )

    return router
