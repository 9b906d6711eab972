"""docs/feeds.md names every feed and every field of its records, and no other (L3)."""

import re
from pathlib import Path

from acd.desk.feed_models import FEEDS

PAGE = Path(__file__).parents[2] / "docs" / "feeds.md"
_ROW = re.compile(r"^\| ((?:`\w+`(?:, )?)+) \|", re.MULTILINE)


def stated() -> dict[str, list[str]]:
    """The page's fields, by the heading that is a feed's name."""
    _, *chapters = PAGE.read_text(encoding="utf-8").split("\n## ")
    found = {}
    for chapter in chapters:
        heading, _, words = chapter.partition("\n")
        if fields := [name for row in _ROW.findall(words) for name in re.findall(r"\w+", row)]:
            found[heading] = fields
    return found


def test_every_field_of_every_feed_is_on_the_page() -> None:
    stands = {feed: sorted(fields) for feed, fields in stated().items()}
    assert stands == {feed.value: sorted(model.model_fields) for feed, model in FEEDS.items()}
