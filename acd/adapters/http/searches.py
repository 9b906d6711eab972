"""How long whoever looks for records waits, from the request to the answer's last byte (L7, D03).

Which route it was is known by a table of our own: no label is ever what somebody typed.
"""

from collections.abc import Callable, Mapping
from time import perf_counter

from starlette.types import ASGIApp, Message, Receive, Scope, Send

Searches = Mapping[tuple[str, str], str]
"""Method and path to what is looked for; a path that ends in / stands for all one level below."""

OF_THE_SWITCH: Searches = {
    ("GET", "/calls"): "calls",
    ("POST", "/calls/search"): "calls",
    ("GET", "/calls/"): "call",
    ("GET", "/cases"): "cases",
    ("POST", "/cases/search"): "cases",
    ("GET", "/cases/"): "case",
    ("GET", "/elders/"): "elder",
    ("GET", "/terminals/"): "terminal",
}
OF_THE_DESK: Searches = {
    ("GET", "/recordings"): "recordings",
    ("GET", "/messages"): "messages",
    ("POST", "/messages/search"): "messages",
}


class TimedSearches:
    """ASGI middleware: tells ``searched`` of each search that was answered (2xx), in seconds."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        searches: Searches,
        searched: Callable[[str, float], None],
        clock: Callable[[], float] = perf_counter,
    ) -> None:
        self._app = app
        self._searches = searches
        self._searched = searched
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        what = self._looked_for(scope)
        if what is None:
            await self._app(scope, receive, send)
            return
        began, is_found = self._clock(), False

        async def timed(message: Message) -> None:
            nonlocal is_found
            await send(message)
            if message["type"] == "http.response.start":
                is_found = 200 <= message["status"] < 300
            elif is_found and not message.get("more_body", False):
                self._searched(what, self._clock() - began)

        await self._app(scope, receive, timed)

    def _looked_for(self, scope: Scope) -> str | None:
        if scope["type"] != "http":
            return None
        path: str = scope["path"]
        searches, method = self._searches, scope["method"]
        above = path[: path.rfind("/") + 1]
        return searches.get((method, path)) or searches.get((method, above))
