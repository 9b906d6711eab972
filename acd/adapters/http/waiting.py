"""What answers while this service does not serve: health, metrics, and where to go instead.

``Front`` stands before both applications, so that the address is taken once and a takeover changes
what answers there between two requests.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from enum import StrEnum
from typing import Any, Protocol

from fastapi import FastAPI, Request, Response, WebSocket
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST

from acd.adapters.http.models import ErrorAnswer, Readiness

TRY_LATER = 1013
"""IANA's close code for a WebSocket that should be tried again, here or elsewhere."""

_Scope = MutableMapping[str, Any]
_Receive = Callable[[], Awaitable[_Scope]]
_Send = Callable[[_Scope], Awaitable[None]]
Application = Callable[[_Scope, _Receive, _Send], Awaitable[None]]
_EVERY_METHOD = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


class Duty(StrEnum):
    """What a service is there for now."""

    STARTING = "starting"
    STANDBY = "standby"
    ACTIVE = "active"


class WaitingPort(Protocol):
    """What is asked of the service behind it."""

    @property
    def duty(self) -> Duty: ...

    def reasons(self) -> list[str]:
        """Return why calls are not served here, and who serves them; a sentence each."""

    def metrics(self) -> bytes:
        """Return what there is in Prometheus' text format."""


class Front:
    """An ASGI application that hands on to the one that is due."""

    def __init__(self, application: Application) -> None:
        self.application = application

    async def __call__(self, scope: _Scope, receive: _Receive, send: _Send) -> None:
        await self.application(scope, receive, send)


def create_waiting_app(port: WaitingPort, *, version: str) -> FastAPI:
    """Return the application of a service that does not serve: it changes nothing, and needs no
    token, as it has nothing to tell but who does."""
    app = FastAPI(
        title="Huling control API", version=version, docs_url=None, redoc_url=None, openapi_url=None
    )

    @app.get("/health/live")
    async def live() -> dict[str, bool]:
        return {"live": True}

    @app.get("/health/ready")
    async def ready() -> JSONResponse:
        found = Readiness(ready=False, reasons=port.reasons(), role=port.duty)
        return JSONResponse(found.model_dump(), 503)

    @app.get("/metrics")
    async def metrics() -> Response:
        return Response(port.metrics(), media_type=CONTENT_TYPE_LATEST)

    @app.api_route("/{path:path}", methods=_EVERY_METHOD)
    async def elsewhere(request: Request, path: str) -> JSONResponse:
        answer = ErrorAnswer(sentence=" ".join(port.reasons()))
        return JSONResponse(answer.model_dump(), 503)

    @app.websocket("/{path:path}")
    async def not_here(websocket: WebSocket, path: str) -> None:
        await websocket.accept()
        await websocket.close(TRY_LATER, " ".join(port.reasons())[:120])

    return app
