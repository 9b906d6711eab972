"""Both READMEs have every setting, with the default that it really has, and tell of the same
feature codes, documents and folders."""

import re
from pathlib import Path

import pytest

from acd.runtime.settings import PREFIX, Settings

REPO = Path(__file__).parents[2]
PAGES = ("README.md", "README.zh.md")
ENGLISH, CHINESE = ((REPO / page).read_text(encoding="utf-8") for page in PAGES)
_ROW = re.compile(r"^\| (`HULING_[^|]+) \| ([^|]+) \|", re.MULTILINE)
_NAME = re.compile(r"`(HULING_[A-Z_]+)`")


def stated(page: str) -> dict[str, str | None]:
    """Each setting of a page with its default as written there; None where words stand for it."""
    found: dict[str, str | None] = {}
    for names, defaults in _ROW.findall((REPO / page).read_text(encoding="utf-8")):
        settings = _NAME.findall(names)
        values = re.findall(r"`([^`]*)`", re.sub(r"^[^`].*", "", defaults))
        found.update(zip(settings, values or [None] * len(settings), strict=True))
    return found


def known() -> dict[str, object]:
    return {f"{PREFIX}{name.upper()}": one.default for name, one in Settings.model_fields.items()}


def as_written(default: object) -> str | None:
    if isinstance(default, bool):
        return "yes" if default else "no"
    return None if default is None else str(default)


@pytest.mark.parametrize("page", PAGES)
def test_every_setting_is_in_the_readme_and_none_that_is_not_there(page: str) -> None:
    assert set(stated(page)) == set(known())


@pytest.mark.parametrize("page", PAGES)
def test_the_defaults_are_the_settings_own(page: str) -> None:
    wrong = {
        name: (value, known()[name])
        for name, value in stated(page).items()
        if value != as_written(known()[name])
    }
    assert wrong == {}


def test_the_chinese_readme_has_every_feature_code() -> None:
    def codes(text: str) -> set[str]:
        rows = re.findall(r"^\| ([^|]*\*\d\d[^|]*) \|", text, re.MULTILINE)
        return {code for row in rows for code in re.findall(r"\*\d\d", row)}

    assert len(codes(ENGLISH)) > 30
    assert codes(CHINESE) == codes(ENGLISH)


def test_the_chinese_readme_leads_to_the_same_places() -> None:
    def places(text: str) -> set[str]:
        found = re.findall(r"\]\(([^)#]+)[^)]*\)", text)
        return {one for one in found if one not in PAGES}

    assert len(places(ENGLISH)) > 15
    assert places(CHINESE) == places(ENGLISH)


def test_the_chinese_readme_has_as_many_steps_within_the_page() -> None:
    english, chinese = (len(re.findall(r"\]\(#", text)) for text in (ENGLISH, CHINESE))
    assert chinese == english > 3


def test_both_readmes_say_where_the_same_folders_are() -> None:
    def folders(text: str) -> set[str]:
        rows = re.findall(r"^\| (`[a-z/-]+`(?:[,、] ?`[a-z/-]+`)*) \|", text, re.MULTILINE)
        return {folder for row in rows for folder in re.findall(r"`([a-z/-]+)`", row)}

    there = {folder for folder in folders(ENGLISH) if (REPO / folder).is_dir()}
    assert len(there) > 15
    assert there <= folders(CHINESE)
    assert {f"acd/{one.parent.name}" for one in (REPO / "acd").glob("*/__init__.py")} <= there
