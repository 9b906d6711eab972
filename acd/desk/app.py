"""The desk's HTTP application: its parts, its health, and one way to say what was wrong."""

from collections.abc import Awaitable, Callable, Iterable

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import JSONResponse
from fastapi_offline import FastAPIOffline
from prometheus_client import CONTENT_TYPE_LATEST

from acd.adapters.http.access import ANSWERS, Door
from acd.adapters.http.answers import answer_in_sentences, in_a_sentence
from acd.adapters.http.bodies import BoundedBody
from acd.adapters.http.searches import OF_THE_DESK, TimedSearches
from acd.adapters.postgres.errors import DatabaseAway
from acd.desk.metrics import DeskMetrics
from acd.desk.models import ANYWHERE

_SAFE = {
    # Pages of ours load nothing from elsewhere and stand in nobody's frame.
    "Content-Security-Policy": (
        "default-src 'self'; style-src 'self' 'unsafe-inline'; script-src 'self'; "
        "img-src 'self' data:; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


def create_desk(
    routers: Iterable[APIRouter],
    *,
    door: Door,
    metrics: DeskMetrics,
    ready: Callable[[], Awaitable[str | None]],
    version: str,
) -> FastAPI:
    """Return the application.  ``ready`` returns why it is not, or None."""
    app = FastAPIOffline(
        docs_url="/docs",
        redoc_url=None,
        title="Huling desk",
        version=version,
        description="Recordings, reports and the wallboard of a Huling switch (护铃).",
        responses=ANSWERS,
    )
    app.add_middleware(BoundedBody)
    app.add_middleware(TimedSearches, searches=OF_THE_DESK, searched=metrics.searched)
    app.state.door = door
    answer_in_sentences(app)
    app.add_exception_handler(DatabaseAway, _away)

    @app.get("/health/ready", tags=["health"])
    async def is_ready(response: Response) -> dict[str, str | bool | None]:
        """Whether PostgreSQL answers."""
        why = await ready()
        response.status_code = 503 if why else 200
        return {"ready": why is None, "reason": why}

    @app.get("/metrics", tags=["health"], response_class=Response)
    async def scrape() -> Response:
        """Metrics in Prometheus' text format."""
        return Response(metrics.text(), media_type=CONTENT_TYPE_LATEST)

    for router in routers:
        app.include_router(router, responses=ANYWHERE)

    @app.middleware("http")
    async def safely(
        request: Request, answer: Callable[[Request], Awaitable[Response]]
    ) -> Response:
        response = await answer(request)
        if not request.url.path.startswith(("/docs", "/static")):
            for name, value in _SAFE.items():
                response.headers.setdefault(name, value)
        return response

    return app


async def _away(request: Request, error: Exception) -> JSONResponse:
    return in_a_sentence(503, "The database is away; nothing can be shown or noted. Try again.")
