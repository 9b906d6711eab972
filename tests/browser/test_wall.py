"""The wallboard in a real Chromium, with a real switch behind it: in Chinese, at television and
telephone size, live, and honest about what it does not know (T23, Q09)."""

import asyncio
import os
from pathlib import Path

import pytest

from servers.service import Desk
from tests.browser.chromium import chromium
from tests.browser.conftest import CHANGES
from tests.switch.live import Switch

SIZES = {"tv": (1920, 1080), "phone": (412, 915)}
KEPT = "WALL_SCREENSHOTS"
"""Names a folder into which the pictures are copied, for a person to look at."""


def address(desk: Desk, token: str) -> str:
    """As it is typed into a television: with name and token."""
    return desk.settings.desk_address.replace("://", f"://wall:{token}@") + "/wall"


OVERFLOWING = """
[...document.querySelectorAll('.card')].filter((card) => card.scrollWidth > card.clientWidth + 1)
    .map((card) => card.innerText)
"""


def keep(picture: bytes, name: str) -> None:
    """See that there is something on it, and copy it to where a person wants to look."""
    assert len(picture) > 20_000, "an empty picture"
    if KEPT in os.environ:
        (Path(os.environ[KEPT]) / name).write_bytes(picture)


@pytest.mark.parametrize("size", SIZES)
async def test_the_wall_shows_what_is_going_on(
    switch: Switch, desk: Desk, token: str, tmp_path: Path, size: str
) -> None:
    """T23: a caller waits, is answered, leaves; an agent is ready, talks: each is on the wall
    within seconds, without a reload, and nothing sticks out of its card at either size."""
    width, height = SIZES[size]
    before = await switch.sql(
        "SELECT count(*) AS n FROM call WHERE answered_at IS NOT NULL AND NOT synthetic"
    )
    async with chromium(tmp_path) as page:
        await page.open(address(desk, token), width=width, height=height)
        await page.until("waiting", "0")
        await page.until("longest", "无")
        await page.until("ready", "0")
        caller = await (await switch.terminal()).call("95001")
        await page.until("waiting", "1")
        await page.until("longest", r"\d+ 秒")
        agent = await switch.agent("8005")
        await agent.ask("login")
        talk = await agent.answers()
        await page.until("waiting", "0")
        await page.until("answered", str(before[0]["n"] + 1))
        await page.until("states", r"就绪\d+振铃\d+通话1整理\d+.*")
        await page.until("level10", r"\d+\.\d%|0\.0%")
        await page.until("cases", r"\d+")
        await page.until("owed", r"\d+")
        assert "紧急" in await page.text("queues")
        assert await page.ask("document.documentElement.lang") == "zh-CN"
        assert await page.ask("document.scrollingElement.scrollWidth <= innerWidth") is True
        assert await page.ask(OVERFLOWING) == []
        if size == "tv":
            assert await page.ask("document.scrollingElement.scrollHeight <= innerHeight") is True
        second = await (await switch.terminal()).call("95001")
        await page.until("waiting", "1")
        await page.until("longest", r"[1-9]\d* 秒")
        keep(await page.picture(), f"wall-{size}.png")
        other = await switch.agent("8006")
        await other.ask("login")
        second_talk = await other.answers()
        await page.until("waiting", "0")
        for end in (caller, talk, second, second_talk):
            end.hang_up()
        await page.until("states", r".*通话0整理2.*")
        assert page.complaints == []
    for one in (agent, other):
        await one.ask("wrap-up/end")


async def test_the_wall_never_shows_an_old_figure(
    switch: Switch, desk: Desk, token: str, tmp_path: Path
) -> None:
    """K04, T18: with the service away the present is a dash and a sentence says why, while today's
    figures go on coming from the record; with the desk away too, nothing is claimed at all."""
    async with chromium(tmp_path) as page:
        await page.open(address(desk, token), width=1920, height=1080)
        await page.until("waiting", "0")
        await asyncio.to_thread(switch.service.stop)
        try:
            await page.until("waiting", "—")
            await page.until("working", "—")
            await page.until("cases", r"\d+")
            await page.until("trouble", "交换服务没有应答.*")
            assert (await page.text("offered")).isdigit()
            keep(await page.picture(), "wall-trouble.png")
        finally:
            await asyncio.to_thread(switch.service.start)
        await page.until("waiting", "0")
        await page.until("trouble", "")
        await asyncio.to_thread(desk.stop)
        try:
            await page.until("trouble", "看板与后台的连接已中断.*")
            await page.until("waiting", "—")
            for told in ("offered", "level10", "owed"):
                await page.until(told, "—")
            assert await page.text("queues") + await page.text("n10") == ""
        finally:
            await asyncio.to_thread(desk.start, CHANGES)
        await page.until("waiting", "0")
