"""Calls that keep coming to two nodes, ten a second, from terminals to robots, around one fault."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from acd.proof.phones import AgentCall, Behaviour, Phones
from acd.proof.stage import Tools
from acd.proof.terminals import TerminalCall, Terminals
from bench.chaos.pair import NODES, STREAM, TALKING, WAITING, Pair
from bench.chaos.people import PATIENCE_S, SETTLE_S, People

TALK_MS = 3_000
"""From the agent's answer until the caller of the stream hangs up."""
BATCH_S = 5
"""The calls of so long are one SIPp's; between two batches, operators learn where to send."""
LOOK_S = 0.1
GATHER_RATE = 10.0


@dataclass(frozen=True)
class Caller:
    """One call, where it came in, and in which part of the load."""

    call: TerminalCall
    node: str
    part: str
    """``talking`` all the time, ``waiting`` all the time, or of the ``stream``."""


class Stream(People):
    """Agents on both nodes, callers who talk and wait, and the calls that come."""

    def __init__(self, pair: Pair, folder: Path, number: int, rate: float) -> None:
        """``number`` tells the callers of this fault from those of others; ``rate`` is calls/s,
        over both nodes."""
        super().__init__(pair)
        self._pair, self._rate = pair, rate
        self._numbers = count(number * 10_000 + 1)
        self._names = count(1)
        self._tools = {node: Tools(pair.sipp, folder / node, pair.where(node)) for node in NODES}
        for tools in self._tools.values():
            tools.folder.mkdir(parents=True)
        self._phones: dict[str, Phones] = {}
        self._terminals: list[Terminals] = []
        self._stream: dict[str, tuple[Terminals, TerminalCall]] = {}
        """Of the stream, by the caller's number: they hang up some time after the answer."""
        self.callers: list[Caller] = []
        self.gone: str | None = None
        """The node that is dead."""

    # ── Before the fault ─────────────────────────────────────────────────────────────────────

    def gather(self, *, talking: int, waiting: int) -> None:
        """Log everybody in; so many talk and wait, half of them on each node.  Raises
        ProofFailure."""
        for node in NODES:
            self._phones[node] = Phones(
                self._stage, self._tools[node], self._pair.accounts(node),
                Behaviour(answer_ms=200), name=f"phones-{node}", audio=False,
                on_answer=self._answered,
            )  # fmt: skip
        for phones in self._phones.values():
            phones.wait_registered(timeout_s=SETTLE_S)
        self.be_ready([agent for node in NODES for agent in self._pair.agents[node]])
        for node in NODES:
            self._call("talking", node, talking // 2, TALKING, GATHER_RATE)
        self.must(lambda: all(self.rung_for(one.call.number) for one in self.part("talking"))
                  and self._pair.metric("huling_calls_waiting") == 0, "all to talk")  # fmt: skip
        for _ in range(waiting // 2):  # in turn, so that the order goes over both nodes
            for node in NODES:
                self._call("waiting", node, 1, WAITING, GATHER_RATE)
                self.must(self._all_wait, "one more to wait")

    def _all_wait(self) -> bool:
        found = {one["id"]: one["waiting"] for one in self._pair.get("/queues")}
        return bool(found["patience"] == len(self.part("waiting")))

    def _call(self, part: str, node: str, calls: int, called: str, rate: float) -> None:
        numbers = [f"0215{next(self._numbers):07d}" for _ in range(calls)]
        terminals = Terminals(
            self._stage, self._tools[node], numbers, called=called, rate=rate,
            name=f"{part}{next(self._names)}", audio=False,
            answer_timeout_ms=int(PATIENCE_S * 1000),
        )  # fmt: skip
        self._terminals.append(terminals)
        self.callers += [Caller(call, node, part) for call in terminals.calls]
        if part == "stream":
            self._stream.update((call.number, (terminals, call)) for call in terminals.calls)

    def _answered(self, agent_call: AgentCall) -> None:
        """Somebody of the stream talks: they hang up in a while."""
        if agent_call.number in self._stream:
            self._stage.after(TALK_MS, lambda: self._had_their_say(agent_call))

    def _had_their_say(self, agent_call: AgentCall) -> None:
        """Unless the agent has gone: then there is another."""
        is_gone = agent_call.ended_ms or self.node_of(agent_call.user) == self.gone
        found = None if is_gone else self._stream.pop(agent_call.number, None)
        if found is not None:
            terminals, call = found
            terminals.hang_up(call)

    # ── In it and after it ───────────────────────────────────────────────────────────────────

    def flow(
        self, seconds: float, nodes: Sequence[str], look: Callable[[], bool] | None = None
    ) -> float | None:
        """Have calls come in to these nodes for so long, a multiple of BATCH_S; in seconds, when
        ``look`` was true for the first time, None when it never was."""
        began, seen = time.monotonic(), None
        for _ in range(round(seconds / BATCH_S)):
            end = time.monotonic() + BATCH_S
            for node in nodes:
                rate = self._rate / len(nodes)
                self._call("stream", node, round(rate * BATCH_S), STREAM, rate)
            while time.monotonic() < end:
                if seen is None and look is not None and look():
                    seen = time.monotonic() - began
                self.pass_time(LOOK_S)
        return seen

    def part(self, name: str) -> list[Caller]:
        """The callers of one part of the load, in the order in which they came."""
        return [one for one in self.callers if one.part == name]

    def rung_for(self, number: str) -> list[AgentCall]:
        """The calls at agents' phones that were answered for a caller, oldest first."""
        found = [
            one
            for phones in self._phones.values()
            for one in phones.calls
            if one.number == number and one.ack_ms
        ]
        return sorted(found, key=lambda one: one.invite_ms)

    def node_of(self, user: str) -> str:
        """Where a phone is registered."""
        return next(node for node in NODES
                    if user[1:] in (*self._pair.agents[node], *self._pair.late[node]))  # fmt: skip

    def serve_in_turn(self, nodes: Sequence[str]) -> list[str]:
        """Agents of these nodes come for those who wait, one after the other; the numbers that
        they were given, in that order."""
        served: list[str] = []
        waiting = {one.call.number for one in self.part("waiting")}

        def next_ones() -> list[str]:
            return [number for number in waiting - {*served} if self.rung_for(number)]

        for agent in (agent for node in nodes for agent in self._pair.late[node]):
            self.log_in([agent])
            self.until(lambda: bool(next_ones()))
            served += next_ones()
        return served

    def part_all(self, gone: str | None) -> None:
        """Everybody hangs up; ``gone`` is the node whose callers have nobody to tell."""
        by_call = {id(call): terminals for terminals in self._terminals for call in terminals.calls}
        order = [*self.part("waiting"), *self.part("talking")]
        self.hang_up((by_call[id(one.call)], one.call) for one in order if one.node != gone)
        self.until(lambda: all(
            one.call.done or one.call.ended_ms or one.call.refused_code is not None
            for one in self.callers if one.node != gone))  # fmt: skip
        for terminals in self._terminals:
            if terminals.ended:
                terminals.wait(1.0)
            else:
                terminals.close()

    def leave(self) -> None:
        """Everybody logs out and gives the registration back.  Raises ProofFailure."""
        mine = {agent for part in (self._pair.agents, self._pair.late)
                for there in part.values() for agent in there}  # fmt: skip
        self.all_leave(mine, self._phones.values())
