"""Every link of every page leads to a file that is there, and to a heading that it has."""

import re
from pathlib import Path

import pytest

REPO = Path(__file__).parents[2]
PAGES = [*REPO.glob("*.md"), *(page for folder in ("docs", "bench", "docker", "prompts")
         for page in (REPO / folder).rglob("*.md"))]  # fmt: skip
_LINK = re.compile(r"\]\(([^)#\s]*)(?:#([^)\s]+))?\)")


def anchors(page: Path) -> set[str]:
    """What a page's headings are called in an address: without marks, a dash for each space."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def astray(page: Path, text: str) -> list[str]:
    """The links that lead nowhere."""
    wrong = []
    for file, anchor in _LINK.findall(text):
        if "://" in file:
            continue
        target = (page.parent / file).resolve() if file else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            wrong.append(f"{file}#{anchor}" if anchor else file)
    return wrong


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPO)))
def test_every_link_leads_somewhere(page: Path) -> None:
    assert astray(page, page.read_text(encoding="utf-8")) == []


def test_a_link_that_leads_nowhere_is_seen() -> None:
    page = REPO / "docs" / "operations.md"
    text = "[a](gone.md) [b](#alerts) [c](#gone) [d](metrics.md#gone) [e](https://a.example/#x)"
    assert astray(page, text) == ["gone.md", "#gone", "metrics.md#gone"]
