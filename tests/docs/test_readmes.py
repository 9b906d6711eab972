"""Both READMEs tell of the same settings, feature codes and documents."""

import re
from pathlib import Path

REPO = Path(__file__).parents[2]
ENGLISH, CHINESE = ((REPO / name).read_text("utf-8") for name in ("README.md", "README.zh.md"))


def settings(text: str) -> dict[str, list[str]]:
    """Each setting that has a row, with its default where that is a value as it is typed."""
    rows = re.findall(r"^\| (`HULING_[^|]*) \| ([^|]*) \|", text, re.MULTILINE)
    return {
        name: re.findall(r"`([^`]+)`", default)
        for names, default in rows
        for name in re.findall(r"HULING_\w+", names)
    }


def test_the_chinese_readme_has_every_setting_with_its_default() -> None:
    """Six had come only into the English one."""
    assert len(settings(ENGLISH)) > 50
    assert settings(CHINESE) == settings(ENGLISH)


def test_the_chinese_readme_has_every_feature_code() -> None:
    def codes(text: str) -> set[str]:
        rows = re.findall(r"^\| ([^|]*\*\d\d[^|]*) \|", text, re.MULTILINE)
        return {code for row in rows for code in re.findall(r"\*\d\d", row)}

    assert len(codes(ENGLISH)) > 30
    assert codes(CHINESE) == codes(ENGLISH)


def test_the_chinese_readme_leads_to_the_same_places() -> None:
    def places(text: str) -> set[str]:
        return {found for found in re.findall(r"\]\(([^)]+)\)", text) if "README" not in found}

    assert places(CHINESE) == places(ENGLISH)
