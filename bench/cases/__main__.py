"""See the package."""

from __future__ import annotations

import argparse
import json
import sys
import wave
from collections.abc import Sequence
from typing import Any

from acd.proof.operators import CarriedCall
from acd.proof.phones import AgentCall, Behaviour, Phones
from acd.proof.stage import Stage, Tools, now_ms
from acd.proof.terminals import Terminals
from bench.operators import robots_at_demo_trunks
from bench.switch.running import Running, running, said, settled, spread
from servers.asterisk import PROMPTS

FIRST_AGENT = 7001
ENTRY = "95001"
CALLS_PER_S = 5.0
WINDOW_MS = 3_000.0
"""From the end of the prompt to the flag: the second window of a silent call (E33, F05)."""
FLAG_OFF_MS_MAX = 300.0
RING_MS_MAX = 1_000.0
LEGS = 4
WAIT_S = 60.0

Json = dict[str, Any]


def main() -> int:
    """Run it once."""
    parser = argparse.ArgumentParser(prog="python -m bench.cases", description=__doc__)
    parser.add_argument("--cases", type=int, default=50, help="at once; at most 200")
    given = parser.parse_args()
    shown = measure(given.cases)
    for row in table(shown):
        print(row)
    print(json.dumps(shown, ensure_ascii=False, indent=2), flush=True)
    return 0 if shown["ok"] else 1


def agents_of(cases: int) -> list[str]:
    """Two for each case."""
    return [str(FIRST_AGENT + n) for n in range(2 * cases)]


def measure(cases: int) -> Json:
    """Let all cases happen at once, and measure."""
    agents = agents_of(cases)

    def staffed(directory: dict[str, list[Json]]) -> None:
        directory["agents"] += [
            {"id": agent, "name": f"坐席{agent}", "skills": {"emergency": 5}} for agent in agents
        ]
        directory["seats"] += [
            {"id": f"s{agent}", "phones": [f"a{agent}"], "agent": agent} for agent in agents
        ]

    with running(staffed) as switch, Stage() as stage:
        world = World(switch, stage, agents, cases)
        said(f"{cases} terminals call, and say nothing")
        world.are_flagged()
        said("every agent opens the case")
        world.open()
        said("every A calls the first contact")
        world.call_contacts()
        result = world.result()
        world.end()
        settled(switch)
        result["left_in_asterisk"] = switch.left()
        result["complaints_in_log"] = switch.service.complaints()
        world.phones.unregister()
    left = any(result["left_in_asterisk"].values()) or bool(result["complaints_in_log"])
    result["ok"] = not result["wrong"] and not left
    return result


def table(shown: Json) -> list[str]:
    """Return what was measured, a line a thing, with its limit."""
    rows = [f"{'':34}{'n':>5}{'p50':>9}{'p99':>9}{'max':>9}{'limit':>9}"]
    for name, limit in (("flag_off_ms", FLAG_OFF_MS_MAX), ("b_rings_ms", RING_MS_MAX)):
        seen = shown[name]
        figures = "".join(f"{seen.get(key, float('nan')):>9.1f}" for key in ("p50", "p99", "max"))
        rows.append(f"{name:34}{seen.get('n', 0):>5}{figures}{limit:>9.0f}")
    rows.append(f"{'cases at once':34}{shown['cases_at_once']:>5}")
    rows.append(f"{'channels at once':34}{shown['channels_at_once']:>5}")
    return rows


