"""The routes of an application: as docs/security.md states them, and walked under every role."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI
from fastapi.routing import APIRoute

from acd.core.roles import RIGHTS, Right, Role

PAGE = (Path(__file__).parents[1] / "docs" / "security.md").read_text(encoding="utf-8")
_ROW = re.compile(r"^\| (?:`(\w+)`|none) \| (`(?:GET|POST|PUT|DELETE|WS) .*) \|$", re.MULTILINE)

IDS = {"call": "1-7", "case": "1-c1", "kind": "day", "feed": "calls"}
"""What stands for a route's parameters; everything else is somebody's number."""


def stated_roles() -> dict[str, set[str]]:
    """The page's roles and their rights."""
    rows = re.findall(r"^\| `(\w+)` \| ((?:`\w+`(?:, )?)+) \|$", PAGE, re.MULTILINE)
    return {role: set(re.findall(r"`(\w+)`", rights)) for role, rights in rows}


def stated_routes() -> dict[str, str | None]:
    """``"GET /agents"`` and the right it needs, None where it needs none."""
    return {
        route: right or None
        for right, routes in _ROW.findall(PAGE)
        for route in re.findall(r"`([^`]+)`", routes)
    }


def routes_of(app: FastAPI) -> set[str]:
    """Every operation of the application's own description."""
    return {
        f"{method.upper()} {path}"
        for path, operations in app.openapi()["paths"].items()
        for method in operations
    }


def hidden_routes_of(app: FastAPI) -> set[str]:
    """Paths that the description leaves out."""
    # FastAPI keeps an included router whole; its routes have their prefix already.
    found = [
        one
        for route in app.routes
        for one in getattr(getattr(route, "original_router", None), "routes", [route])
    ]
    return {one.path for one in found if not (isinstance(one, APIRoute) and one.include_in_schema)}


BODY = {"agent": "8001", "supervisor": "8001"}
"""Who asks, for routes on which people act under their own number."""


async def walk(
    app: FastAPI, tokens: Mapping[Role, str], *, query: Mapping[str, Any] | None = None
) -> dict[tuple[str, Role], int]:
    """Ask for every route under every role, all under one number; the answers' codes."""
    found = await answers(app, tokens, query=query)
    return {asked: answer.status_code for asked, answer in found.items()}


async def answers(
    app: FastAPI,
    tokens: Mapping[Role, str],
    *,
    query: Mapping[str, Any] | None = None,
    ids: Mapping[str, str] = IDS,
    bodies: Mapping[str, Any] | None = None,
) -> dict[tuple[str, Role], httpx.Response]:
    """The same, and the answers; ``ids`` stand for parameters, ``bodies`` for BODY, by route."""
    found = {}
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app, raise_app_exceptions=False),
        base_url="http://127.0.0.1",
    ) as client:
        for route in sorted(routes_of(app)):
            method, path = route.split(" ", 1)
            url = re.sub(r"{(\w+)}", lambda match: ids.get(match[1], "8001"), path)
            body = (bodies or {}).get(route, BODY)
            for role, token in tokens.items():
                found[route, role] = await client.request(
                    method,
                    url,
                    params=query,
                    headers={"Authorization": f"Bearer {token}"},
                    json=body if method in ("POST", "PATCH") else None,
                )
    return found


def differences(
    app: FastAPI, found: Mapping[tuple[str, Role], int]
) -> dict[tuple[str, Role], tuple[int, str]]:
    """Where the walk and the page disagree."""
    stated = stated_routes()
    missing = routes_of(app) - set(stated)
    assert missing == set(), f"say in docs/security.md who may use {missing}"
    return {
        (route, role): (status, f"needs {stated[route]}")
        for (route, role), status in found.items()
        if (status == 403) != (not _may(role, stated[route])) or status in (401, 429)
    }


def _may(role: Role, right: str | None) -> bool:
    return right is None or Right(right) in RIGHTS[role]
