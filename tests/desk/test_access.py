"""The desk obeys the same table of roles as the control API (L2, X10)."""

from acd.adapters.postgres.wall import PostgresWall
from acd.core.roles import Role
from acd.desk.archive import CHINA
from acd.desk.wall import Watch, wall_router
from tests.desk.office import Office
from tests.desk.test_wall import FakeSwitch
from tests.routes import differences, hidden_routes_of, routes_of, stated_routes, walk
from tests.runtime.test_access import TOKENS
from tests.runtime.test_access import keys as keys_of_all
from tests.runtime.test_http import undescribed
from tests.tokens import Keys, granted


async def test_every_route_under_every_role(office: Office) -> None:
    app = office.app(keys_of_all())
    app.include_router(wall_router(Watch(FakeSwitch(), PostgresWall(office.pool), zone=CHINA)))
    span = {"since": "2026-03-14T00:00:00Z", "until": "2026-03-15T00:00:00Z", "date": "2026-03-14"}
    found = await walk(app, TOKENS, query=span)
    assert differences(app, found) == {}
    # What shows an agent an elder masks it, as test_emergencies.py and test_offline.py show.
    for_agents = {one for one in routes_of(app) if stated_routes()[one] in ("records", "work")}
    assert for_agents == {
        "GET /cases/{case}/report", "GET /offline/records", "GET /offline", "POST /offline/records",
    }  # fmt: skip
    assert {status for (_, role), status in found.items() if role is Role.REGULATOR} >= {200, 403}
    without = await walk(app, {Role.AGENT: ""}, query=span)
    free = {route for (route, _), status in without.items() if status != 401}
    assert free <= {route for route, right in stated_routes().items() if right is None}
    assert hidden_routes_of(app) == {
        # Scripts of pages hold nothing of anybody.
        "/docs", "/docs/oauth2-redirect", "/openapi.json", "/static-offline-docs", "/wall/wall.js",
        "/offline/offline.js",
    }  # fmt: skip


async def test_every_parameter_is_described(office: Office) -> None:
    assert undescribed(office.app(keys_of_all())) == []


async def test_who_is_refused_has_seen_nothing_and_is_not_in_the_audit(office: Office) -> None:
    """L2: a monitor's television asks for recordings."""
    await office.kept()
    tokens = Keys(screen=granted(Role.MONITOR, person="wall"))
    async with office.client(tokens=tokens, headers={"Authorization": "Bearer screen"}) as client:
        answer = await client.get("/recordings")
    assert answer.status_code == 403
    assert answer.json() == {"sentence": "The role monitor does not have the right hear."}
    assert await office.audit.find() == []
