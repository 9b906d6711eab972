"""Who takes part in a drill, and the switch as they see it: by SIP, RTP and the public API only."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlencode

from acd.drill.pause import Watch
from acd.proof.load import dial_all
from acd.proof.operators import CarriedCall, Operator, all_calls
from acd.proof.phones import Account, AgentCall, Behaviour, Phones
from acd.proof.stage import Stage, Tools, now_ms
from acd.proof.tone import AGENT_TONES_HZ, CALLER_TONES_HZ

LONG_S = 120.0
"""No step of a drill takes longer, on a busy machine either."""

PICKS_UP_MS = (400, 1_400)
"""From the ring to the answer of each agent."""

_LOOK_S = 0.2
"""Between two questions to the API."""

ASK_S = 10.0
"""So long an answer of the API is waited for."""

T = TypeVar("T")
Json = dict[str, Any]
Directory = Mapping[str, Sequence[Json]]


class DrillFailure(Exception):
    """The drill cannot begin, or cannot go on: one sentence."""


@dataclass(frozen=True, slots=True)
class Ground:
    """A running switch to drill on, and what the robots need of it."""

    tools: Tools
    api_url: str
    accounts: Sequence[Account]
    """The agents' telephones, two or more."""
    trunks: Sequence[tuple[str, int]]
    """Host and port that each trunk dials to: the robots listen there."""


def refuse_real_rescue(directory: Directory) -> None:
    """Raise DrillFailure when anybody who would come could be called: a drill rings no real 110."""
    real = [
        (area["id"], service, area[service]["number"])
        for area in directory["areas"]
        for service in ("police", "fire", "medical")
        if area.get(service, {}).get("kind", "simulator") != "simulator"
    ]
    for area, service, number in real:
        raise DrillFailure(
            f"No drill begins: area {area} has {number} as its real {service} number, and a drill "
            "calls simulators only."
        )


class Cast:
    """Agents at their telephones, and whoever is dialled over the trunks."""

    def __init__(
        self, stage: Stage, ground: Ground, watch: Watch, accounts: Sequence[Account] | None = None
    ) -> None:
        """``accounts`` are whose telephones are robots: all of the ground's by default."""
        self.stage, self.ground, self.watch = stage, ground, watch
        accounts = ground.accounts if accounts is None else accounts
        self._asking = ThreadPoolExecutor(1, "api")
        # One after the other, so that of two who are rung at once the first has it.
        self.phones = [
            Phones(
                stage, ground.tools, [account], Behaviour(answer_ms=PICKS_UP_MS[n]),
                name=f"agent-{n}",
            )
            for n, account in enumerate(accounts)
        ]  # fmt: skip
        for n, account in enumerate(accounts):
            self.phones[n].tones_hz[account.user] = AGENT_TONES_HZ[n]
        self.carriers: dict[str, Operator] = {}
        self.operators = [
            Operator(stage, ground.tools, place, name=f"operator-{n}",
                     tones_hz=CALLER_TONES_HZ[n :: len(ground.trunks)], on_invite=self._carried)
            for n, place in enumerate(ground.trunks)
        ]  # fmt: skip
        self.on_dialled: dict[str, Callable[[CarriedCall], None]] = {}
        """By number, what whoever is dialled does when it begins to ring."""

    def begin(self) -> None:
        """Register, log in, and wait until the switch knows that the operators are there."""
        for phone in self.phones:
            phone.wait_registered(LONG_S)
            self.log_in(phone)
        self.until(lambda: all(one.greeted for one in self.operators), "the switch to ask us")

    def log_in(self, phone: Phones) -> None:
        """An agent logs in by their telephone."""
        dial_all(phone, "*60")

    def _carried(self, operator: Operator, call: CarriedCall) -> None:
        self.carriers[call.call_id] = operator
        act = self.on_dialled.get(call.number)
        if act is not None:
            act(call)

    def until(self, look: Callable[[], T], what: str, seconds: float = LONG_S) -> T:
        """Turn the stage until there is something, and return it. Raises DrillFailure."""
        found: list[T] = []

        def there() -> bool:
            found[:] = [look()]
            return bool(found[0])

        if not self.stage.run(there, seconds):
            raise DrillFailure(f"Waited {seconds:g} s in vain for {what}.")
        return found[0]

    def asked(self, look: Callable[[], T], what: str, seconds: float = LONG_S) -> T:
        """The same for what only the API can tell."""
        end = time.monotonic() + seconds
        while not (found := look()):
            if time.monotonic() > end:
                raise DrillFailure(f"Waited {seconds:g} s in vain for {what}.")
            self.flow(_LOOK_S)
        return found

    def flow(self, seconds: float) -> None:
        """Let audio flow."""
        self.stage.run(lambda: False, seconds)

    def get(self, path: str, **query: str) -> Any:
        """What the API answers. Raises OSError when it does not."""
        return self._ask(f"{path}?{urlencode(query)}" if query else path, None)

    def post(self, path: str, **body: str) -> None:
        """Have something done. Raises OSError when it is refused."""
        self._ask(path, json.dumps(body).encode())

    def _ask(self, path: str, body: bytes | None) -> Any:
        """One request, while everybody goes on talking."""
        request = urllib.request.Request(
            f"{self.ground.api_url}{path}", body, {"Content-Type": "application/json"}
        )

        def ask() -> Any:
            with urllib.request.urlopen(request, timeout=ASK_S) as answer:
                return json.load(answer)

        asked = self._asking.submit(ask)
        self.stage.run(asked.done, ASK_S)
        return asked.result()

    def dialled(self, number: str) -> list[CarriedCall]:
        """The calls to this number, in order."""
        return [call for call in self.carried() if call.number == number]

    def carried(self) -> list[CarriedCall]:
        """Every call over the trunks, in order."""
        return all_calls(self.operators)

    def answers(self, number: str, after_ms: int) -> None:
        """From now on whoever has this number picks up so long after it began to ring."""
        self.on_dialled[number] = lambda call: self.stage.after(after_ms, lambda: self.answer(call))

    def answer(self, call: CarriedCall) -> None:
        """Whoever was dialled picks up."""
        self.carriers[call.call_id].answer(call)

    def hang_up(self, call: CarriedCall) -> None:
        """Whoever was dialled hangs up."""
        self.carriers[call.call_id].hang_up(call)

    def press(self, call: CarriedCall, digits: str) -> None:
        """Whoever was dialled presses keys."""
        self.carriers[call.call_id].press(call, digits)

    def agents_calls(self) -> list[AgentCall]:
        """Every call that rang an agent, in order."""
        return sorted((c for one in self.phones for c in one.calls), key=lambda c: c.invite_ms)

    def phone_of(self, call: AgentCall) -> Phones:
        """Whose call it is."""
        return next(one for one in self.phones if call in one.calls)

    def keys(self, call: AgentCall, digits: str) -> float:
        """An agent presses keys; when they began to, epoch ms."""
        began = now_ms()
        self.phone_of(call).dtmf(call, digits)
        return began

    def answered(self, after_ms: float, what: str, *, shown: str = "") -> AgentCall:
        """The first call an agent has answered since then (from this number)."""

        def found() -> list[AgentCall]:
            return [
                call
                for call in self.agents_calls()
                if call.ack_ms and call.invite_ms >= after_ms and shown in call.number
            ]

        return self.until(found, what)[0]
