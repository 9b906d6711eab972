"""The calls of a run: begun when their stream says, ended when their talk is over, watched."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

import msgspec

from acd.proof.phones import AgentCall
from acd.proof.stage import ProofFailure, Stage, Tools, now_ms
from acd.proof.terminals import TerminalCall, Terminals
from bench.load.profiles import Group, Stream

PATIENCE_MS = 60_000
"""A caller without an agent leaves after so long."""
LATE_S = 30.0
"""After the last call has begun and could have been served, its end takes no longer."""
IN_TALK_MS = 1_000
"""An agent gives their word so long after the answer."""
TURN_S = 0.25


class Call(msgspec.Struct, kw_only=True):
    """What became of one call; ms since the run's beginning, None: it never happened."""

    group: Group
    number: str
    invited_ms: float | None = None
    offered_ms: float | None = None
    """The first agent's telephone got its INVITE."""
    answered_ms: float | None = None
    """An agent picked up; without telephones of ours, the target's 200."""
    refused_code: int | None = None
    left: bool = False
    """The caller lost patience."""
    over: bool = False
    waiting_ms: float | None = None
    """For so long it had waited when the run ended before its time; None: it was decided."""

    @property
    def lost(self) -> bool:
        """The switch refused it, or never answered it and it did not leave by itself."""
        return self.refused_code is not None or (
            self.over and self.answered_ms is None and not self.left
        )


class Robots(Protocol):
    """The agents' telephones."""

    calls: list[AgentCall]

    def problem(self) -> str | None:
        """What has gone wrong with all of them; None while they work."""


