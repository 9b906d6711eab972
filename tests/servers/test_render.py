"""The templates' placeholders, and what of `${…}` belongs to the dialplan."""

from __future__ import annotations

import pytest

from acd.runtime.settings import Settings
from servers.asterisk import Asterisk, render, without_section
from servers.settings import settled_secrets

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


@pytest.mark.parametrize(("wanted", "said"), [(True, "yes"), (False, "no")])
def test_asterisk_goes_first_when_the_service_does(
    settings: Settings, wanted: bool, said: str
) -> None:
    """One of them alone would keep the other from the processor."""
    settings = settings.model_copy(update={"realtime": wanted})
    asterisk = Asterisk(settings, settled_secrets(settings), root=None)
    asterisk.configure_for_container()
    text = (asterisk.etc / "asterisk.conf").read_text(encoding="utf-8")
    assert f"\nhighpriority = {said}\n" in text
