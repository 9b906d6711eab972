"""A show: calls that are held, transferred, joined and hung up at random, and every row adds up.

    make bench-random_calls
    make bench-random_calls ARGS="--calls 30 --seed 7"

The whole switch runs on the demo directory.  SIPp plays terminals, who hang up when they like, and
agents, who do to the calls whatever agents can do, by the API and by keys, rightly and wrongly.  At
the end the rows must add up (K04), no channel and no room may be left, and every agent must be
free.  Prints one JSON object; exit code 1 when anything is wrong.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Any

from acd.demo.directory import TERMINALS
from acd.proof.load import dial_all
from acd.proof.phones import Account, AgentCall, Behaviour, Phones
from acd.proof.stage import Stage, Tools
from acd.proof.terminals import TerminalCall, Terminals
from bench.switch.running import Running, running, said, settled

AGENTS = [f"{number}" for number in (*range(8001, 8009), *range(8011, 8019))]
ENTRIES = ("95001", "95002")
CALLS_PER_S = 1.0
TALK_MS = (4_000, 30_000)
"""A terminal hangs up so long after the 200, at random between the two."""
MANOEUVRES_PER_S = 3.0
AGENT_HANGS_UP_SHARE = 0.1
"""Of what agents do."""
LATE_S = 90.0
"""After the last arrival everything is over by then: an emergency is rung for until it ends."""
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

Json = dict[str, Any]


def main() -> int:
    """Run the show."""
    parser = argparse.ArgumentParser(prog="python -m bench.random_calls", description=__doc__)
    parser.add_argument("--calls", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    shown = show(given.calls, given.seed)
    print(json.dumps(shown, ensure_ascii=False, indent=2), flush=True)
    return 0 if shown["ok"] else 1


class People:
    """What everybody does, by one seed."""

    def __init__(self, switch: Running, stage: Stage, calls: int, seed: int) -> None:
        self.switch, self.stage, self.dice = switch, stage, Random(seed)
        self.done: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
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
        self._do_something()

    def _hangs_up_later(self, call: TerminalCall) -> None:
        (row,) = (row for row in self.rows if call in row.calls)
        self.stage.after(self.dice.uniform(*TALK_MS), lambda: row.hang_up(call))

    def _do_something(self) -> None:
        self.stage.after(1000 / MANOEUVRES_PER_S, self._do_something)
        talking = [call for call in self.phones.calls if call.ack_ms and not call.ended_ms]
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


def show(calls: int, seed: int) -> Json:
    """Let everybody do what they like, and compare."""
    with running(lambda directory: None) as switch, Stage() as stage:
        people = People(switch, stage, calls, seed)
        said(f"{calls} calls, seed {seed}, {len(AGENTS)} agents who do as they like")
        finished = stage.run(
            lambda: all(row.ended for row in people.rows), calls / CALLS_PER_S + LATE_S
        )
        stage.run(lambda: all(call.ended_ms for call in people.phones.calls), 5.0)
        settled(switch)
        stuck = [
            agent["id"] for agent in people.agents() if agent["state"] in ("offered", "talking")
        ]
        rows = switch.rows()
        result: Json = {
            "calls": calls,
            "done": dict(people.done),
            "refused": dict(people.refused),
            "outcomes": dict(Counter(str(row["outcome"]) for row in rows)),
            "held": sum(bool(row["hold_ms"]) for row in rows),
            "wrong": [*of_rows(rows, calls), *of_metrics(switch)],
            "agents_stuck": stuck,
            "left_in_asterisk": switch.left(),
            "complaints_in_log": switch.service.complaints(),
        }
        people.phones.unregister()
    result["ok"] = finished and not (
        result["wrong"]
        or stuck
        or any(result["left_in_asterisk"].values())
        or result["complaints_in_log"]
    )
    return result


def of_rows(rows: list[Json], calls: int) -> list[str]:
    """K04: as many rows as calls, each with one outcome and times that fit into its life."""
    wrong = []
    if len(rows) != calls // len(ENTRIES) * len(ENTRIES):
        wrong.append(f"there are {len(rows)} rows for {calls} calls")
    for row in rows:
        name = row["call_id"]
        if row["ended_at"] is None or row["outcome"] is None:
            wrong.append(f"{name} has no end")
        elif row["outcome"] == "answered":
            life_ms = (row["ended_at"] - row["answered_at"]).total_seconds() * 1000
            inside_ms = row["talk_ms"] + row["hold_ms"]
            if not 0 <= inside_ms <= life_ms + 50:
                wrong.append(f"{name}: talk and hold are {inside_ms} ms of {life_ms:.0f}")
        elif row["talk_ms"] or row["hold_ms"]:
            wrong.append(f"{name}: {row['outcome']}, and yet somebody talked")
    return wrong


def of_metrics(switch: Running) -> list[str]:
    """What must stay 0."""
    metrics = switch.metrics()
    names = ("huling_defects_total", "huling_service_defects_total",
             "huling_invariants_violated_total")  # fmt: skip
    return [
        f"{name} is {value:g}" for (name, _), value in metrics.items() if name in names and value
    ]


if __name__ == "__main__":
    sys.exit(main())
