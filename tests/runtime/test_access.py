"""Nobody gets further than their role (L2, X10, X11), and whoever guesses is locked out."""

import asyncio
import base64
from collections.abc import AsyncIterator, Callable

import httpx
import pytest

from acd.adapters.http import bodies, create_app
from acd.adapters.http.access import LOCKED_S, TURNED_AWAY, WITHIN_S, WRONG_MAX, Door
from acd.adapters.http.bodies import BODY_BYTES_MAX, TOO_LONG, TOO_SLOW
from acd.core.roles import RIGHTS, Role
from tests.routes import (
    differences,
    hidden_routes_of,
    routes_of,
    stated_roles,
    stated_routes,
    walk,
)
from tests.runtime.test_http import Control, client_of
from tests.tokens import Keys, granted

TOKENS = {role: f"key-{role}" for role in Role}


def keys() -> Keys:
    return Keys(**{token: granted(role, agent="8001") for role, token in TOKENS.items()})


def test_the_page_states_the_roles_as_they_are() -> None:
    assert stated_roles() == {
        str(role): {str(right) for right in rights} for role, rights in RIGHTS.items()
    }
    assert set(RIGHTS) == set(Role)


async def test_every_route_under_every_role() -> None:
    """X10: 403 exactly where the page says so; a new route that it does not name fails here."""
    app = await create_app(Control(), version="1", door=Door(keys()))
    found = await walk(app, TOKENS)
    assert differences(app, found) == {}
    assert {status for (_, role), status in found.items() if role is Role.MONITOR} >= {200, 403}
    # The walk sees a route that has been forgotten, and a right that has been given away.

    async def new() -> dict[str, bool]:
        return {}

    app.get("/new")(new)
    app.openapi_schema = None
    with pytest.raises(AssertionError, match=r"who may use \{'GET /new'\}"):
        differences(app, found)


async def test_without_a_token_nothing_but_health_and_metrics() -> None:
    app = await create_app(Control(), version="1", door=Door(keys()))
    found = await walk(app, {Role.AGENT: ""})
    free = {route for (route, _), status in found.items() if status != 401}
    assert free == {route for route, right in stated_routes().items() if right is None}
    assert hidden_routes_of(app) == {
        "/docs", "/docs/oauth2-redirect", "/openapi.json", "/static-offline-docs", "/events",
    }  # fmt: skip
    assert len(routes_of(app)) > 50


@pytest.fixture
def control() -> Control:
    return Control()


Client = Callable[..., httpx.AsyncClient]


@pytest.fixture
async def closed(control: Control) -> AsyncIterator[Client]:
    """Clients of one closed API, each with their token and address."""
    tokens = keys()
    made: list[httpx.AsyncClient] = []
    now = [1000.0]
    refused: list[tuple[str, str]] = []
    door = Door(
        tokens, clock=lambda: now[0], refused=lambda why, source: refused.append((why, source))
    )
    app = await create_app(control, version="1", door=door)

    def client(token: str | None, *, source: str = "192.0.2.7") -> httpx.AsyncClient:
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        transport = httpx.ASGITransport(app, client=(source, 40_000))
        made.append(httpx.AsyncClient(transport=transport, base_url="http://sw", headers=headers))
        return made[-1]

    client.now, client.refused, client.tokens = now, refused, tokens  # type: ignore[attr-defined]
    yield client
    for one in made:
        await one.aclose()


