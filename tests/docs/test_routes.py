"""A request that a document names can be made: ``tests.routes`` holds docs/security.md to the code,
and this holds every other document to that page."""

import re
from pathlib import Path

from tests.routes import stated_routes

REPO = Path(__file__).parents[2]
_NAMED = re.compile(r"`((?:GET|POST|PUT|PATCH|DELETE) /[^`\s?]*)")
_EXAMPLE = re.compile(r"(?<=/)\d+(?=/|$)|\{\w+\}")
"""A parameter, or a number in its place."""


def plain(route: str) -> str:
    return _EXAMPLE.sub("{}", route)


def test_every_request_in_the_documents_is_there() -> None:
    known = {plain(route) for route in stated_routes()}
    named = [
        (page.name, route)
        for page in (REPO / "README.md", *sorted((REPO / "docs").glob("*.md")))
        for route in _NAMED.findall(page.read_text(encoding="utf-8"))
    ]

    assert len(named) > 50
    assert [one for one in named if plain(one[1]) not in known] == []
