"""Terminals, agents and whoever is dialled: at random by one seed, and then as they should."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial
from random import Random
from typing import Any

from acd.demo.directory import TERMINALS, document
from acd.proof.load import dial_all
from acd.proof.operators import CarriedCall, Operator
from acd.proof.phones import Account, AgentCall, Behaviour, Phones
from acd.proof.stage import Stage, Tools, now_ms
from acd.proof.terminals import TerminalCall, Terminals
from bench.switch.running import Running

AGENTS = [f"{number}" for number in (*range(8001, 8009), *range(8011, 8019))]
ENTRIES = ("95001", "95002")
CALLS_PER_S = 1.0
TALK_MS = (4_000, 30_000)
"""A terminal hangs up so long after the 200, at random between the two."""
CALLED_TALK_MS = (20_000, 40_000)
"""The same of whoever is called."""
MANOEUVRES_PER_S = 3.0
AGENT_HANGS_UP_SHARE = 0.1
"""Of what agents do."""
TARGETS = (*AGENTS, *ENTRIES, "4711", "120", "")
ACTIONS = ("hold", "resume", "transfer", "consult", "consult", "complete", "join", "back",
           "gain", "no-response", "outcome", "digits")  # fmt: skip
CODES = (
    "*10",
    "*11{}#",
    "*12{}#",
    "*13",
    "*14",
    "*15",
    "*17",
    "*18",
    "*161#",
    "*2001",
    "*30",
    "*99",
)
BODIES: dict[str, Callable[[Random], dict[str, str]]] = {
    "transfer": lambda dice: {"number": dice.choice(TARGETS)},
    "consult": lambda dice: {"number": dice.choice(TARGETS)},
    "gain": lambda dice: {"change": dice.choice(("louder", "softer"))},
    "outcome": lambda dice: {"code": dice.choice(("01", "06", "77"))},
    "digits": lambda dice: {"digits": "12"},
}

PICKS_UP_MS = 400
"""From the INVITE to whoever is dialled until they answer."""
PRESSES_MS = 6_000
"""A contact has heard the question by then, and presses 1."""
TERMINAL_PREFIX = "0216"
LOOKS_MS = 500
DUTY_MS = 2_000
"""An agent who does their duty listens for so long, and after the word once more."""
GIVES_UP_MS = 40_000
"""Nobody is there to say anything of."""
SUPERVISOR = "8090"
AFTERWARDS = ("report", "revisit")
"""What stays owed for a case that is closed, for the next days."""

Json = dict[str, Any]


class People:
    """What everybody does, by one seed."""

    def __init__(self, switch: Running, stage: Stage, calls: int, seed: int) -> None:
        self.switch, self.stage, self.dice = switch, stage, Random(seed)
        self.done: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self._said: set[str] = set()
        tools = Tools(switch.sipp, switch.folder, switch.sip)
        accounts: list[Account] = switch.accounts(AGENTS)
        self.phones = Phones(stage, tools, accounts, Behaviour(answer_ms=300))
        self.phones.wait_registered(timeout_s=30)
        dial_all(self.phones, "*60")
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
        self.operators = [
            Operator(
                stage,
                tools,
                (trunk["outbound"]["host"], trunk["outbound"]["port"]),
                name=f"operator-{trunk['id']}",
                on_invite=self._dialled,
            )
            for trunk in document(terminals=1)["trunks"]
        ]
        self._storms = True
        self._do_something()

    def calm(self) -> None:
        """From now on agents do their duty."""
        self._storms = False
        self._do_their_duty()

    def _dialled(self, operator: Operator, call: CarriedCall) -> None:
        """Whoever is called picks up, a contact presses 1, and all hang up when they like."""
        self.stage.after(PICKS_UP_MS, lambda: operator.answer(call))
        if not call.number.startswith(TERMINAL_PREFIX):
            self.stage.after(PRESSES_MS, lambda: self._agrees(operator, call))
        self.stage.after(self.dice.uniform(*CALLED_TALK_MS), lambda: operator.hang_up(call))

    def _agrees(self, operator: Operator, call: CarriedCall) -> None:
        if call.ack_ms is not None and call.ended_ms is None:
            operator.press(call, "1")

    def _hangs_up_later(self, call: TerminalCall) -> None:
        (row,) = (row for row in self.rows if call in row.calls)
        self.stage.after(self.dice.uniform(*TALK_MS), lambda: row.hang_up(call))

    def _do_something(self) -> None:
        if not self._storms:
            return
        self.stage.after(1000 / MANOEUVRES_PER_S, self._do_something)
        talking = self._talking()
        if not talking:
            return
        call = self.dice.choice(talking)
        if self.dice.random() < AGENT_HANGS_UP_SHARE:
            self.done["hang up"] += 1
            self.phones.hang_up(call)
        elif self.dice.random() < 0.3:
            self._presses(call)
        else:
            self._asks(call)

    def _presses(self, call: AgentCall) -> None:
        self.done["keys"] += 1
        self.phones.dtmf(call, self.dice.choice(CODES).format(self.dice.choice(TARGETS)))

    def _asks(self, call: AgentCall) -> None:
        agent = call.user.removeprefix("a")
        status, state = self.switch.http("GET", f"/agents/{agent}")
        if status != 200 or not state["call"]:
            return
        action = self.dice.choice(ACTIONS)
        body = {"agent": agent}
        if action in BODIES:
            body |= BODIES[action](self.dice)
        status, answer = self.switch.http("POST", f"/calls/{state['call']}/{action}", body)
        if status == 200:
            self.done[action] += 1
        else:
            self.refused[answer.get("refusal", str(status))] += 1

    def agents(self) -> list[Json]:
        """All agents as the API shows them."""
        _, found = self.switch.http("GET", "/agents")
        assert isinstance(found, list)
        return found

    def _talking(self) -> list[AgentCall]:
        return [call for call in self.phones.calls if call.ack_ms and not call.ended_ms]

    def _do_their_duty(self) -> None:
        self.stage.after(LOOKS_MS, self._do_their_duty)
        for call in self._talking():
            assert call.ack_ms is not None
            lasts_ms = now_ms() - call.ack_ms
            if lasts_ms >= DUTY_MS and call.call_id not in self._said and self._says(call):
                self._said.add(call.call_id)
                self.stage.after(DUTY_MS, partial(self._ends, call))
            elif lasts_ms >= GIVES_UP_MS:
                self._ends(call)

    def _says(self, call: AgentCall) -> bool:
        """Say that somebody responds and how it went; False when nobody is there yet."""
        agent = call.user.removeprefix("a")
        _, state = self.switch.http("GET", f"/agents/{agent}")
        if not state["call"]:
            return False
        path = f"/calls/{state['call']}"
        responds, _ = self.switch.http("POST", f"{path}/responded", {"agent": agent})
        ended, _ = self.switch.http("POST", f"{path}/outcome", {"agent": agent, "code": "01"})
        return responds == ended == 200

    def _ends(self, call: AgentCall) -> None:
        if call.ended_ms is None:
            self.phones.hang_up(call)

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
