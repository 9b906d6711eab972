"""docs/glossary.md is a glossary: a word stands there once, and where one looks for it."""

import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "glossary.md"
_ROW = re.compile(r"^\| (.+?) \| (.+?) \| (.+) \|$", re.MULTILINE)


def words() -> list[list[str]]:
    """The words of each table, in the order of the page."""
    _, *tables = PAGE.read_text(encoding="utf-8").split("\n## ")
    return [[row[0] for row in _ROW.findall(table) if row[0] != "word"] for table in tables]


def in_order(found: list[str]) -> list[str]:
    """By the alphabet, and what is no letter after it."""
    return sorted(found, key=lambda word: (not word[0].isalpha(), word.casefold()))


def test_every_word_stands_there_once() -> None:
    ours, trade = words()
    every = [*ours, *trade]

    assert len(every) > 100
    assert {word for word in every if every.count(word) > 1} == set()


def test_the_words_of_each_table_are_in_order() -> None:
    for found in words():
        assert found == in_order(found)
