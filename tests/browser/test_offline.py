"""What is asked for while the system is away is written down in a real Chromium, as in a house on
plain http, and is in the record once when the system is back (D19, X14)."""

import asyncio
from pathlib import Path

import httpx

from servers.service import Desk
from tests.browser.chromium import HOUSE, Page, chromium
from tests.browser.conftest import CHANGES
from tests.browser.test_wall import keep
from tests.switch.live import Switch

NEED = "摔倒了，要人去看"
WRITTEN = "SELECT * FROM offline_records WHERE need = $1"
OF_COURSE = ("ERR_CONNECTION_REFUSED", "'beforeunload' confirmation")
"""What Chromium complains of when a desk is away, and when a page that asks to stay is left by a
test that has touched no key."""

OWED = "SELECT obligation_id, state, number, emergency FROM obligation WHERE body ->> 'about' = $1"


async def write(page: Page, **said: str) -> None:
    """Type into the form as a person does, and press the choices given."""
    for field, text in said.items():
        await page.ask(f"""
            (() => {{ const one = document.getElementById({field!r});
                if (one) {{ one.value = {text!r}; one.dispatchEvent(
                    new Event('input', {{ bubbles: true }})); }}
                else document.querySelector('input[name={field}][value={text}]').click(); }})()
        """)


async def saved(page: Page) -> None:
    await page.ask("document.getElementById('save').click()")


def turned_away(desk: Desk) -> bool:
    """Whether this desk has refused a token."""
    text = httpx.get(f"{desk.settings.desk_address}/metrics").text
    return 'huling_desk_turned_away_total{why="wrong_token"} 0' not in text


async def test_what_is_written_while_the_desk_is_away_is_in_the_record_once(
    switch: Switch, desk: Desk, tmp_path: Path
) -> None:
    """Opened once with name and token; then desk and service are gone.  What is wrong is said in
    Chinese and loses nothing; what is saved is there when the page is opened anew without the desk,
    half-typed words too.  The desk is back: it is handed in by itself, once, also by a second tab
    that would; the service is back: it is an agent's task within seconds."""
    token = switch.token("agent", "李敏", "8003")
    address = f"http://{HOUSE}:{desk.settings.desk_port}/offline"
    async with chromium(tmp_path) as page:
        await page.open(address.replace("://", f"://li:{token}@"), width=1000, height=1000)
        await page.until("link", "后台在线")
        assert await page.ask("isSecureContext") is False
        await asyncio.to_thread(switch.service.stop)
        try:
            await asyncio.to_thread(desk.stop)
            try:
                await page.until("link", "后台不通.*")
                await write(
                    page, agent="8003", number="021-60000001", name="王奶奶", address="三号楼"
                )
                await saved(page)
                await page.until("wrong", "请写明诉求。")
                await write(page, need=NEED, handled="已打 120", emergency="yes")
                await saved(page)
                await page.until("wrong", "请选择是否办结。")
                await write(page, settled="no")
                await saved(page)
                await page.until("wrong", "")
                await page.until("count", "1")
                await write(page, need="写了一半")
                keep(await page.picture(), "offline-away.png")

                await page.send("Page.navigate", url="about:blank")
                await page.send("Page.navigate", url=address)
                await page.until("count", "1")
                await page.until("link", "后台不通.*")
                assert NEED in await page.text("kept")
                assert await page.ask("document.getElementById('need').value") == "写了一半"
                await page.ask("window.lines = Object.entries(localStorage)")
            finally:
                await asyncio.to_thread(desk.start, CHANGES)
            await page.until("handed", "1")
            await page.until("count", "0")
        finally:
            await asyncio.to_thread(switch.service.start)
        # Another tab had read them before this one had its answer.
        await page.ask("lines.forEach(([key, value]) => localStorage.setItem(key, value))")
        await page.until("handed", "2")
        await page.until("count", "0")
        (row,) = await switch.sql(WRITTEN, NEED)
        assert (row["agent"], row["handed_in_by"], row["name"]) == ("8003", "李敏", "王奶奶")
        assert (row["emergency"], row["settled"], row["handled"]) == (True, False, "已打 120")
        assert await page.ask("document.scrollingElement.scrollWidth <= innerWidth") is True
        assert [one for one in page.complaints if not any(map(one.__contains__, OF_COURSE))] == []

        async def owed() -> bool:
            return bool(await switch.sql(OWED, row["record_id"]))

        await switch.until(owed, "the task")
        (task,) = await switch.sql(OWED, row["record_id"])
        assert (task["emergency"], task["number"]) == (True, "02160000001")


async def test_the_page_opens_without_the_desk_also_after_a_401_and_in_a_new_browser(
    switch: Switch, desk: Desk, tmp_path: Path
) -> None:
    """X14: the token is over, and the page that renews its copy is turned away: Chromium would have
    given the copy up.  Then the browser is closed and opened again."""
    token = switch.token("agent", "赵敏", "8003")
    address = f"http://{HOUSE}:{desk.settings.desk_port}/offline"
    async with chromium(tmp_path) as page:
        await page.open(address.replace("://", f"://zhao:{token}@"), width=1000, height=1000)
        await page.until("link", "后台在线")
        assert switch.service.command("token", "revoke", "--person", "赵敏").returncode == 0
        await asyncio.to_thread(desk.stop)
        try:
            await page.until("link", "后台不通.*")
        finally:
            await asyncio.to_thread(desk.start, CHANGES)
        await switch.until(lambda: turned_away(desk), "the page to be turned away")
    await asyncio.to_thread(desk.stop)
    try:
        async with chromium(tmp_path) as page:
            await page.open(address, width=1000, height=1000)
            await page.until("link", "后台不通.*")
            await write(page, agent="8003", need=NEED, emergency="no", settled="yes")
            await saved(page)
            await page.until("count", "1")
    finally:
        await asyncio.to_thread(desk.start, CHANGES)


async def test_what_the_desk_does_not_take_stays_and_says_why(
    switch: Switch, desk: Desk, tmp_path: Path
) -> None:
    """X11: a colleague's record is not handed in under this token: one sentence in Chinese, and the
    record is back in the form at the press of a key, where its number is put right."""
    token = switch.token("agent", "李敏", "8003")
    address = f"http://li:{token}@{HOUSE}:{desk.settings.desk_port}/offline"
    async with chromium(tmp_path) as page:
        await page.open(address, width=412, height=915)
        await page.until("link", "后台在线")
        need = "问助餐点"
        await write(page, agent="8004", need=need, emergency="no", settled="yes")
        await saved(page)
        await page.until(
            "kept", ".*您的令牌不能交座席 8004 的记录：请其本人登录，或请班长代交。修改"
        )
        assert await switch.sql(WRITTEN, need) == []
        await page.ask("document.querySelector('#kept button').click()")
        await page.until("count", "0")
        await write(page, agent="8003")
        await saved(page)
        await page.until("handed", "1")
        (row,) = await switch.sql(WRITTEN, need)
        assert (row["agent"], row["settled"]) == ("8003", True)
        assert await page.ask("document.scrollingElement.scrollWidth <= innerWidth") is True
        keep(await page.picture(), "offline-phone.png")