class World:
    """Terminals, agents and contacts as robots, and what they saw."""

    def __init__(self, switch: Running, stage: Stage, agents: Sequence[str], cases: int) -> None:
        self.switch, self.stage, self.cases = switch, stage, cases
        self.wrong: list[str] = []
        self.asked_ms: dict[str, float] = {}
        """By agent: when the case was asked for."""
        self.ring_ms: list[float] = []
        self.at_once = (0, 0)
        tools = Tools(switch.sipp, switch.folder, switch.sip)
        self.phones = Phones(
            stage, tools, switch.accounts(agents), Behaviour(answer_ms=200), audio=False
        )
        self.phones.wait_registered(timeout_s=WAIT_S)
        for agent in agents:
            self._post(f"/agents/{agent}/login", {})
        self.operators = robots_at_demo_trunks(
            stage, tools, lambda operator, call: stage.after(200, lambda: operator.answer(call))
        )
        self._wait(lambda: any(one.greeted for one in self.operators), "an operator to be there")
        numbers = [f"0216{n:07d}" for n in range(1, cases + 1)]
        self.terminals = Terminals(
            stage, tools, numbers, called=ENTRY, rate=CALLS_PER_S, audio=False
        )

    def are_flagged(self) -> None:
        """Wait until nobody has responded in every call."""
        self._wait(lambda: self._flagged() >= self.cases, "every call to be flagged")

    def open(self) -> None:
        """Have every agent who talks open the case, one command after the other without a pause,
        and wait until each has a B on the line."""
        for call in self._talking():
            agent = call.user.removeprefix("a")
            self.asked_ms[agent] = now_ms()
            self._post(f"/agents/{agent}/case", None, call=agent)
        self._wait(lambda: len(self._bs()) >= self.cases, "a B in every case")
        for case in self._cases():
            asked_ms = self.asked_ms.get(case["a"])
            rings = [one.invite_ms for one in self.phones.calls if one.user == f"a{case['b']}"]
            after = [ring_ms for ring_ms in rings if asked_ms is not None and ring_ms >= asked_ms]
            if asked_ms is None or not after:
                self.wrong.append(f"case {case['id']} has A {case['a']} and B {case['b']}")
            else:
                self.ring_ms.append(min(after) - asked_ms)

    def call_contacts(self) -> None:
        """Have every A call the first contact, and count what is there when all have answered."""
        for agent in self.asked_ms:
            self._post(f"/agents/{agent}/rescue", {"digits": "4"}, call=agent)
        self._wait(lambda: len(self._answered()) >= self.cases, "every contact to answer")
        self._wait(
            lambda: len(self.switch.ari("/channels")) >= LEGS * self.cases, "four legs in each case"
        )
        self.at_once = (len(self._cases()), len(self.switch.ari("/channels")))

    def result(self) -> Json:
        """What was measured, and what of it is wrong."""
        off_ms = sorted(self._off_ms())
        rings_ms = sorted(self.ring_ms)
        self.wrong += [f"a flag {one:.0f} ms off" for one in off_ms if one > FLAG_OFF_MS_MAX]
        self.wrong += [f"a B rung after {one:.0f} ms" for one in rings_ms if one > RING_MS_MAX]
        for name, found in (("flags", off_ms), ("rings of a B", rings_ms)):
            if len(found) != self.cases:
                self.wrong.append(f"{len(found)} {name} of {self.cases}")
        return {
            "cases": self.cases,
            "flag_off_ms": {"n": len(off_ms), **spread(off_ms)},
            "b_rings_ms": {"n": len(rings_ms), **spread(rings_ms)},
            "cases_at_once": self.at_once[0],
            "channels_at_once": self.at_once[1],
            "wrong": self.wrong,
        }

    def end(self) -> None:
        """End every case, and everybody hangs up."""
        for agent in self.asked_ms:
            self._post(f"/agents/{agent}/outcome", {"code": "07"}, call=agent)
        for case in self._cases():
            for owed in self.switch.http("GET", f"/cases/{case['id']}")[1]["obligations"]:
                self._post(f"/obligations/{owed['id']}/close", {"reason": "measured"})
            self._post(f"/cases/{case['id']}/close", {"agent": case["a"], "reason": "measured"})
            self._post(f"/cases/{case['id']}/agree", {"agent": case["b"]}, refusable=True)
        for one in self.terminals.calls:
            self.terminals.hang_up(one)
        for operator in self.operators:
            for party in operator.calls:
                operator.hang_up(party)
        for call in self._talking():
            self.phones.hang_up(call)
        self._wait(lambda: self.terminals.ended, "every terminal to have ended")

    # ── What is to be seen ───────────────────────────────────────────────────────────────────

    def _talking(self) -> list[AgentCall]:
        return [one for one in self.phones.calls if one.ack_ms and one.ended_ms is None]

    def _answered(self) -> list[CarriedCall]:
        return [call for one in self.operators for call in one.calls if call.ack_ms]

    def _cases(self) -> list[Json]:
        found: list[Json] = self.switch.http("GET", "/cases?limit=1000")[1]
        return found

    def _bs(self) -> list[Json]:
        return [case for case in self._cases() if case["b"] is not None]

    def _flagged(self) -> int:
        return len(self._first("NoResponseFlagged"))

    def _first(self, kind: str) -> dict[str, float]:
        """When the first fact of a kind was, by call, in epoch ms."""
        return {one["call"]: one["at_ms"] for one in reversed(self.switch.facts(kind))}

    def _off_ms(self) -> list[float]:
        """How far each flag is from its threshold: the prompt's end and one window more."""
        with wave.open(str(PROMPTS / "caller-please-speak.wav"), "rb") as file:
            length_ms = 1000 * file.getnframes() / file.getframerate()
        asked = self._first("SilencePrompted")
        return [
            abs(at_ms - asked[call] - length_ms - WINDOW_MS)
            for call, at_ms in self._first("NoResponseFlagged").items()
            if call in asked
        ]

    def _wait(self, condition: Any, what: str) -> None:
        """Turn the stage until something is so, looking twice a second."""
        seen = False

        def look() -> None:
            nonlocal seen
            seen = bool(condition())
            if not seen:
                self.stage.after(500, look)

        look()
        if not self.stage.run(lambda: seen, WAIT_S + self.cases / CALLS_PER_S):
            self.wrong.append(f"waited in vain for {what}")

    def _post(
        self, path: str, body: Json | None, *, call: str | None = None, refusable: bool = False
    ) -> None:
        """One request, to the live call of an agent where ``call`` names one."""
        if call is not None:
            state = self.switch.http("GET", f"/agents/{call}")[1]
            path = f"/calls/{state['call']}/{path.rpartition('/')[2]}"
            body = {"agent": call, **(body or {})}
        status, answer = self.switch.http("POST", path, body)
        if status != 200 and not refusable:
            self.wrong.append(f"{path}: {answer}")


if __name__ == "__main__":
    sys.exit(main())
