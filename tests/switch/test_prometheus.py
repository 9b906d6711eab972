"""A real Prometheus beside a real run: every panel of the dashboards has data, every rule is
evaluated, and an alert fires on its trouble and is over when the trouble is."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect

from docker.grafana.draw_dashboards import BOARDS, Board, Curve, Stat
from servers.service import Desk, Service
from servers.stack import Stack
from tests.switch.desks import desk_beside
from tests.switch.live import Json, Switch, demo, demo_with, end, load_directory
from tests.switch.test_access import read_on
from tests.switch.test_self_service import CALLER
from tests.switch.voice import Voice

SHOWN_S = 90.0
"""Two scrapes and an evaluation of the levels' rules take 25 s; the machine may be busy."""


@pytest.fixture
async def prometheus(stack: Stack, switch: Switch) -> AsyncIterator[httpx.AsyncClient]:
    """Prometheus of the private root, scraping the running service."""
    await asyncio.to_thread(stack.ensure, "prometheus")
    async with httpx.AsyncClient(base_url=stack.prometheus.url, timeout=10) as client:
        yield client


@pytest.fixture
async def everything_on(switch: Switch) -> AsyncIterator[None]:
    """What a house may leave off: callers are asked how content they are, and listened to, and the
    directory says how many lines there are."""

    def asks(found: dict[str, list[Json]]) -> None:
        for trunk in found["trunks"]:
            trunk["lines"] = 30
        for queue in found["queues"]:
            if queue["id"] == "enquiry":
                queue["treatment"]["rating"] = "s0"

    await asyncio.to_thread(switch.service.stop)
    await asyncio.to_thread(load_directory, switch.service, demo_with(asks))
    await asyncio.to_thread(switch.service.start, {"HULING_LISTENING": "yes"})
    await switch.begin()
    yield
    await asyncio.to_thread(switch.service.stop)
    await asyncio.to_thread(load_directory, switch.service, demo())
    await asyncio.to_thread(switch.service.start)


@pytest.fixture
def desk(running: Service) -> Iterator[Desk]:
    """`acd desk` beside the switch."""
    with desk_beside(running) as desk:
        yield desk


@asynccontextmanager
async def screens(switch: Switch) -> AsyncIterator[None]:
    """Somebody's screen, to which `/events` are sent."""
    url = switch.settings.http_address.replace("http", "ws") + "/events"
    async with connect(url) as events:
        shown = asyncio.create_task(read_on(events))
        yield
        assert not shown.done(), "the screen was let go"
        shown.cancel()


async def ask(prometheus: httpx.AsyncClient, expr: str) -> list[dict[str, Any]]:
    """The samples that Prometheus has for a question; what is not a number is none."""
    answer = await prometheus.get("/api/v1/query", params={"query": expr})
    assert answer.status_code == 200, f"{expr}: {answer.text}"
    found: list[dict[str, Any]] = answer.json()["data"]["result"]
    return [sample for sample in found if sample["value"][1] != "NaN"]


def panels_of(board: Board) -> list[Stat | Curve]:
    return [*board.stats, *board.curves]


async def test_every_panel_of_every_dashboard_has_data(
    switch: Switch, everything_on: None, desk: Desk, prometheus: httpx.AsyncClient
) -> None:
    """One caller is answered, one leaves, one hangs up on the menu, and people look for records:
    after that no panel is empty and no query is wrong."""
    questions = {
        f"{board.uid}: {panel.title}: {expr}": expr
        for board in BOARDS
        for panel in panels_of(board)
        for expr in ([e for e, _ in panel.lines] if isinstance(panel, Curve) else [panel.expr])
    }
    assert len(questions) > 50

    async def seen() -> bool:
        return bool(await ask(prometheus, "huling_ready == 1"))

    await switch.until(seen, "the first scrape", SHOWN_S)
    async with screens(switch):
        terminal = await switch.terminal()
        leaver = await terminal.call("95001")
        await switch.one_waits()
        leaver.cancel()
        await leaver.over()
        with_machine = await (await switch.terminal(CALLER)).call("95003")
        await with_machine.answered()

        async def understood() -> bool:
            return await switch.metric("huling_menu_steps_total") >= 1

        with_machine.send_digit("2")
        await switch.until(understood, "the menu to have heard a key")
        end(with_machine)
        await switch.records(2)
        await switch.forgive()  # else the agent is rung for a callback first
        agent = await switch.ready_agent("8001")
        call = await terminal.call("95001")
        ring = await agent.takes_the_call()
        await call.answered()
        second = await switch.ready_agent("8002")
        going_on = (await agent.state())["call"]
        assert (await switch.api.post(f"/calls/{going_on}/case", json={})).status_code == 200
        await second.answers()
        await second.wait("talking")
        async with Voice(call, 600):
            heard = len(ring.audio.received)
            await switch.until(
                lambda: len(ring.audio.received) > heard + 20, "the agent to hear it"
            )
            call.hang_up()
            await call.over()
        for person in (agent, second):
            await person.wait("wrap_up")
            await person.ask("wrap-up/end")
    await switch.ready_agent("8011")  # who is owed nothing, and stays ready
    left: list[str] = []

    async def all_shown() -> bool:
        await switch.api.get("/calls")
        await office.get("/recordings")
        left[:] = [name for name, expr in questions.items() if not await ask(prometheus, expr)]
        return not left

    office = httpx.AsyncClient(
        base_url=desk.settings.desk_address, headers={"X-Huling-User": "tester"}
    )
    try:
        async with office:
            await switch.until(all_shown, "every panel to show something", SHOWN_S)
    except AssertionError:
        raise AssertionError(f"empty panels: {left}") from None


async def test_every_rule_is_evaluated_without_complaint(
    switch: Switch, prometheus: httpx.AsyncClient
) -> None:
    async def healths() -> list[str]:
        groups = (await prometheus.get("/api/v1/rules")).json()["data"]["groups"]
        return [rule["health"] for group in groups for rule in group["rules"]]

    async def all_known() -> bool:
        return "unknown" not in await healths()

    await switch.until(all_known, "the first evaluation of every rule", SHOWN_S)
    found = await healths()
    assert len(found) > 25
    assert set(found) == {"ok"}


async def test_an_alert_fires_and_is_over_with_its_trouble(
    switch: Switch, prometheus: httpx.AsyncClient
) -> None:
    """T18: with Asterisk dead the links are down, which pages; when it is back nothing does."""
    node = switch.settings.node
    firing = f'ALERTS{{alertname="LinkDown",alertstate="firing",link="ari",node="{node}"}}'

    async def fires() -> bool:
        return bool(await ask(prometheus, firing))

    async def is_over() -> bool:
        return not await fires()

    async def links_are_up() -> bool:
        return switch.service.ready()

    await switch.until(is_over, "LinkDown of an earlier test to be over", SHOWN_S)
    await asyncio.to_thread(switch.stack.kill, "asterisk")
    await switch.until(fires, "LinkDown to fire", SHOWN_S)
    (told,) = await ask(prometheus, firing)
    assert not [label for label in told["metric"] if label.startswith("exported_")]
    await asyncio.to_thread(switch.stack.restart, "asterisk")
    await switch.until(is_over, "LinkDown to be over", SHOWN_S)
    await switch.until(links_are_up, "both links")
