"""How much a request may bring, and how long that may take.

A body is read before anybody has looked at the token, by the loop that decides on calls: without
a bound a stranger could fill its memory, or hold it up with the reading of one JSON.
"""

import asyncio

from fastapi import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

BODY_BYTES_MAX = 1 << 20
"""An elder's whole file, each character escaped, is about half of it."""

BODY_S = 10.0
"""From one piece of a body to the next; ours come in one."""

TOO_LONG = f"The body is longer than {BODY_BYTES_MAX} bytes."
TOO_SLOW = f"Nothing more of the body came within {BODY_S:.0f} s."


class BoundedBody:
    """ASGI middleware: 413 for a body that is too long, 408 for one that does not come."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = dict(scope["headers"]).get(b"content-length", b"")
        is_too_long = announced.isdigit() and int(announced) > BODY_BYTES_MAX
        taken, is_whole = 0, False

        async def bounded() -> Message:
            nonlocal taken, is_whole
            if is_whole:
                return await receive()  # that they hang up, which may be long
            if is_too_long:
                raise HTTPException(413, TOO_LONG)
            try:
                async with asyncio.timeout(BODY_S):
                    message = await receive()
            except TimeoutError:
                raise HTTPException(408, TOO_SLOW) from None
            taken += len(message.get("body", b""))
            is_whole = not message.get("more_body", False)
            if taken > BODY_BYTES_MAX:
                raise HTTPException(413, TOO_LONG)
            return message

        await self._app(scope, bounded, send)
