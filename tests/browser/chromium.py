"""A real Chromium in a test's hand, by its own protocol (CDP over a websocket)."""

import asyncio
import base64
import itertools
import json
import re
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect

from servers import namespaces
from servers.browser import ensure_browser
from servers.settings import load
from servers.waiting import wait_until

START_S = 30.0
ANSWER_S = 60.0
LOOK_S = 0.05
PORT = "DevToolsActivePort"
HOUSE = "desk.house"
"""A name for this machine under which a page is as it is in a house: on plain http, and elsewhere
than on the browser's own host, it has no service worker."""


class Page:
    """One tab."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self.complaints: list[str] = []
        """What the page has written to its console as an error, or thrown."""

    async def send(self, method: str, **parameters: Any) -> Any:
        """One command; its result."""
        number = next(self._numbers)
        await self._socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        async with asyncio.timeout(ANSWER_S):
            while True:
                message = json.loads(await self._socket.recv())
                self._note(message)
                if message.get("id") == number:
                    assert "error" not in message, message["error"]
                    return message["result"]

    def _note(self, message: dict[str, Any]) -> None:
        match message.get("method"):
            case "Runtime.exceptionThrown":
                self.complaints.append(str(message["params"]["exceptionDetails"]))
            case "Log.entryAdded" if message["params"]["entry"]["level"] == "error":
                self.complaints.append(message["params"]["entry"]["text"])

    async def open(self, url: str, *, width: int, height: int) -> None:
        """Go to an address in a window of that size (CSS pixels)."""
        for domain in ("Page", "Runtime", "Log"):
            await self.send(f"{domain}.enable")
        await self.send(
            "Emulation.setDeviceMetricsOverride", width=width, height=height,
            deviceScaleFactor=1, mobile=width < 800,
        )  # fmt: skip
        await self.send("Page.navigate", url=url)

    async def ask(self, script: str) -> Any:
        """The value of an expression in the page."""
        found = await self.send("Runtime.evaluate", expression=script, returnByValue=True)
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    async def text(self, element: str) -> str:
        """What an element shows; empty while it is not there."""
        return str(await self.ask(f"(document.getElementById('{element}')||{{}}).textContent||''"))

    async def until(self, element: str, wanted: str, seconds: float = 30.0) -> None:
        """Wait until an element shows that (a regular expression, the whole of it)."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while re.fullmatch(wanted, shown := await self.text(element)) is None:
            assert loop.time() < end, f"{element} shows {shown!r} and not {wanted!r}"
            await asyncio.sleep(LOOK_S)

    async def picture(self) -> bytes:
        """The whole page as PNG."""
        found = await self.send("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        return base64.b64decode(found["data"])


@asynccontextmanager
async def chromium(folder: Path) -> AsyncIterator[Page]:
    """A browser with one empty tab; its profile lies in ``folder``, and is that of the browser that
    was closed there before."""
    (folder / PORT).unlink(missing_ok=True)
    root = ensure_browser(load())
    command = namespaces.tool_argv(
        [
            "/usr/bin/chromium", "--headless=new", "--no-sandbox", "--disable-gpu",
            "--hide-scrollbars", "--no-first-run", "--disable-background-networking",
            "--disable-dev-shm-usage", "--remote-debugging-port=0",
            f"--host-resolver-rules=MAP {HOUSE} 127.0.0.1",
            f"--user-data-dir={folder}", "about:blank",
        ],
        root=root,
        share=[folder],
    )  # fmt: skip
    process = await asyncio.to_thread(_start, command, folder)
    try:
        port = await asyncio.to_thread(_port, folder, process)
        async with connect(await _tab(port), max_size=None) as socket:
            yield Page(socket)
    finally:
        process.terminate()
        await asyncio.to_thread(process.wait, 10)


def _start(command: list[str], folder: Path) -> "subprocess.Popen[bytes]":
    with (folder / "chromium.log").open("wb") as log:
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)


def _port(folder: Path, process: "subprocess.Popen[bytes]") -> int:
    """Chromium writes the port that it has chosen into its profile."""
    path = folder / PORT

    def written() -> bool:
        ended = process.poll() is not None
        return ended or (path.exists() and len(path.read_text().splitlines()) == 2)

    wait_until(written, seconds=START_S, what="Chromium")
    assert process.poll() is None, (folder / "chromium.log").read_text()[-2000:]
    return int(path.read_text().splitlines()[0])


async def _tab(port: int) -> str:
    async with httpx.AsyncClient() as client:
        tabs = (await client.get(f"http://127.0.0.1:{port}/json/list")).json()
    return next(str(tab["webSocketDebuggerUrl"]) for tab in tabs if tab["type"] == "page")
