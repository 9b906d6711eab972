"""What the wallboard is told: today's figures from the record, the present from the switch, and
nothing where nothing is known (T23, K04).  The page itself is tested in tests/browser."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import httpx
import pytest
from aiohttp import web

from acd.adapters.http.access import Door
from acd.adapters.postgres.errors import DatabaseAway
from acd.adapters.postgres.wall import OpenWork, PostgresWall, TodaySums
from acd.core.roles import Role
from acd.desk.app import create_desk
from acd.desk.metrics import DeskMetrics
from acd.desk.switch_now import QueueNow, SwitchAway, SwitchClient, SwitchNow
from acd.desk.wall import Watch, wall_router
from tests.desk.office import Office
from tests.desk.test_reports import DAY, a_day, at, call
from tests.tokens import Keys, granted

CHINA = ZoneInfo("Asia/Shanghai")
NOON = DAY + timedelta(hours=12.5)
QUEUES = [
    QueueNow("enquiry", 1, 3_400, 2, 20_000),
    QueueNow("emergency", 2, 12_400, 0, 10_000),
]


class FakeSwitch:
    """A switch that says what it is told to."""

    def __init__(self, now: SwitchNow | None = None) -> None:
        self.answer = now or SwitchNow(QUEUES, {"ready": 2, "talking": 3, "paused": 1})
        self.away = False
        self.asked = 0

    async def now(self) -> SwitchNow:
        self.asked += 1
        if self.away:
            raise SwitchAway("test")
        return self.answer


async def test_the_present_and_today_stand_side_by_side(office: Office) -> None:
    """T23: waiting, longest wait, the shortest promise behind it, agents; today's calls up to now,
    those being talked to included; by hour; queues in their order of importance."""
    await a_day(office)
    await call(office, "talking", at(12.4), None, wait_s=6, answered_at=NOON, ended_at=None)
    wall = await Watch(
        FakeSwitch(), PostgresWall(office.pool), zone=CHINA, clock=lambda: NOON
    ).wall()
    assert (wall.waiting, wall.longest_wait_ms, wall.promise_ms) == (3, 12_400, 10_000)
    assert (wall.agents, wall.working) == ({"ready": 2, "talking": 3, "paused": 1}, 5)
    assert wall.today is not None
    assert (wall.today.offered, wall.today.answered, wall.today.abandoned) == (9, 5, 2)
    assert (wall.today.within_10_s, wall.today.within_15_s) == (3, 5)
    assert (wall.today.judged_10_s, wall.today.judged_20_s) == (9, 9)
    assert [(one.what, one.offered) for one in wall.hours] == [
        ("09", 3), ("10", 3), ("11", 1), ("12", 2),
    ]  # fmt: skip
    assert [(line.id, line.offered) for line in wall.queues] == [("enquiry", 0), ("emergency", 8)]
    assert wall.trouble == []


async def test_who_has_waited_for_a_moment_has_not_missed_the_level(office: Office) -> None:
    """C01: a caller counts against a level once it is known whether they were answered in time."""
    for name, waits_s in (("now", 1), ("soon", 12)):
        await call(
            office, name, at(12.5) - timedelta(seconds=waits_s), None, wait_s=0, ended_at=None
        )
    wall = await Watch(
        FakeSwitch(), PostgresWall(office.pool), zone=CHINA, clock=lambda: NOON
    ).wall()
    assert wall.today is not None
    assert (wall.today.offered, wall.today.within_10_s) == (2, 0)
    assert (wall.today.judged_10_s, wall.today.judged_15_s, wall.today.judged_20_s) == (1, 0, 0)


async def test_what_is_not_known_is_not_shown(office: Office) -> None:
    """K04: a switch that is away leaves no figure of the present; a database that is away none of
    today; each is said in a sentence."""

    class AwayToday:
        async def today(self, since: datetime, until: datetime, *, zone: str) -> list[TodaySums]:
            raise DatabaseAway("test")

        async def queue_names(self) -> dict[str, str]:
            raise AssertionError("not asked after the first has failed")

        async def open_work(self, now: datetime) -> OpenWork:
            raise AssertionError("not asked after the first has failed")

    switch = FakeSwitch()
    switch.away = True
    here = await Watch(switch, PostgresWall(office.pool), zone=CHINA, clock=lambda: NOON).wall()
    assert (here.waiting, here.agents, here.working, here.queues) == (None, None, None, [])
    assert here.today is not None and here.today.offered == 0
    assert here.trouble == ["交换服务没有应答，来电由兜底方案接听"]
    away = await Watch(FakeSwitch(), AwayToday(), zone=CHINA, clock=lambda: NOON).wall()
    assert (away.waiting, away.open, away.today, away.hours) == (3, None, None, [])
    assert away.trouble == ["数据库没有应答，今日数据暂缺"]
    assert [(line.waiting, line.offered) for line in away.queues] == [(1, None), (2, None)]


async def test_what_is_not_ended_stands_on_the_wall(office: Office) -> None:
    """E35, C02, W34: cases not closed, with the age of the oldest; what is owed, what of it is
    late, and what was promised for a time of day that has not come; what has been closed is in
    none."""
    watch = Watch(FakeSwitch(), PostgresWall(office.pool), zone=CHINA, clock=lambda: NOON)
    assert (await watch.wall()).open == OpenWork(cases=0, oldest_case_ms=None, owed=0, late=0)
    for key, hours, closed in (("k1", 2, False), ("k2", 1, False), ("k3", 9, True)):
        await office.pool.execute(
            "INSERT INTO cases (case_id, noted_at, state, origin, queue, elders, calls, services,"
            " opened_at, closed_at, body) VALUES ($1, $2, 'open', 'agent', 'emergency', '{}', '{}',"
            " '{}', $3, $4, '{}')",
            key, NOON, NOON - timedelta(hours=hours), NOON if closed else None,
        )  # fmt: skip
    for key, minutes, closed in (("o1", -5, False), ("o2", 5, False), ("o3", -9, True)):
        await office.pool.execute(
            "INSERT INTO obligation (obligation_id, noted_at, state, kind, why, queue, emergency,"
            " owed_at, deadline_at, closed_at, late, level, body) VALUES ($1, $2, 'owed',"
            " 'callback', 'abandoned', 'emergency', true, $2, $3, $4, false, 0, '{}')",
            key, NOON, NOON + timedelta(minutes=minutes), NOON if closed else None,
        )  # fmt: skip
    for key, minutes in (("o4", 60), ("o5", 90), ("o6", -5)):
        await office.pool.execute(
            "INSERT INTO obligation (obligation_id, noted_at, state, kind, why, queue, emergency,"
            " owed_at, deadline_at, late, level, body) VALUES ($1, $2, 'owed', 'callback',"
            " 'requested', 'enquiry', false, $2, $3, false, 0,"
            " jsonb_build_object('appointed_ms', $4::bigint))",
            key, NOON, NOON + timedelta(minutes=minutes + 15),
            int((NOON + timedelta(minutes=minutes)).timestamp() * 1000),
        )  # fmt: skip
    later = Watch(FakeSwitch(), PostgresWall(office.pool), zone=CHINA, clock=lambda: NOON)
    assert (await later.wall()).open == OpenWork(
        cases=2, oldest_case_ms=2 * 3_600_000, owed=5, late=1,
        appointments=2, next_appointment=NOON + timedelta(hours=1),
    )  # fmt: skip


async def test_a_hundred_screens_ask_once_a_second(office: Office) -> None:
    now = [NOON]
    switch = FakeSwitch()
    watch = Watch(switch, PostgresWall(office.pool), zone=CHINA, clock=lambda: now[0])
    await asyncio.gather(*(watch.wall() for _ in range(100)))
    assert switch.asked == 1
    now[0] += timedelta(seconds=1)
    await watch.wall()
    assert switch.asked == 2


async def test_the_page_asks_for_a_name_and_its_script_holds_no_secret(office: Office) -> None:
    async def ready() -> str | None:
        return None

    watch = Watch(FakeSwitch(), PostgresWall(office.pool), zone=CHINA)
    app = create_desk(
        [wall_router(watch)], door=Door(Keys(screen=granted(Role.MONITOR, person="wall"))),
        metrics=DeskMetrics(), ready=ready, version="test",
    )  # fmt: skip
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://127.0.0.1"
    ) as client:
        assert (await client.get("/wall")).status_code == 401
        assert (await client.get("/wall/now")).status_code == 401
        assert (await client.get("/wall/wall.js")).status_code == 200
        given = {"Authorization": "Bearer screen"}
        page = await client.get("/wall", headers=given)
        assert page.headers["content-type"].startswith("text/html")
        assert "script-src 'self';" in page.headers["content-security-policy"]
        now = await client.get("/wall/now", headers=given)
        assert now.headers["cache-control"] == "no-store"
        assert now.json()["waiting"] == 3


Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@pytest.fixture
async def serve() -> AsyncIterator[Callable[[Answer], Awaitable[str]]]:
    """Something that answers in the switch's place; its address."""
    runners = []

    async def start(answer: Answer) -> str:
        app = web.Application()
        app.router.add_get("/{tail:.*}", answer)
        runner = web.AppRunner(app)
        runners.append(runner)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        return f"http://127.0.0.1:{runner.addresses[0][1]}"

    yield start
    for runner in runners:
        await runner.cleanup()