async def test_guessing_locks_the_source_and_not_who_works_there(closed: Client) -> None:
    """Ten wrong tokens lock an address for a stated time; a colleague there works on, and another
    address notices nothing."""
    now, refused = closed.now, closed.refused  # type: ignore[attr-defined]
    colleague, guesser = closed("key-monitor"), closed("wrong")
    assert (await colleague.get("/queues")).status_code == 200
    for _ in range(WRONG_MAX - 1):
        assert (await guesser.get("/queues")).status_code == 401
    answer = await guesser.get("/queues")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "901")
    assert answer.json()["sentence"] == "Too many wrong tokens came from your address: wait 901 s."
    # Found at last, and too late.
    assert (await closed("key-supervisor").get("/queues")).status_code == 429
    assert (await colleague.get("/queues")).status_code == 200
    assert (await closed("key-supervisor", source="192.0.2.8").get("/queues")).status_code == 200
    now[0] += LOCKED_S - 1
    assert (await closed("key-supervisor").get("/queues")).status_code == 429
    now[0] += 2
    assert (await closed("key-supervisor").get("/queues")).status_code == 200
    assert refused[: WRONG_MAX + 1] == [
        *[("wrong_token", "192.0.2.7")] * (WRONG_MAX - 1),
        ("locked_now", "192.0.2.7"),
        ("locked", "192.0.2.7"),
    ]
    assert {why for why, _ in refused} < set(TURNED_AWAY)


async def test_mistakes_far_apart_lock_nobody(closed: Client) -> None:
    guesser = closed("wrong")
    for _ in range(WRONG_MAX * 2):
        assert (await guesser.get("/queues")).status_code == 401
        closed.now[0] += WITHIN_S / (WRONG_MAX - 2)  # type: ignore[attr-defined]


async def test_no_token_is_no_guess(closed: Client) -> None:
    """A browser asks without one first."""
    for _ in range(WRONG_MAX * 2):
        answer = await closed(None).get("/queues")
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Basic")
    assert (await closed("key-monitor").get("/queues")).status_code == 200


async def test_before_the_tokens_are_read_no_good_one_is_called_wrong(closed: Client) -> None:
    """A wallboard that asked while the desk started was told 401, so its browser forgot the
    password for good; and an office whose desks all asked was locked out."""
    closed.tokens.are_known = False  # type: ignore[attr-defined]
    for _ in range(WRONG_MAX * 2):
        answer = await closed("key-of-somebody").get("/queues")
        assert answer.status_code == 503
        assert answer.headers["Retry-After"] == "2"
        assert answer.json()["sentence"] == "The tokens are not read yet: try again."
    assert closed.refused == []  # type: ignore[attr-defined]
    closed.tokens.are_known = True  # type: ignore[attr-defined]
    assert (await closed("key-monitor").get("/queues")).status_code == 200
    assert (await closed("key-of-somebody").get("/queues")).status_code == 401


async def test_a_revoked_token_is_wrong_at_once(closed: Client) -> None:
    client = closed("key-agent")
    assert (await client.get("/calls")).status_code == 200
    closed.tokens.revoke("key-agent")  # type: ignore[attr-defined]
    answer = await client.get("/calls")
    assert (answer.status_code, answer.json()["sentence"]) == (
        401, "This token is unknown, over or revoked.",
    )  # fmt: skip


async def test_a_token_is_a_browsers_password(closed: Client) -> None:
    given = base64.b64encode(b"anybody:key-monitor").decode()
    headers = {"Authorization": f"Basic {given}"}
    assert (await closed(None).get("/queues", headers=headers)).status_code == 200


@pytest.mark.parametrize(
    ("origin", "status"),
    [(None, 200), ("http://sw", 200), ("http://evil.example", 403), ("null", 403),
     ("http://sw:8081", 403)],
)  # fmt: skip
async def test_another_sites_page_does_not_use_the_password_that_a_browser_keeps(
    closed: Client, control: Control, origin: str | None, status: int
) -> None:
    """A browser sends it with whatever a page asks for, whoever made the page: a form on one could
    log agents out."""
    given = base64.b64encode(b"anybody:key-agent").decode()
    headers = {"Authorization": f"Basic {given}"} | ({} if origin is None else {"Origin": origin})
    answer = await closed(None).post("/agents/8001/logout", headers=headers)
    assert answer.status_code == status
    assert bool(control.asked) == (status == 200)
    # What a page gives itself is its own: no browser knows a bearer token.
    headers = {} if origin is None else {"Origin": origin}
    answer = await closed("key-agent").post("/agents/8001/logout", headers=headers)
    assert answer.status_code == 200


