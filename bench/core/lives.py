"""Whole lives of calls through the core, in a steady state: so many agents talk, so many callers
wait, and each call that ends makes room for the next.

One life is arrival, the system's pick-up (a deadline), the holding room, the end of the prompt, a
ring, an answer, two joins, the agent's word that somebody responds (without it a callback would be
owed, E33), two ends of legs and the end of wrap-up (a deadline).  No event of it is ignored by the
core; ``Lives`` says so itself.
"""

from collections import deque
from collections.abc import Iterator
from random import Random
from time import perf_counter_ns

from msgspec.structs import replace

from acd.core.commands import JoinRoom, Play, RingPhone
from acd.core.directory import (
    Agent,
    Entry,
    EntryKind,
    Queue,
    Reach,
    Seat,
    Selection,
    SkillNeed,
    Widening,
)
from acd.core.events import (
    AgentDefined,
    CallArrived,
    Control,
    ControlRequested,
    EntryDefined,
    Event,
    Hangup,
    LegAnswered,
    LegGone,
    LegJoined,
    LegRang,
    LoginRequested,
    PromptFinished,
    QueueDefined,
    SeatDefined,
    SwitchConnected,
    TimePassed,
)
from acd.core.facts import Defect, Ignored
from acd.core.ids import AgentId, EntryId, LegId, Node, PhoneId, QueueId, RequestId, SeatId
from acd.core.state import Effect
from acd.core.switch import Core

NODE = Node("n1")
ENTRY = EntryId("95001")
EPOCH_MS = 1_800_000_000_000
LIFE_MS = 20
"""Time between two arrivals."""

QUEUE = Queue(
    id=QueueId("emergency"),
    priority=0,
    promise_ms=10_000,
    ring_ms=6_500,
    ring_ms_min=4_000,
    widening=(Widening(after_ms=0, phones=1, reach=Reach.READY),),
    incident_ms=60_000,
    pick_up_ms=2_000,
    wrap_up_ms=10,
    short_answer_ms=0,
    refusal_delay_ms=2_000,
    misses_max=3,
    selection=Selection.LONGEST_IDLE,
    needs=(SkillNeed("emergency", 5),),
    acknowledgement="ack",
)


class Lives:
    """A core with ``agents`` in conversations and ``waiting`` callers behind them, in so many
    queues; each agent serves up to three of those."""

    def __init__(
        self, *, agents: int, waiting: int, queues: int = 1, keeps_steps: bool = False
    ) -> None:
        self.steps: list[tuple[int, Event, list[Effect]]] = []
        """When, what, and what followed, from the first step on; only with ``keeps_steps``."""
        self._keeps_steps = keeps_steps
        self._queues = queues
        self.core = Core(epoch=1, dice=Random(1))
        self.now_ms = EPOCH_MS
        self.took_ns: list[int] = []
        """Duration of each step."""
        self.ignored = 0
        self._callers = 0
        self._rings: deque[RingPhone] = deque()
        self._joins: deque[JoinRoom] = deque()
        self._plays: deque[Play] = deque()
        self._talking: deque[tuple[LegId, LegId]] = deque()
        for event in _set_up(agents, queues):
            self._step(event)
        for _ in range(agents):
            self._arrive()
            self._talk()
        for _ in range(waiting):
            self._arrive()
            self._talk()
            self._pass(LIFE_MS)
        self._pass(QUEUE.pick_up_ms)
        self.took_ns.clear()

    def live(self, lives: int) -> None:
        """Let so many calls begin, and as many end."""
        for _ in range(lives):
            caller, agent = self._talking.popleft()
            self._step(LegGone(caller, Hangup.NORMAL, 16))
            self._step(LegGone(agent, Hangup.NORMAL, 16))
            self._pass(LIFE_MS)
            self._talk()
            self._arrive()

    def _arrive(self) -> None:
        self._callers += 1
        self._step(
            CallArrived(
                leg=LegId(f"{NODE}:c{self._callers}"),
                arrived_ms=self.now_ms,
                trunk=None,
                caller=f"0216{self._callers:07d}",  # of one number four are served
                called=EntryId(f"{ENTRY}{self._callers % self._queues}"),
            )
        )

    def _talk(self) -> None:
        """Every phone that rings is answered."""
        while self._rings:
            ring = self._rings.popleft()
            call = self.core.state.calls[ring.call]
            self._step(LegRang(ring.leg))
            self._step(LegAnswered(ring.leg))
            self._obey()
            self._step(
                ControlRequested(
                    request=RequestId("r"), call=call.id, agent=None, action=Control.RESPONDED
                )
            )
            self._talking.append((call.caller_leg, ring.leg))

    def _pass(self, duration_ms: int) -> None:
        """Let time pass as the driver does: the core is woken when it asked to be."""
        until_ms = self.now_ms + duration_ms
        while (due_ms := self.core.next_deadline()) is not None and due_ms <= until_ms:
            self.now_ms = due_ms
            self._step(TimePassed())
            self._obey()
        self.now_ms = until_ms

    def _obey(self) -> None:
        """Move legs and end prompts as the switch would, at once."""
        while self._joins:
            join = self._joins.popleft()
            for leg in join.legs:
                self._step(LegJoined(leg, join.room))
        while self._plays:
            self._step(PromptFinished(self._plays.popleft().playback))

    def _step(self, event: Event) -> None:
        began_ns = perf_counter_ns()
        effects = self.core.step(self.now_ms, event)
        self.took_ns.append(perf_counter_ns() - began_ns)
        if self._keeps_steps:
            self.steps.append((self.now_ms, event, effects))
        for effect in effects:
            kind = type(effect)
            if kind is RingPhone:
                self._rings.append(effect)  # type: ignore[arg-type]  # told by its type
            elif kind is JoinRoom:
                self._joins.append(effect)  # type: ignore[arg-type]
            elif kind is Play:
                self._plays.append(effect)  # type: ignore[arg-type]
            elif kind is Ignored or kind is Defect:
                self.ignored += 1


def _set_up(agents: int, queues: int) -> Iterator[Event]:
    for n in range(queues):
        queue = replace(QUEUE, id=QueueId(f"q{n}"), needs=(SkillNeed(f"skill {n}", 5),))
        yield QueueDefined(queue)
        entry = Entry(id=EntryId(f"{ENTRY}{n}"), kind=EntryKind.EMERGENCY, queue=queue.id)
        yield EntryDefined(entry)
    yield SwitchConnected(NODE, ())
    for n in range(agents):
        agent, seat = AgentId(f"{n}"), SeatId(f"s{n}")
        served = sorted({n % queues, (n + 7) % queues, (n + 19) % queues})
        skills = tuple(sorted((f"skill {queue}", 5 + n % 6) for queue in served))
        yield AgentDefined(Agent(id=agent, name=f"agent {n}", skills=skills))
        yield SeatDefined(Seat(id=seat, phones=(PhoneId(f"a{n}"),), agent=agent))
        yield LoginRequested(request=RequestId("r"), agent=agent, seat=seat)
