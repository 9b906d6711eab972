"""A strict core with everybody's eyes on it: its own invariants, the independent auditor, and a
digest of all it has answered."""

from collections import deque
from collections.abc import Sequence
from random import Random
from typing import get_args

from acd.core.codec import Digest
from acd.core.commands import Command
from acd.core.entities import Call
from acd.core.events import (
    CallArrived,
    Event,
    ObligationAction,
    ObligationRequested,
    TimePassed,
)
from acd.core.ids import RequestId
from acd.core.invariants import check_all, check_touched
from acd.core.queueing import candidates, matching
from acd.core.queueing.matching import Choice
from acd.core.state import Effect, State
from acd.core.switch import Core
from acd.simulation.auditor import Auditor

COMMANDS = get_args(Command)

REMEMBERED = 60
"""Steps shown when something goes wrong: enough to see what led there."""


class Watched:
    """``tell`` is what the world puts its events into."""

    def __init__(self, epoch: int = 1, *, whole_every: int = 1) -> None:
        """``whole_every``: so many steps lie between two looks at everything; what a step has
        touched is looked at after each."""
        self._whole_every = whole_every
        self.core = Core(epoch=epoch, dice=Random(epoch), strict=True, witness=_whole_list_agrees)
        self.auditor = Auditor()
        self.steps = 0
        self.kinds: set[type] = set()
        """Of every event and effect so far."""
        self.recent: deque[tuple[int, Event, Sequence[Effect]]] = deque(maxlen=REMEMBERED)
        self.foreseen = 0
        """Rings told before their step."""
        self._digest = Digest()
        self.digest = b""
        """Of every effect so far: two runs that answer alike have the same."""

    def tell(self, now_ms: int, event: Event) -> Sequence[Command]:
        """Let the core take one event, have everybody check what follows, and return the
        commands.

        What has become due is done before the event is heard.  The core does so in one step; for
        those who watch it, it is a step of its own.
        """
        due_ms = self.core.next_deadline()
        is_overdue = due_ms is not None and due_ms < now_ms
        if due_ms is None or due_ms > now_ms or isinstance(event, TimePassed):
            return self._step(now_ms, event, is_overdue=is_overdue)
        caught_up = self._step(now_ms, TimePassed(), is_overdue=is_overdue)
        return [*caught_up, *self._step(now_ms, event)]

    def _step(self, now_ms: int, event: Event, *, is_overdue: bool = False) -> list[Command]:
        self.recent.append((now_ms, event, ()))
        foreseen = self.core.foresee(now_ms, event) if isinstance(event, CallArrived) else None
        effects = self.core.step(now_ms, event)
        self.recent[-1] = (now_ms, event, effects)
        self.steps += 1
        self.kinds.update((type(event), *map(type, effects)))
        self.digest = self._digest.add(effects)
        wrong = check_touched(self.core.state)
        if self.steps % self._whole_every == 0:
            wrong += check_all(self.core.state)
        assert not wrong, wrong
        self.auditor.see(self.core.state.now, event, effects, is_catching_up=is_overdue)
        commands = [effect for effect in effects if isinstance(effect, COMMANDS)]
        if foreseen is not None:
            self.foreseen += 1
            assert commands[:1] == [foreseen], "another ring than the one foreseen"
        return commands

    def close(self) -> None:
        """After the calm phase: everything has come to its end, and nothing is left."""
        for key in tuple(self.core.state.obligations):
            # What is owed stays so until a person says why not.
            self._step(
                self.core.state.now,
                ObligationRequested(
                    request=RequestId("close"),
                    obligation=key,
                    action=ObligationAction.CLOSE,
                    reason="the day is over",
                ),
            )
        wrong = check_all(self.core.state)
        assert not wrong, wrong
        self.auditor.close()
        s = self.core.state
        left = (s.calls, s.desk_calls, s.legs, s.offers, s.rooms, s.playbacks)
        assert not any(left), left
        assert len(s.timers) == 0
        assert s.timers.next_due() is None
        for line in s.lines.values():
            assert line.waiting == 0
            assert not line.retired, "a queue that nobody can enter was not forgotten"


def _whole_list_agrees(s: State, call: Call, choice: Choice) -> None:
    """What ``acd explain --full`` would tell of this choice is what the offer says of it."""
    first, *others = candidates.of(s, call, choice)
    assert first.agent == choice.agent.id
    behind = tuple(one.agent for one in others if one.able)
    told = matching.next_best(s, choice)
    assert behind[: len(told)] == told, f"{call.id}: {behind}, not {told}"