@pytest.mark.parametrize(
    ("status", "body", "why"),
    [
        (401, "{}", "HULING_API_TOKEN"),
        (503, "{}", "answers 503"),
        (200, "not JSON", "another version"),
        (200, '{"queues": []}', "another version"),
        (200, '[{"id": 1}]', "another version"),
    ],
)
async def test_an_answer_that_is_none_is_no_figure(
    serve: Callable[[Answer], Awaitable[str]], status: int, body: str, why: str
) -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(status=status, text=body)

    client = SwitchClient(await serve(answer), token=None)
    with pytest.raises(SwitchAway, match=why):
        await client.now()
    await client.close()


async def test_nobody_there_is_told_so() -> None:
    client = SwitchClient("http://127.0.0.1:9", token="x")
    with pytest.raises(SwitchAway, match="does not answer"):
        await client.now()
    await client.close()


async def test_agents_are_counted_without_their_names(
    serve: Callable[[Answer], Awaitable[str]],
) -> None:
    """L2: more fields than we know are no trouble, and none of them reaches a wall."""

    async def answer(request: web.Request) -> web.Response:
        assert request.headers["Authorization"] == "Bearer token"
        queues = [{"id": "q", "waiting": 0, "longest_wait_ms": None, "free": 1, "calls": 0,
                   "promise_ms": 10000, "new": 1}]  # fmt: skip
        agents = [
            {"id": "8001", "name": "王敏", "state": state} for state in ("ready", "ready", "x")
        ]
        return web.json_response(queues if request.path == "/queues" else agents)

    client = SwitchClient(await serve(answer), token="token")
    found = await client.now()
    assert found == SwitchNow([QueueNow("q", 0, None, 1, 10_000)], {"ready": 2, "x": 1})
    await client.close()


def test_the_clock_of_a_watch_is_the_worlds() -> None:
    watch = Watch(FakeSwitch(), PostgresWall(None), zone=CHINA)  # type: ignore[arg-type]
    assert abs(watch._clock() - datetime.now(UTC)) < timedelta(seconds=5)
