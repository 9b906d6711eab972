"""Which terminal hangs up when an agent has talked for long enough."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from acd.proof.load import HangUp, _Pairing
from acd.proof.phones import AgentCall
from acd.proof.terminals import TerminalCall

NUMBER = "02160000001"


@pytest.mark.parametrize("invite_ms", [1.0, None], ids=["told", "not told yet"])
def test_the_answered_call_is_hung_up_though_its_invite_is_not_told_yet(
    invite_ms: float | None,
) -> None:
    """SIPp's terminals and phones write two logs, and either may be read first: a call whose
    agent's answer was read before its own INVITE went on for ever."""
    over = TerminalCall(NUMBER, 600, invite_ms=0.5, done=True)
    other = TerminalCall("02160000002", 620, invite_ms=0.7)
    mine = TerminalCall(NUMBER, 640, invite_ms=invite_ms)
    hung_up: list[TerminalCall] = []
    later: list[tuple[int, Callable[[], None]]] = []
    stage: Any = SimpleNamespace(after=lambda ms, act: later.append((ms, act)))
    pairing = _Pairing(stage, 1_500, HangUp.TERMINAL, None)
    terminals: Any = SimpleNamespace(calls=[over, other, mine], hang_up=hung_up.append)
    pairing.terminals = terminals

    pairing.agent_answered(AgentCall("a8001", NUMBER, "1@phone", 1000, 2.0))

    ((wait_ms, act),) = later
    assert (wait_ms, hung_up) == (1_500, [])
    act()
    assert hung_up == [mine]
