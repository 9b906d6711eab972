"""Callers and agents around one fault: SIPp's, signalling only, all on one stage."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from types import TracebackType
from typing import Self

from acd.proof.phones import Phones
from acd.proof.stage import ProofFailure, Stage
from acd.proof.terminals import TerminalCall, Terminals
from bench.chaos.view import View

SETTLE_S = 60.0
PATIENCE_S = 120.0
LOOK_S = 0.05
HANG_UPS_AT_ONCE, HANG_UPS_EVERY_S = 20, 0.2
"""SIPp is told by UDP, and a burst of hundreds would overflow its port."""


class People:
    """Comes, waits, and leaves when it is over."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._stage = Stage()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stage.close()

    def pass_time(self, seconds: float) -> None:
        """Let everything go on for so long."""
        self._stage.run(lambda: False, seconds)

    def until(self, condition: Callable[[], bool], seconds: float = SETTLE_S) -> bool:
        """Go on until it holds; False when it does not in time."""
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() >= end:
                return False
            self.pass_time(LOOK_S)
        return True

    def must(self, condition: Callable[[], bool], what: str) -> None:
        """The same.  Raises ProofFailure, with what the switch has instead, when it does not hold
        in time."""
        if not self.until(condition):
            raise ProofFailure(f"waited {SETTLE_S:g} s in vain for {what}: {self._seen()}")

    def _seen(self) -> str:
        queues = [f"{one['waiting']} wait in {one['id']}" for one in self._view.get("/queues")]
        agents = Counter(one["state"] for one in self._view.get("/agents"))
        cases = [
            f"case {one['id']} of {', '.join(one['calls'])} has {one['b'] or 'nobody'} as B"
            for one in self._view.get("/cases")
        ]
        owed = len(self._view.get("/obligations?state=open&limit=1000"))
        return ", ".join(
            [*queues, *_counted(agents), *cases, f"{owed} are owed", *_counted(self._ends())]
        )

    def _ends(self) -> Counter[str]:
        """How many calls have ended in which way, for who has to understand a failure."""
        return Counter()

    def log_in(self, agents: Iterable[str]) -> None:
        """Ask for these to be logged in."""
        for agent in agents:
            self._view.post(f"/agents/{agent}/login")

    def be_ready(self, agents: Sequence[str], who: str = "agents") -> None:
        """The same, and wait until they can be rung.  Raises ProofFailure."""
        self.log_in(agents)

        def there() -> bool:
            found = {one["id"]: one for one in self._view.get("/agents")}
            return all(found[one]["state"] == "ready" and found[one]["available"] for one in agents)

        self.must(there, f"{len(agents)} {who} to be ready")

    def hang_up(self, calls: Iterable[tuple[Terminals, TerminalCall]]) -> None:
        """These callers hang up, some at once, in this order."""
        for at, (terminals, call) in enumerate(calls, 1):
            terminals.hang_up(call)
            if at % HANG_UPS_AT_ONCE == 0:
                self.pass_time(HANG_UPS_EVERY_S)
        self.pass_time(HANG_UPS_EVERY_S)

    def all_leave(self, agents: set[str], phones: Iterable[Phones]) -> None:
        """Everybody logs out and gives the registration back.  Asked until it is so: whoever stays
        would serve the callers of the next fault.  Raises ProofFailure."""

        def all_left() -> bool:
            there = [
                one["id"]
                for one in self._view.get("/agents")
                if one["id"] in agents and one["state"] != "logged_out"
            ]
            for agent in there:
                self._view.post(f"/agents/{agent}/logout")
            return not there

        self.must(all_left, "all to log out")
        for one in phones:
            one.unregister(timeout_s=SETTLE_S)


def _counted(what: Counter[str]) -> list[str]:
    return [f"{count} {kind}" for kind, count in what.most_common()]
