"""Every view of a caller over the control API is noted, with who and of what (L2, X10)."""

import asyncio
from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from acd.adapters.http import create_app
from acd.adapters.http.access import Door, Person
from acd.adapters.postgres.errors import DatabaseAway
from acd.core.roles import Role
from acd.runtime.api import trail as module
from acd.runtime.api.trail import AGAIN_S, Trail
from tests.routes import routes_of, stated_routes, walk
from tests.runtime.test_http import Control
from tests.tokens import Keys, granted

LI = Person("李敏", "192.0.2.7", Role.SUPERVISOR, "8090")


class Audit:
    """The audit's table; away while ``away`` is set."""

    def __init__(self) -> None:
        self.rows: list[tuple[Any, ...]] = []
        self.away = asyncio.Event()
        self.more = asyncio.Event()

    async def note(
        self,
        *,
        who: str,
        address: str | None,
        action: str,
        subject: str | None,
        details: Mapping[str, str],
    ) -> None:
        if self.away.is_set():
            raise DatabaseAway("PostgreSQL is away.")
        self.rows.append((who, address, action, subject, dict(details)))
        self.more.set()

    async def count(self, wanted: int) -> None:
        async with asyncio.timeout(20):
            while len(self.rows) < wanted:
                self.more.clear()
                await self.more.wait()


async def noted_routes(role: Role) -> tuple[set[str], dict[str, str | None]]:
    """The routes that one role's walk over all of them notes, and what each needs."""
    noted: set[str] = set()

    def note(person: Person, action: str, subject: str | None, details: object) -> None:
        assert (person.name, person.role) == ("王芳", role)
        noted.add(action)

    tokens = Keys(key=granted(role, agent="8001"))
    app = await create_app(Control(), version="1", door=Door(tokens, noted=note))
    await walk(app, {role: "key"})
    return noted, {route: right for route, right in stated_routes().items()
                   if route in routes_of(app)}  # fmt: skip


async def test_every_route_that_shows_a_caller_is_noted() -> None:
    """A supervisor's views, what she does to others, and what she does as another."""
    noted, stated = await noted_routes(Role.SUPERVISOR)
    assert noted == {one for one, right in stated.items() if right in ("records", "lead", "work")}


async def test_an_agents_own_work_is_no_view_and_a_refused_look_is_none() -> None:
    noted, stated = await noted_routes(Role.AGENT)
    assert noted == {one for one, right in stated.items() if right == "records"}
    assert (await noted_routes(Role.MONITOR))[0] == set()


async def test_a_note_says_who_what_of_whom_and_what_was_looked_for() -> None:
    audit = Audit()
    trail = Trail(audit)
    trail.note(LI, "GET /calls", None, {"caller": "02160000001"})
    trail.note(LI, "GET /calls/{call}", "1-7", {})
    running = asyncio.create_task(trail.run())
    await audit.count(2)
    running.cancel()
    assert audit.rows == [
        ("李敏", "192.0.2.7", "GET /calls", None, {"caller": "02160000001"}),
        ("李敏", "192.0.2.7", "GET /calls/{call}", "1-7", {}),
    ]
    assert (trail.waiting, trail.lost) == (0, 0)


async def test_what_is_looked_for_by_a_body_is_noted_as_well() -> None:
    """L2: a number stands in no address, and in the audit all the same."""
    noted: list[tuple[str, Mapping[str, str]]] = []

    def note(person: Person, action: str, subject: str | None, details: Mapping[str, str]) -> None:
        noted.append((action, details))

    app = await create_app(Control(), version="1", door=Door(None, unnamed="desk", noted=note))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        for what, body in (("calls", {"caller": "02160000001"}), ("cases", {"number": "021"})):
            answer = await client.post(f"/{what}/search", json=body)
            assert answer.status_code == 200
    assert noted == [
        ("POST /calls/search", {"caller": "02160000001"}),
        ("POST /cases/search", {"number": "021"}),
    ]


@pytest.mark.parametrize("odd", ["a\x00b", "a\x85b", "a\u2028b", "a\udc80b", "a\nb"])
async def test_what_somebody_writes_into_an_address_breaks_nothing(odd: str) -> None:
    """No NUL and no half character for PostgreSQL, no second line for the log, nothing endless."""
    audit = Audit()
    trail = Trail(audit)
    trail.note(LI, "GET /calls/{call}", odd, {"caller": odd + "1" * 500, odd: ""})
    await trail.end()
    ((_, _, _, of, details),) = audit.rows
    assert of == "a\ufffdb"
    assert details["a\ufffdb"] == ""
    assert details["caller"].startswith("a\ufffdb1") and len(details["caller"]) == 128


async def test_the_same_question_is_noted_once_a_minute() -> None:
    audit, now = Audit(), [1000.0]
    trail = Trail(audit, clock=lambda: now[0])
    for _ in range(5):
        trail.note(LI, "GET /cases", None, {})
    trail.note(LI, "GET /cases", None, {"state": "open"})
    now[0] += AGAIN_S
    trail.note(LI, "GET /cases", None, {})
    await trail.end()
    assert [row[4] for row in audit.rows] == [{}, {"state": "open"}, {}]


async def test_notes_wait_for_postgresql_in_their_order(monkeypatch: Any) -> None:
    """The request itself is answered meanwhile: noting is not waiting."""
    monkeypatch.setattr(module, "RETRY_S", 0.001)
    audit = Audit()
    audit.away.set()
    trail = Trail(audit)
    running = asyncio.create_task(trail.run())
    for number in range(20):
        trail.note(LI, "GET /calls/{call}", f"1-{number}", {})
    await asyncio.sleep(0)
    assert trail.waiting == 20
    audit.away.clear()
    await audit.count(20)
    running.cancel()
    assert [row[3] for row in audit.rows] == [f"1-{number}" for number in range(20)]


async def test_at_the_limit_the_oldest_goes_and_is_counted(monkeypatch: Any) -> None:
    monkeypatch.setattr(module, "NOTES_MAX", 3)
    audit = Audit()
    trail = Trail(audit)
    for number in range(5):
        trail.note(LI, "GET /calls/{call}", f"1-{number}", {})
    await trail.end()
    assert ([row[3] for row in audit.rows], trail.lost) == (["1-2", "1-3", "1-4"], 2)


async def test_an_end_without_postgresql_leaves_the_notes_in_the_log() -> None:
    audit = Audit()
    audit.away.set()
    trail = Trail(audit)
    trail.note(LI, "GET /cases", None, {})
    await trail.end()
    assert trail.waiting == 1
