"""Agents who do to their calls whatever agents can do, rightly and wrongly, and their duty at last.

Whoever answers a call draws a plan: talk only, hold, give the caller away, ask somebody and then
complete, join or go back.  Its steps are asked for by the API or pressed as codes.  Beside the
plans a storm asks for anything in any state.  Agents finish their wrap-up early, ask for more of
it, go on a break and come back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from random import Random
from typing import Any

from acd.proof.load import dial_all
from acd.proof.phones import Account, AgentCall, Behaviour, Phones
from acd.proof.stage import Stage, Tools, now_ms
from bench.switch.running import Running

AGENTS = [f"{number}" for number in range(8001, 8021)]
ENTRIES = ("95001", "95002")
OUTSIDE = [f"0210{7_000_000 + n:07d}" for n in range(12)]
"""Helpers of the demo directory: people who pick up."""

PICKS_UP_MS = 300
SPEAKS_MS = (800, 2_500)
"""From the answer to the agent's word, and to the first step of a plan."""
STEP_MS = (1_500, 4_000)
BREAK_MS = 8_000
WORD_SHARE = 0.9
"""Of answered calls the agent says whether somebody responds; without it an emergency is owed a
callback (E33)."""
KEYS_SHARE = 0.3
"""Of steps are pressed as a code instead of asked for."""
TRIES = 4
"""A step that must wait until somebody has picked up is tried so often, a step's time apart."""
STORMS_PER_S = 0.5
"""Requests and codes in any state, beside the plans."""
MINDS_MS = 1_500
ENDS_WRAP_UP_SHARE, EXTENDS_WRAP_UP_SHARE, BREAK_SHARE = 0.5, 0.05, 0.04

LOOKS_MS = 500
DUTY_MS = 2_000
"""An agent who does their duty listens for so long, and after the word once more."""
GIVES_UP_MS = 40_000
"""Nobody is there to say anything of."""

PLANS: dict[tuple[str, ...], int] = {
    (): 4,
    ("hold", "resume"): 3,
    ("gain", "hold", "resume", "digits"): 1,
    ("hold",): 1,
    ("transfer colleague",): 3,
    ("transfer entry",): 2,
    ("transfer outside",): 2,
    ("consult colleague", "complete"): 2,
    ("consult colleague", "join"): 2,
    ("consult colleague", "join", "consult outside", "join"): 1,
    ("consult colleague", "back"): 2,
    ("consult outside", "complete"): 2,
    ("consult outside", "join"): 2,
    ("consult outside", "back"): 1,
    ("hang up",): 2,
}
"""What an agent does with a call, and how often beside the others."""

ACTIONS = ("hold", "resume", "transfer", "consult", "complete", "join", "back",
           "gain", "no-response", "outcome", "digits")  # fmt: skip
STORM_TARGETS = (*AGENTS, *ENTRIES, "4711", "120", "")
STORM_CODES = ("*10", "*11{}#", "*12{}#", "*13", "*14", "*15", "*17", "*18", "*161#", "*2001",
               "*30", "*99")  # fmt: skip
CODES = {"hold": "*10", "resume": "*10", "transfer": "*11{}#", "consult": "*12{}#",
         "complete": "*13", "join": "*14", "back": "*15"}  # fmt: skip
BODIES: dict[str, Callable[[Random], dict[str, str]]] = {
    "gain": lambda dice: {"change": dice.choice(("louder", "softer"))},
    "outcome": lambda dice: {"code": dice.choice(("01", "06", "77"))},
    "digits": lambda dice: {"digits": "12"},
}

Json = dict[str, Any]


