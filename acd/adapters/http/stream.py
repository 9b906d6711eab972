"""What happens, as it happens, over a WebSocket: ``/events``.

The first message is a snapshot (or, after a short absence, that nothing was missed); every later
one holds facts with their numbers.  A reader who does not take a message within ``SEND_S`` is let
go, and so is one who falls behind the ring of facts; both may come back with the last number they
have.  OpenAPI knows no WebSockets: docs/desk.md has the messages.
"""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, Protocol

from fastapi import FastAPI, HTTPException, WebSocket, WebSocketDisconnect
from starlette.websockets import WebSocketState

from acd.adapters.http.access import Door
from acd.core.ids import AgentId
from acd.core.roles import Right

SEND_S = 10.0
"""A reader has so long for one message; its telephone line has long ended by then."""

CLOSE_S = 1.0
"""And so long to hear why they are let go."""

SUBPROTOCOL = "huling.events"

POLICY, TRY_LATER = 1008, 1013
"""Close codes of RFC 6455 §7.4.1 and the IANA registry."""


class Reader(Protocol):
    """One who reads along."""

    first: bytes

    async def next(self) -> bytes:
        """Return the next message.  Raises an exception with a sentence when they fell behind."""

    def told(self) -> None:
        """The last message has been written to them."""

    def close(self) -> None:
        """Read no more."""

    def let_go(self) -> None:
        """Read no more, because it went too slowly."""


class StreamPort(Protocol):
    """What is asked of the service behind it."""

    def events(
        self, *, epoch: int | None, after: int | None, veiled_as: AgentId | None
    ) -> Reader | str:
        """Return a reader, or the sentence that says why there is none.  ``veiled_as`` is by whose
        ties to elders they are told of them; None: of everything."""


def add_stream(app: FastAPI, control: StreamPort, door: Door) -> None:
    """Add the path."""

    @app.websocket("/events")
    async def events(
        websocket: WebSocket, epoch: int | None = None, after: int | None = None
    ) -> None:
        """A snapshot, then facts; ``epoch`` and ``after`` go on where somebody left off."""
        try:
            person = door.enter(websocket)
            door.check(person, Right.RECORDS)
            door.note(person, Right.RECORDS, websocket, {})
        except HTTPException:
            await websocket.close(POLICY)  # before it is accepted: the answer is 403
            return
        offered = websocket.scope.get("subprotocols", ())
        await websocket.accept(SUBPROTOCOL if SUBPROTOCOL in offered else None)
        reader = control.events(epoch=epoch, after=after, veiled_as=person.veiled_as)
        if isinstance(reader, str):
            await websocket.close(TRY_LATER, reader)
            return
        try:
            await _serve(websocket, reader, door.until_over(person))
        finally:
            reader.close()


async def _serve(websocket: WebSocket, reader: Reader, over: Coroutine[Any, Any, None]) -> None:
    """Write until the reader is gone, too slow, or has no right to be there any more."""
    writing = asyncio.create_task(_write(websocket, reader), name="events: write")
    leaving = asyncio.create_task(_until_gone(websocket), name="events: wait for the end")
    revoked = asyncio.create_task(over, name="events: wait for the token's end")
    tasks = {writing, leaving, revoked}
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    if not revoked.cancelled() and websocket.application_state is WebSocketState.CONNECTED:
        revoked.result()
        await websocket.close(POLICY, "The token is over.")
        return
    if writing.cancelled() or websocket.application_state is not WebSocketState.CONNECTED:
        return
    error = writing.exception()
    if error is not None and not isinstance(error, WebSocketDisconnect):
        reader.let_go()
        # Whoever takes nothing does not take this either; the keep-alive ends such a line.
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_S):
                await websocket.close(TRY_LATER, str(error))


async def _write(websocket: WebSocket, reader: Reader) -> None:
    await _send(websocket, reader.first)
    while True:
        await _send(websocket, await reader.next())
        reader.told()


async def _send(websocket: WebSocket, message: bytes) -> None:
    try:
        async with asyncio.timeout(SEND_S):
            await websocket.send_text(message.decode())
    except TimeoutError:
        raise TimeoutError(f"A message was not taken within {SEND_S:.0f} s.") from None


async def _until_gone(websocket: WebSocket) -> None:
    """Take what a reader says, which means nothing, until they are gone."""
    while (await websocket.receive())["type"] != "websocket.disconnect":
        pass
