"""Real SIPp processes against each other, with no switch between: the toolkit itself works."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from acd.proof.load import judge_calls
from acd.proof.phones import Account, Behaviour, Phones
from acd.proof.scenarios import FOR_EVER_MS, Cancel
from acd.proof.sipp import SippMissing, find_sipp
from acd.proof.stage import Stage, Switch, Tools
from acd.proof.terminals import Terminals

# Nobody listens there; a telephone's registration stays unanswered, its calls come directly.
NO_SWITCH = Switch(sip_port=9)


@pytest.fixture(scope="module")
def sipp() -> list[str]:
    try:
        return find_sipp()
    except SippMissing as missing:
        pytest.skip(str(missing))


@pytest.fixture
def stage() -> Iterator[Stage]:
    with Stage() as stage:
        yield stage


def phone(stage: Stage, tools: Tools, behaviour: Behaviour) -> tuple[Phones, Tools, str]:
    """One robot, and how a terminal reaches it."""
    phones = Phones(stage, tools, [Account("a8001", "x")], behaviour)
    direct = Tools(tools.sipp, tools.folder, Switch(sip_port=phones.sip_port))
    return phones, direct, f"a8001_{phones.rtp_port('a8001')}"


def test_both_hear_each_other(stage: Stage, sipp: list[str], tmp_path: Path) -> None:
    phones, direct, called = phone(stage, Tools(sipp, tmp_path, NO_SWITCH), Behaviour())
    terminals = Terminals(stage, direct, ["021"], called=called, talk_ms=1200)
    assert terminals.wait(15)
    assert stage.run(lambda: all(call.ended_ms for call in phones.calls), 5)
    (report,) = judge_calls(terminals.calls, phones.calls, talk_ms=1000, audio=True, late=None)
    assert report.problems == []
    assert (terminals.calls[0].ended_by, phones.calls[0].ended_by) == ("self", "far")


def test_an_agent_that_answers_and_hangs_up_at_once(
    stage: Stage, sipp: list[str], tmp_path: Path
) -> None:
    phones, direct, called = phone(stage, Tools(sipp, tmp_path, NO_SWITCH), Behaviour(hold_ms=30))
    terminals = Terminals(stage, direct, ["021"], called=called)
    assert terminals.wait(15)
    assert (terminals.calls[0].ended_by, phones.calls[0].ended_by) == ("far", "self")


def test_a_rejecting_agent(stage: Stage, sipp: list[str], tmp_path: Path) -> None:
    behaviour = Behaviour(reject="486 Busy Here")
    _, direct, called = phone(stage, Tools(sipp, tmp_path, NO_SWITCH), behaviour)
    terminals = Terminals(stage, direct, ["021"], called=called)
    assert terminals.wait(15)
    assert terminals.calls[0].refused_code == 486


def test_a_terminal_that_gives_up_while_it_rings(
    stage: Stage, sipp: list[str], tmp_path: Path
) -> None:
    behaviour = Behaviour(answer_ms=FOR_EVER_MS)
    phones, direct, called = phone(stage, Tools(sipp, tmp_path, NO_SWITCH), behaviour)
    terminals = Terminals(stage, direct, ["021"], called=called, cancel=Cancel.RINGING)
    assert terminals.wait(15)
    assert (terminals.calls[0].refused_code, phones.calls[0].ended_by) == (487, "cancel")


def test_an_order_ends_the_talk(stage: Stage, sipp: list[str], tmp_path: Path) -> None:
    phones, direct, called = phone(stage, Tools(sipp, tmp_path, NO_SWITCH), Behaviour())
    terminals = Terminals(stage, direct, ["021"], called=called)
    assert stage.run(lambda: bool(phones.calls and phones.calls[0].ack_ms), 10)
    terminals.hang_up(terminals.calls[0])
    assert terminals.wait(10)
    assert terminals.calls[0].ended_by == "self"
