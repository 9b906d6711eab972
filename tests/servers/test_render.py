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


@pytest.mark.parametrize("address", [None, "203.0.113.7"])
def test_who_is_beyond_nat_is_told_our_address_there(
    settings: Settings, address: str | None
) -> None:
    """T05: named in SIP and for the sound, to nobody of the networks around us."""
    settings = settings.model_copy(
        update={"external_address": address, "local_networks": "10.0.0.0/8,192.168.0.0/16"}
    )
    asterisk = Asterisk(settings, settled_secrets(settings), root=None)
    asterisk.configure_for_container()
    text = (asterisk.etc / "pjsip.conf").read_text(encoding="utf-8")
    said = [line for line in text.splitlines() if line.startswith(("external_", "local_net"))]
    assert said == (
        []
        if address is None
        else [
            "external_signaling_address = 203.0.113.7",
            f"external_signaling_port = {settings.sip_port}",
            "external_media_address = 203.0.113.7",
            "local_net = 10.0.0.0/8",
            "local_net = 192.168.0.0/16",
        ]
    )
