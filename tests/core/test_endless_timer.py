"""A timer that is set again for the moment in which it comes is our bug: it costs its own call a
detour, and nobody else anything (T18)."""

import pytest

from acd.core import due
from tests.core.story import tell


def test_a_timer_without_end_costs_its_own_call_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    endless = due.TIMERS["pick_up"]._replace(
        do=lambda s, key: s.timers.set(("pick_up", key), s.now)
    )
    monkeypatch.setitem(due.TIMERS, "pick_up", endless)
    tell(
        """
        0.000  A calls 95001 | offered A; open room A
        2.000  time passes   | defect: RuntimeError: The timer pick_up comes without end.;
                             | hand A to fallback; close room A; ended A fallback, wait 2.000
        """,
        strict=False,
    )
