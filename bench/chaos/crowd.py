"""The calls of one fault: SIPp's, signalling only, each known by its number."""

from collections import Counter
from pathlib import Path

from acd.proof.phones import AgentCall, Behaviour, Phones
from acd.proof.stage import ProofFailure, Tools
from acd.proof.terminals import TerminalCall, Terminals
from bench.chaos.people import PATIENCE_S, SETTLE_S, People
from bench.chaos.world import World

EMERGENCY, ENQUIRY = "95001", "95002"
RING_ANSWER_MS = 3_000
"""Those whose phone rings when the fault comes pick it up in the middle of it."""
RATE = 20.0


class Crowd(People):
    """Talks, waits, rings and arrives around one fault."""

    def __init__(self, world: World, folder: Path, number: int) -> None:
        """``number`` tells the calls of this fault from those of others."""
        super().__init__(world)
        self._world, self._first = world, number * 1000
        folder.mkdir(parents=True)
        self._tools = Tools(world.sipp, folder, world.sip)
        self._phones: list[Phones] = []
        self._groups: dict[str, Terminals] = {}

    # ── Before the fault ─────────────────────────────────────────────────────────────────────

    def gather(self) -> None:
        """Bring everybody to where the fault shall find them.  Raises ProofFailure."""
        world, size = self._world, self._world.size
        self._register("others", ("talker", "free", "enquiry"), Behaviour(answer_ms=200))
        self._register("ringers", ("ringer",), Behaviour(answer_ms=RING_ANSWER_MS))
        self._ready("talker")
        talking = self._call("talking", size.talking, EMERGENCY)
        self.must(lambda: all(one.answered_ms for one in talking.calls), "all to be answered")
        self.must(lambda: world.metric("huling_calls_waiting") == 0, "all to talk")
        self._ready("free")
        self._open_cases(size.cases)
        self._call("waiting", size.waiting, ENQUIRY)
        self.must(lambda: world.metric("huling_calls_waiting") == size.waiting, "all to wait")
        self._ready("ringer")
        self._call("ringing", size.ringing, EMERGENCY)
        ringers = {f"a{agent}" for agent in world.agents["ringer"]}
        self.must(
            lambda: len([c for c in self._rung() if c.user in ringers]) >= size.ringing,
            "phones to ring",
        )

    def _register(self, name: str, kinds: tuple[str, ...], behaviour: Behaviour) -> None:
        accounts = self._world.accounts(kinds)
        phones = Phones(self._stage, self._tools, accounts, behaviour, name=name, audio=False)
        self._phones.append(phones)
        phones.wait_registered(timeout_s=SETTLE_S)

    def _ready(self, kind: str) -> None:
        self.be_ready(self._world.agents[kind], f"agents ({kind})")

    def _open_cases(self, count: int) -> None:
        talking = [one for one in self._world.get("/agents") if one["state"] == "talking"]
        calls = {one["call"] for one in talking[:count]}
        for call in calls:
            if not self._world.post(f"/calls/{call}/case"):
                raise ProofFailure(f"no case could be opened for call {call}")

        def all_have_b() -> bool:
            # Others are of callers whom nobody could call back, and have nobody on the line.
            ours = [one for one in self._world.get("/cases") if calls & set(one["calls"])]
            return len(ours) == len(calls) and all(one["b"] for one in ours)

        self.must(all_have_b, "each case to have a B")

    def _call(self, name: str, count: int, called: str) -> Terminals:
        first = self._first + 200 * len(self._groups)
        numbers = [f"0215{first + n:07d}" for n in range(1, count + 1)]
        self._groups[name] = Terminals(
            self._stage, self._tools, numbers, called=called, rate=RATE, name=name, audio=False,
            answer_timeout_ms=int(PATIENCE_S * 1000),
        )  # fmt: skip
        return self._groups[name]

    def _rung(self) -> list[AgentCall]:
        return [call for phones in self._phones for call in phones.calls if call.ringing_ms]

    # ── In it and after it ───────────────────────────────────────────────────────────────────

    def arrive(self) -> None:
        """New calls come in."""
        self._call("arriving", self._world.size.arriving, EMERGENCY)

    def calls(self, group: str) -> list[TerminalCall]:
        """The calls of one group, in the order in which they were placed."""
        return self._groups[group].calls if group in self._groups else []

    @property
    def callers(self) -> list[TerminalCall]:
        """All calls."""
        return [call for group in self._groups for call in self.calls(group)]

    def _ends(self) -> Counter[str]:
        return Counter(str(call.ended_by or call.refused_code or "go on") for call in self.callers)

    def answered(self, group: str) -> set[str]:
        """Numbers of a group to whom an agent has said hello."""
        numbers = {call.number for call in self.calls(group)}
        return {call.number for call in self._all_rung() if call.ack_ms and call.number in numbers}

    def _all_rung(self) -> list[AgentCall]:
        return [call for phones in self._phones for call in phones.calls]

    def serve_some(self) -> list[str]:
        """Two agents come for those who wait; the numbers that they answered, in order."""
        self.log_in(self._world.agents["enquiry"])
        wanted = min(2, len(self.calls("waiting")))
        self.until(lambda: len(self.answered("waiting")) >= wanted, SETTLE_S)
        numbers = {call.number for call in self.calls("waiting")}
        served = [call for call in self._all_rung() if call.ack_ms and call.number in numbers]
        return [call.number for call in sorted(served, key=lambda call: call.invite_ms)]

    def part(self) -> None:
        """Everybody hangs up.  Who waits goes first, or would be offered to whoever is freed."""
        order = [*self.calls("waiting"), *(c for g in self._groups if g != "waiting"
                                           for c in self.calls(g))]  # fmt: skip
        self.hang_up((self._groups_of(call), call) for call in order)
        for terminals in self._groups.values():
            terminals.wait(10.0)
        self.until(lambda: not self._world.in_stasis(), SETTLE_S)

    def _groups_of(self, call: TerminalCall) -> Terminals:
        return next(one for one in self._groups.values() if call in one.calls)

    def leave(self) -> None:
        """Everybody logs out and gives the registration back.  Raises ProofFailure."""
        self.all_leave({one for agents in self._world.agents.values() for one in agents},
                       self._phones)  # fmt: skip