class Traffic:
    """Places the calls of some streams, each from a number of its own."""

    def __init__(
        self,
        stage: Stage,
        tools: Tools,
        streams: Sequence[Stream],
        *,
        entries: dict[Group, str],
        prefix: str = "0216",
        in_talk: Callable[[AgentCall], None] = lambda call: None,
    ) -> None:
        """``in_talk`` sees each call a second after its agent has answered."""
        self.stage, self._tools, self._in_talk = stage, tools, in_talk
        self._entries, self._prefix = entries, prefix
        self._streams = sorted(streams, key=lambda stream: stream.begin_s)
        self.robots: Robots | None = None
        self.rows: list[tuple[Stream, Terminals]] = []
        self._placed = 0
        self._rung = 0
        self._callers: dict[str, tuple[Stream, Terminals, TerminalCall]] = {}
        self._rings: defaultdict[str, list[float]] = defaultdict(list)
        self._answered: dict[str, float] = {}
        self.began_ms = 0.0
        self._ended_ms: float | None = None

    def run(self, tick: Callable[[float], None]) -> None:
        """Place everything and wait for the end; ``tick`` hears the time about four times a second.

        Raises ProofFailure when a SIPp ends before its time, or calls do not end.
        """
        try:
            self._run(tick)
        finally:
            self._ended_ms = now_ms()

    def _run(self, tick: Callable[[float], None]) -> None:
        self.began_ms = time.time() * 1000
        waiting = list(self._streams)
        last_s = max(one.begin_s + one.seconds + one.talk_ms / 1000 for one in waiting)
        limit_s = last_s + PATIENCE_MS / 1000 + LATE_S
        while True:
            now_s = time.time() - self.began_ms / 1000
            while waiting and waiting[0].begin_s <= now_s:
                self._begin(waiting.pop(0))
            self.stage.run(lambda: False, TURN_S)
            self._look()
            tick(now_s)
            self._complain()
            if not waiting and all(terminals.ended for _, terminals in self.rows):
                return
            if now_s > limit_s:
                raise ProofFailure(f"some calls did not end in {limit_s:.0f} s")

    def agent_answered(self, call: AgentCall) -> None:
        """An agent's telephone has picked up: the talk begins now."""
        found = self._callers.get(call.number)
        if found is None or call.answer_ms is None:
            return
        stream, terminals, caller = found
        if caller.invite_ms is None:
            return  # it has not been placed: a callback that an earlier run is still owed
        self._answered.setdefault(call.number, call.answer_ms)
        self.stage.after(stream.talk_ms, lambda: terminals.hang_up(caller))
        self.stage.after(min(IN_TALK_MS, stream.talk_ms), lambda: self._in_talk(call))

    def calls(self) -> Iterator[Call]:
        """Tell of every call that has begun."""
        now = now_ms() if self._ended_ms is None else self._ended_ms
        for number, (stream, _, caller) in self._callers.items():
            if caller.invite_ms is None:
                continue
            over = caller.done or caller.ended_ms is not None
            decided = over or caller.cancel_ms is not None or number in self._answered
            yield Call(
                group=stream.group,
                number=number,
                invited_ms=caller.invite_ms - self.began_ms,
                offered_ms=self._since(self._offered(number, caller.invite_ms)),
                answered_ms=self._since(self._answered.get(number)),
                refused_code=caller.refused_code if caller.cancel_ms is None else None,
                left=caller.cancel_ms is not None
                or (caller.ended_by == "self" and number not in self._answered),
                over=over,
                waiting_ms=None if decided else now - caller.invite_ms,
            )

    def unheard_ms(self) -> float:
        """Return for how long the target has said nothing at all to one of the callers."""
        invited = [
            caller.invite_ms
            for _, _, caller in self._callers.values()
            if caller.invite_ms is not None
            and not (caller.trying_ms or caller.ringing_ms or caller.answered_ms)
            and caller.refused_code is None
            and not caller.done
        ]
        return now_ms() - min(invited) if invited else 0.0

    def close(self) -> None:
        """Stop every SIPp."""
        for _, terminals in self.rows:
            terminals.close()

    def _since(self, at_ms: float | None) -> float | None:
        return None if at_ms is None else at_ms - self.began_ms

    def _begin(self, stream: Stream) -> None:
        first = self._placed + 1
        self._placed += stream.calls
        numbers = [f"{self._prefix}{number:07d}" for number in range(first, self._placed + 1)]
        terminals = Terminals(
            self.stage, self._tools, numbers, called=self._entries[stream.group],
            rate=stream.rate, name=f"{stream.group}-{len(self.rows)}", audio=False,
            answer_timeout_ms=PATIENCE_MS, on_answer=self._picked_up,
        )  # fmt: skip
        self.rows.append((stream, terminals))
        for caller in terminals.calls:
            self._callers[caller.number] = (stream, terminals, caller)

    def _picked_up(self, caller: TerminalCall) -> None:
        stream, terminals, _ = self._callers[caller.number]
        if self.robots is None:
            assert caller.answered_ms is not None
            self._answered.setdefault(caller.number, caller.answered_ms)
            self.stage.after(stream.talk_ms, lambda: terminals.hang_up(caller))
            return
        # The system's own pick-up is not yet an agent: patience goes on.
        self.stage.after(PATIENCE_MS, lambda: self._leave(terminals, caller))

    def _leave(self, terminals: Terminals, caller: TerminalCall) -> None:
        if caller.number not in self._answered:
            terminals.hang_up(caller)

    def _look(self) -> None:
        """Note which telephones have been rung since the last look."""
        if self.robots is None:
            return
        for call in self.robots.calls[self._rung :]:
            self._rings[call.number].append(call.invite_ms)
        self._rung = len(self.robots.calls)

    def _offered(self, number: str, invited_ms: float) -> float | None:
        """When a telephone was first rung for this call.

        Before it was placed, one may have been for a callback that an earlier run is still owed.
        """
        return next((at_ms for at_ms in self._rings[number] if at_ms >= invited_ms), None)

    def _complain(self) -> None:
        """Without its robots, or half of its callers, a load would be blamed on the switch."""
        if self.robots is not None and (problem := self.robots.problem()):
            raise ProofFailure(problem)
        for _, terminals in self.rows:
            # Calls that failed make SIPp end with 1; they are told one by one.
            if (problem := terminals.problem()) and "ended with 1:" not in problem:
                raise ProofFailure(problem)
