"""A thousand callers in one second: everybody with a free agent is rung for at once, and no agent
is rung twice.

What a flood, an earthquake or a broken lift in a tower does to a line that has people enough.  Who
measures hands in a clock; this module has none.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from msgspec.structs import replace

from acd.core.commands import RingPhone
from acd.core.directory import Agent, Entry, EntryKind, Seat, SkillNeed
from acd.core.events import (
    AgentDefined,
    CallArrived,
    EntryDefined,
    Event,
    LoginRequested,
    QueueDefined,
    SeatDefined,
    SwitchConnected,
    TimePassed,
)
from acd.core.ids import AgentId, CallId, EntryId, LegId, PhoneId, QueueId, SeatId
from acd.core.state import Effect
from acd.core.switch import Core
from acd.simulation.careline import EMERGENCY, EPOCH_MS, NODE, REQUEST

BURST_MS = 1_000


@dataclass
class Dealt:
    """Whom each call was offered to, in order."""

    rung: dict[CallId, list[PhoneId]] = field(default_factory=dict)

    @property
    def rung_twice(self) -> int:
        """How many phones were rung more than once while nobody had stopped them."""
        counts = Counter(phone for phones in self.rung.values() for phone in phones)
        return sum(count > 1 for count in counts.values())


class Burst:
    """``calls`` arrivals, evenly within a second, over ``queues`` lines; each agent serves up to
    three of them."""

    def __init__(self, *, agents: int, queues: int, calls: int) -> None:
        self._calls, self._queues = calls, queues
        self._core = Core(epoch=1, dice=Random(1), strict=True)
        self._now_ms = EPOCH_MS
        for n in range(queues):
            queue = replace(EMERGENCY, id=QueueId(f"q{n}"), needs=(SkillNeed(f"skill {n}", 1),))
            self._step(QueueDefined(queue))
            entry = Entry(id=EntryId(f"e{n}"), kind=EntryKind.EMERGENCY, queue=queue.id)
            self._step(EntryDefined(entry))
        self._step(SwitchConnected(NODE, ()))
        for n in range(agents):
            agent, seat = AgentId(str(n)), SeatId(f"s{n}")
            served = sorted({n % queues, (n + 7) % queues, (n + 19) % queues})
            skills = tuple(sorted((f"skill {queue}", 1 + n % 10) for queue in served))
            self._step(AgentDefined(Agent(id=agent, name=f"agent {n}", skills=skills)))
            self._step(SeatDefined(Seat(id=seat, phones=(PhoneId(f"a{n}"),), agent=agent)))
            self._step(LoginRequested(request=REQUEST, agent=agent, seat=seat))

    def run(self, clock_ns: Callable[[], int], took_ns: list[int]) -> Dealt:
        """Let them all call, and nobody answer; how long each step took goes to ``took_ns``."""
        dealt = Dealt()
        for n in range(self._calls):
            self._now_ms = EPOCH_MS + n * BURST_MS // self._calls
            arrived = CallArrived(
                leg=LegId(f"{NODE}:c{n}"),
                arrived_ms=self._now_ms,
                trunk=None,
                caller=f"021{n:08d}",  # of one number four are served
                called=EntryId(f"e{n % self._queues}"),
            )
            began_ns = clock_ns()
            effects = self._step(arrived)
            took_ns.append(clock_ns() - began_ns)
            self._note(dealt, effects)
        self._now_ms = EPOCH_MS + BURST_MS
        self._note(dealt, self._step(TimePassed()))
        return dealt

    def _note(self, dealt: Dealt, effects: list[Effect]) -> None:
        for effect in effects:
            if isinstance(effect, RingPhone):
                dealt.rung.setdefault(effect.call, []).append(effect.phone)

    def _step(self, event: Event) -> list[Effect]:
        return self._core.step(self._now_ms, event)