class Agents:
    """Twenty agents at their telephones."""

    def __init__(self, switch: Running, stage: Stage, tools: Tools, dice: Random) -> None:
        self.switch, self.stage, self.dice = switch, stage, dice
        self.asked: Counter[str] = Counter()
        """By request, how often the switch did it."""
        self.pressed: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self._said: set[str] = set()
        self._wild = True
        accounts: list[Account] = switch.accounts(AGENTS)
        self.phones = Phones(
            stage, tools, accounts, Behaviour(answer_ms=PICKS_UP_MS), on_answer=self._answered
        )
        self.phones.wait_registered(timeout_s=30)
        dial_all(self.phones, "*60")
        self._storm()
        self._mind()

    def calm(self) -> None:
        """From now on agents do their duty."""
        self._wild = False
        self._do_their_duty()

    def all(self) -> list[Json]:
        """All agents as the API shows them."""
        _, found = self.switch.http("GET", "/agents")
        assert isinstance(found, list)
        return found

    # ── plans ───────────────────────────────────────────────────────────────────────────────

    def _answered(self, call: AgentCall) -> None:
        if not self._wild:
            return
        if self.dice.random() < WORD_SHARE:
            self._later(SPEAKS_MS, partial(self._says, call))
        (plan,) = self.dice.choices(list(PLANS), weights=list(PLANS.values()))
        self._later(SPEAKS_MS, partial(self._step, call, plan, TRIES))

    def _step(self, call: AgentCall, plan: Sequence[str], tries: int) -> None:
        """Do the first of what is planned, and go on with the rest while it is done."""
        if not plan or call.ended_ms is not None or not self._wild:
            return
        if plan[0] == "hang up":
            self._hangs_up(call)
            return
        action, _, where = plan[0].partition(" ")
        target = self._target(call, where)
        if action in CODES and self.dice.random() < KEYS_SHARE:
            self._presses(call, CODES[action].format(target))
            again = plan[1:]
        else:
            refusal = self._asks(call, action, target)
            if refusal is not None and (refusal != "not_answered_yet" or tries <= 1):
                return
            again = plan if refusal else plan[1:]
            tries = tries - 1 if refusal else TRIES
        self._later(STEP_MS, partial(self._step, call, again, tries))

    def _target(self, call: AgentCall, where: str) -> str:
        if where == "outside":
            return self.dice.choice(OUTSIDE)
        if where == "entry":
            return self.dice.choice(ENTRIES)
        me = call.user.removeprefix("a")
        free = [one["id"] for one in self.all() if one["id"] in AGENTS and one["available"]]
        return str(self.dice.choice([one for one in free if one != me] or AGENTS))

    def _hangs_up(self, call: AgentCall) -> None:
        if call.ended_ms is None:
            self.pressed["hang up"] += 1
            self.phones.hang_up(call)

    def _presses(self, call: AgentCall, code: str) -> None:
        if call.ended_ms is None:
            self.pressed["codes"] += 1
            self.phones.dtmf(call, code)

    def _asks(self, call: AgentCall, action: str, target: str) -> str | None:
        """Ask for it; None when it was done, and otherwise the refusal."""
        agent = call.user.removeprefix("a")
        _, state = self.switch.http("GET", f"/agents/{agent}")
        if not state["call"]:
            return "has no call"
        body = {"agent": agent}
        if action in BODIES:
            body |= BODIES[action](self.dice)
        elif action in ("transfer", "consult"):
            body["number"] = target
        return self._posts(f"/calls/{state['call']}/{action}", action, body)

    def _posts(self, path: str, action: str, body: Json | None = None) -> str | None:
        status, answer = self.switch.http("POST", path, body)
        if status == 200:
            self.asked[action] += 1
            return None
        refusal = str(answer.get("refusal", status))
        self.refused[refusal] += 1
        return refusal

    # ── whatever, whenever ──────────────────────────────────────────────────────────────────

    def _storm(self) -> None:
        if not self._wild:
            return
        self.stage.after(1000 / STORMS_PER_S, self._storm)
        talking = self._talking()
        if not talking:
            return
        call = self.dice.choice(talking)
        target = self.dice.choice(STORM_TARGETS)
        if self.dice.random() < KEYS_SHARE:
            self._presses(call, self.dice.choice(STORM_CODES).format(target))
        else:
            self._asks(call, self.dice.choice(ACTIONS), target)

    def _mind(self) -> None:
        """End wrap-up, ask for more of it, go on a break; whoever was set aside comes back."""
        self.stage.after(MINDS_MS, self._mind)
        for one in self.all():
            if one["id"] not in AGENTS:
                continue
            path, lot = f"/agents/{one['id']}", self.dice.random()
            if one["state"] == "wrap_up" and lot < ENDS_WRAP_UP_SHARE:
                self._posts(f"{path}/wrap-up/end", "end wrap-up")
            elif one["state"] == "wrap_up" and lot > 1 - EXTENDS_WRAP_UP_SHARE:
                self._posts(f"{path}/wrap-up/extend", "extend wrap-up")
            elif one["state"] == "not_responding":
                self._posts(f"{path}/ready", "ready again")
            elif one["state"] == "ready" and self._wild and lot < BREAK_SHARE:
                self._posts(f"{path}/pause", "pause", {"reason": "rest"})
                self.stage.after(
                    BREAK_MS, partial(self._posts, f"{path}/ready", "ready after a break")
                )

    def _talking(self) -> list[AgentCall]:
        return [call for call in self.phones.calls if call.ack_ms and not call.ended_ms]

    def _later(self, between_ms: tuple[int, int], action: Callable[[], object]) -> None:
        self.stage.after(self.dice.uniform(*between_ms), action)

    # ── duty ────────────────────────────────────────────────────────────────────────────────

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
        responds = self._posts(f"{path}/responded", "responded", {"agent": agent})
        ended = self._posts(f"{path}/outcome", "outcome", {"agent": agent, "code": "01"})
        return responds is ended is None

    def _ends(self, call: AgentCall) -> None:
        if call.ended_ms is None:
            self.phones.hang_up(call)
