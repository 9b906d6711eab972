"""The templates' placeholders, and what of `${…}` belongs to the dialplan."""

from __future__ import annotations

import pytest

from servers.asterisk import render, without_section

VALUES = {"SIP_PORT": "5060", "NODE": "n1"}


@pytest.mark.parametrize(
    ("template", "rendered"),
    [
        ("bind=127.0.0.1:${SIP_PORT}", "bind=127.0.0.1:5060"),
        ("Set(X=${EXTEN}@${NODE})", "Set(X=${EXTEN}@n1)"),
        ("${CALLERID(num)} $[1 + 1] $$ ${SIP_PORT", "${CALLERID(num)} $[1 + 1] $$ ${SIP_PORT"),
    ],
)
def test_only_our_names_are_filled_in(template: str, rendered: str) -> None:
    assert render(template, VALUES) == rendered


def test_a_section_is_taken_out_whole() -> None:
    text = "[directories](!)\na => b\n; note\n\n[options]\nc = d\n"
    assert without_section(text, "directories") == "[options]\nc = d\n"
    assert without_section(text, "options") == "[directories](!)\na => b\n; note\n\n"
