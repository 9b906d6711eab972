"""A report in a real Chromium: read on a screen, printed on paper (K03)."""

import base64
import re
from pathlib import Path

from servers.service import Desk
from tests.browser.chromium import chromium
from tests.browser.test_wall import keep
from tests.switch.live import Switch

STICKING_OUT = """
[...document.querySelectorAll('td')].filter((cell) => cell.scrollWidth > cell.clientWidth + 1)
    .map((cell) => cell.innerText)
"""


async def test_a_report_can_be_read_and_printed(
    switch: Switch, desk: Desk, token: str, tmp_path: Path
) -> None:
    """K03, K09: after one answered call, today's report has its chart and tables, nothing sticks
    out of the page, nothing is loaded from elsewhere, and it prints on a few sheets of A4."""
    agent = await switch.ready_agent("8005")
    caller = await (await switch.terminal()).call("95001")
    talk = await agent.takes_the_call()
    caller.hang_up()
    await talk.over()
    await switch.records()
    address = desk.settings.desk_address.replace("://", f"://wang:{token}@")
    async with chromium(tmp_path) as page:
        await page.open(f"{address}/reports/day?format=html", width=1280, height=900)
        await page.until("title", "日报 .*")
        assert await page.ask("document.querySelectorAll('svg rect').length") >= 48
        assert await page.ask("document.scrollingElement.scrollWidth <= innerWidth") is True
        assert await page.ask(STICKING_OUT) == [], "a queue's name lay over the first figure"
        assert await page.ask("document.querySelectorAll('table').length") >= 6
        loaded = await page.ask("performance.getEntriesByType('resource').map((one) => one.name)")
        assert [one for one in loaded if not one.startswith("data:")] == []
        keep(await page.picture(), "report.png")
        printed = await page.send("Page.printToPDF", preferCSSPageSize=True)
        pdf = base64.b64decode(printed["data"])
        sheets = len(re.findall(rb"/Type\s*/Page\b", pdf))
        assert 1 <= sheets <= 4
        assert page.complaints == []
