"""Every scenario we can write is one that SIPp can read."""

import re
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from acd.proof import scenarios
from acd.proof.scenarios import Cancel

MAKERS: dict[str, Callable[[Path, str], Path]] = {
    "terminal": lambda folder, name: scenarios.terminal(folder, name, called="95001"),
    "with headers": lambda folder, name: scenarios.terminal(
        folder, name, called="95001", headers=("X-Long: " + "a" * 4096, "X-Two: b")
    ),
    "duplicate": lambda folder, name: scenarios.terminal(
        folder, name, called="95001", duplicate_invite=True
    ),
    **{
        f"cancel {cancel}": lambda folder, name, cancel=cancel: scenarios.terminal(  # type: ignore[misc]
            folder, name, called="95001", cancel=cancel
        )
        for cancel in Cancel
    },
    "register": scenarios.register,
    "agent": scenarios.agent,
    "rejects": lambda folder, name: scenarios.agent(folder, name, reject="486 Busy Here"),
    "operator": scenarios.operator,
    "dial code": scenarios.dial_code,
}


@pytest.fixture(params=MAKERS)
def scenario(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return MAKERS[request.param](tmp_path, "made")


def test_it_is_xml_with_nothing_left_to_fill_in(scenario: Path) -> None:
    text = scenario.read_text("utf-8")
    assert "{{" not in text
    assert "@nothing@" not in text
    assert ElementTree.fromstring(text).tag == "scenario"


def test_every_jump_has_its_label(scenario: Path) -> None:
    root = ElementTree.fromstring(scenario.read_text("utf-8"))
    labels = {label.get("id") for label in root.iter("label")}
    jumps = {
        element.get(name)
        for element in root
        for name in ("next", "ontimeout")
        if element.get(name) is not None
    }
    assert jumps <= labels


def test_messages_have_no_empty_line_among_their_headers(scenario: Path) -> None:
    root = ElementTree.fromstring(scenario.read_text("utf-8"))
    for send in root.iter("send"):
        head, _, body = (send.text or "").strip().partition("\n\n")
        assert re.search(r"^Content-Length: (0|\[len\])$", head, re.MULTILINE), head
        assert bool(body) == ("[len]" in head)


def test_a_wait_of_nothing_is_not_a_wait_for_ever(tmp_path: Path) -> None:
    """SIPp takes a timeout of 0 for none at all."""
    text = scenarios.agent(tmp_path, "agent", answer_ms=0).read_text("utf-8")
    assert 'timeout="0"' not in text
