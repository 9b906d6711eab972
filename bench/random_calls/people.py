"""Whoever calls, and whoever is called, at random by one seed; and what is left to do then."""

from __future__ import annotations

from random import Random
from typing import Any

from acd.demo.directory import TERMINALS
from acd.proof.operators import CarriedCall, Operator
from acd.proof.stage import Stage, Tools
from acd.proof.terminals import TerminalCall, Terminals
from bench.operators import robots_at_demo_trunks
from bench.random_calls.agents import AGENTS, ENTRIES, Agents
from bench.switch.running import Running

CALLS_PER_S = 0.6
"""So many that agents are free for most of them, and some wait."""
TALK_MS = (4_000, 30_000)
"""A terminal hangs up so long after the 200, at random between the two."""
CALLED_TALK_MS = (8_000, 30_000)
"""The same of whoever is called."""
PICKS_UP_MS = 400
"""From the INVITE to whoever is dialled until they answer."""
NOT_THERE_SHARE = 0.15
"""Of those who are dialled do not pick up."""
PRESSES_MS = 6_000
"""A contact has heard the question by then, and presses 1."""
TERMINAL_PREFIX = "0216"
SUPERVISOR = "8090"
AFTERWARDS = ("report", "revisit")
"""What stays owed for a case that is closed, for the next days."""

Json = dict[str, Any]


class People:
    """What everybody does, by one seed."""

    def __init__(self, switch: Running, stage: Stage, calls: int, seed: int) -> None:
        self.switch, self.stage, self.dice = switch, stage, Random(seed)
        tools = Tools(switch.sipp, switch.folder, switch.sip)
        self.agents = Agents(switch, stage, tools, self.dice)
        half = calls // len(ENTRIES)
        numbers = [f"0216{1 + index % TERMINALS:07d}" for index in range(calls)]
        self.rows = [
            Terminals(
                stage,
                tools,
                numbers[n * half : (n + 1) * half],
                called=entry,
                rate=CALLS_PER_S / len(ENTRIES),
                name=f"terminals-{entry}",
                on_answer=self._hangs_up_later,
            )
            for n, entry in enumerate(ENTRIES)
        ]
        self.operators = robots_at_demo_trunks(stage, tools, self._dialled)

    def _dialled(self, operator: Operator, call: CarriedCall) -> None:
        """Who is called picks up or is not there, a contact presses 1; all hang up when they
        like.  Terminals are always there: whoever is owed a call is reached."""
        is_terminal = call.number.startswith(TERMINAL_PREFIX)
        if not is_terminal and self.dice.random() < NOT_THERE_SHARE:
            return
        self.stage.after(PICKS_UP_MS, lambda: operator.answer(call))
        if not is_terminal:
            self.stage.after(PRESSES_MS, lambda: self._agrees(operator, call))
        self.stage.after(self.dice.uniform(*CALLED_TALK_MS), lambda: operator.hang_up(call))

    def _agrees(self, operator: Operator, call: CarriedCall) -> None:
        if call.ack_ms is not None and call.ended_ms is None:
            operator.press(call, "1")

    def _hangs_up_later(self, call: TerminalCall) -> None:
        (row,) = (row for row in self.rows if call in row.calls)
        self.stage.after(self.dice.uniform(*TALK_MS), lambda: row.hang_up(call))

    def end_cases(self) -> list[str]:
        """What people do when an emergency is over; what the switch refused of it."""
        refused: list[str] = []

        def must(path: str, body: Json) -> Json:
            status, answer = self.switch.http("POST", path, body)
            if status != 200:
                refused.append(f"{path}: {answer}")
            found: Json = answer
            return found

        _, cases = self.switch.http("GET", "/cases?limit=1000")
        for case in cases:
            path = f"/cases/{case['id']}"
            _, detail = self.switch.http("GET", path)
            for owed in detail["obligations"]:
                if owed["why"] not in AFTERWARDS:
                    body = {"agent": SUPERVISOR, "reason": "the show is over"}
                    must(f"/obligations/{owed['id']}/close", body)
            must(f"{path}/outcome", {"agent": SUPERVISOR, "outcome": "safe"})
            form = {"place": "p", "identity": "i", "harm": "h", "asks": "a"}
            must(f"{path}/form", {"agent": SUPERVISOR, **form})
            must(f"{path}/summary", {"agent": SUPERVISOR, "summary": "the show is over"})
            closed = must(f"{path}/close", {"agent": SUPERVISOR, "reason": "the show is over"})
            if closed.get("asked"):
                must(f"{path}/agree", {"agent": AGENTS[0]})
        return refused

    def owed(self) -> list[Json]:
        """The calls that are still owed."""
        _, found = self.switch.http("GET", "/obligations?kind=callback&limit=1000")
        assert isinstance(found, list)
        return found