@pytest.mark.parametrize("says_how_long", [True, False])
async def test_a_stranger_does_not_fill_the_memory(closed: Client, says_how_long: bool) -> None:
    """A body was read whole, by the loop that decides on calls, before anybody asked for a
    token."""
    piece, pieces_max = b" " * 65_536, 640
    taken = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal taken
        for _ in range(pieces_max):
            taken += 1
            yield piece

    headers = {"Content-Length": str(len(piece) * pieces_max)} if says_how_long else {}
    headers["Content-Type"] = "application/json"
    answer = await closed(None).post("/calls/search", content=endless(), headers=headers)
    assert (answer.status_code, answer.json()) == (413, {"sentence": TOO_LONG})
    assert taken * len(piece) <= BODY_BYTES_MAX + len(piece)


async def test_a_body_that_never_comes_is_not_waited_for(
    closed: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "BODY_S", 0.01)

    async def stuck() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.Event().wait()

    headers = {"Content-Type": "application/json"}
    async with asyncio.timeout(60):
        answer = await closed("key-monitor").post("/calls/search", content=stuck(), headers=headers)
    assert (answer.status_code, answer.json()) == (408, {"sentence": TOO_SLOW})


RATING = {"scale": "s0", "rating": "满意", "source": "agent"}


@pytest.mark.parametrize(
    ("role", "path", "body", "status"),
    [
        ("agent", "/agents/8001/ready", None, 200),
        ("agent", "/agents/8002/ready", None, 403),
        ("supervisor", "/agents/8002/ready", None, 200),
        ("agent", "/calls/1-7/hold", {"agent": "8001"}, 200),
        ("agent", "/calls/1-7/hold", {"agent": "8002"}, 403),
        ("agent", "/calls/1-7/hold", None, 403),
        ("agent", "/calls/1-7/hold", b"{", 422),
        ("supervisor", "/calls/1-7/hold", None, 200),
        ("agent", "/calls/1-7/rating", RATING | {"agent": "8001"}, 200),
        ("agent", "/calls/1-7/rating", RATING | {"agent": "8002"}, 403),
        ("agent", "/cases/1-c1/assign", {"agent": "8002", "to": "8001"}, 403),
        ("agent", "/obligations/1-o1/take", {"agent": "8002"}, 403),
        ("supervisor", "/obligations/1-o1/assign", {"agent": "8002"}, 200),
        ("supervisor", "/supervisors/8001/watch", None, 200),
        ("supervisor", "/supervisors/8090/watch", None, 403),
        ("supervisor", "/agents/8002/leave/approve", {"supervisor": "8001"}, 200),
        ("supervisor", "/agents/8002/leave/approve", {"supervisor": "8090"}, 403),
        ("supervisor", "/agents/8002/leave/approve", {}, 403),
    ],
)
async def test_nobody_acts_under_anothers_number(
    closed: Client, control: Control, role: str, path: str, body: object, status: int
) -> None:
    """X11: and a refused request has reached nobody."""
    client = closed(f"key-{role}")
    given = {"content": body} if isinstance(body, bytes) else {"json": body}
    answer = await client.post(path, **given)
    assert answer.status_code == status, answer.text
    assert bool(control.asked) == (status == 200)
    if status == 403:
        assert "Yours is 8001." in answer.json()["sentence"]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Host": "localhost:8080"}, 200),
        ({"Host": "127.0.0.1:8080", "Origin": "http://127.0.0.1:8080"}, 200),
        ({"Host": "127.0.0.1:8080", "Origin": "http://evil.example"}, 403),
        ({"Host": "127.0.0.1:8080", "Origin": "null"}, 403),
        ({"Host": "evil.example"}, 403),
        ({"Host": "evil.example", "Origin": "http://evil.example"}, 403),
    ],
)
async def test_an_open_address_is_not_for_other_sites_pages(
    control: Control, headers: dict[str, str], status: int
) -> None:
    """A page that somebody's browser has loaded can reach this machine's own address."""
    async with client_of(control) as client:
        assert (await client.post("/agents/8001/ready", headers=headers)).status_code == status
        assert (await client.get("/health/live", headers=headers)).status_code == 200
    assert bool(control.asked) == (status == 200)
