"""The driver: one event at a time through the core, and what it answers out into the world.

The order within one step is chosen for the caller: commands to Asterisk go first, a ring even
before the step has begun (``Core.foresee``) or ended (``Core.send_early``), and everything else of
the step (journal, records, metrics, replies) waits until they have been written to the socket, one
round of the loop later; so does the next event.  Nothing is waited for.  The driver runs as a
callback of the loop rather than as a task of its own, and an event of Asterisk's that finds the
inbox empty is handled in the very callback that has read it (``Inbox.serve``): from the event to
the INVITE there is no round of the loop and no task switch.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Protocol, get_args, runtime_checkable

from acd.adapters.asterisk.heard import ChannelArrived, LinkChanged
from acd.core.commands import Command, HangUp, Release, RingPhone
from acd.core.events import (
    CallArrived,
    CallRequested,
    CodeDialled,
    DigitPressed,
    Event,
    TimePassed,
)
from acd.core.facts import Defect, Fact
from acd.core.replies import Done, Refused, Reply
from acd.runtime.clock import Clock
from acd.runtime.inbox import Inbox
from acd.runtime.logs import logger
from acd.runtime.past import Past

log = logger(__name__)

EVENTS_PER_ROUND = 200
"""Events handled before sockets and timers get their turn; 200 take about 5 ms."""

OWED_S = 0.001
"""How long the step of a ring that went out before it waits, unless something happens first.

So long Asterisk is busy with the ring, and a machine may have no more than two processors."""

STUCK_S = 0.1
"""Pause before a due moment that the core could not get past is tried again."""

Effect = Command | Fact | Reply
Step = tuple[int, Event, list[Effect], int]
_COMMANDS = frozenset(get_args(Command))
_REPLIES = frozenset(get_args(Reply))
Recognisable = DigitPressed | CallRequested | CodeDialled
_FIRST_LOOKED_AT = frozenset({LinkChanged, ChannelArrived, *get_args(Recognisable)})
"""Items that are not for the core as they are."""


class Core(Protocol):
    """What a replay needs of ``acd.core.switch.Core``; times are epoch ms."""

    def step(self, now_ms: int, event: Event) -> list[Effect]: ...

    def next_deadline(self) -> int | None: ...


class LiveCore(Core, Protocol):
    """What the driver needs of it."""

    def send_early(self, sender: Callable[[Sequence[Effect]], None]) -> None: ...

    def foresee(self, now_ms: int, event: CallArrived) -> RingPhone | None: ...


@runtime_checkable
class StepSink(Protocol):
    """What wants to see every step after its commands are on their way."""

    def stepped(
        self, now_ms: int, event: Event, effects: Sequence[Effect], took_ns: int
    ) -> None: ...


@runtime_checkable
class FactSink(Protocol):
    """What wants to see each fact of a step, after the step; or those of some classes alone, when
    it has ``wants`` that says which."""

    def decided(self, fact: Fact) -> None: ...


def safe_step(core: Core, now_ms: int, event: Event) -> tuple[list[Effect], Exception | None]:
    """Step the core; turn an exception into a ``Defect`` fact, and return it too.

    Replaying a journal goes through here as well, so that it meets the same facts.
    """
    try:
        return core.step(now_ms, event), None
    except Exception as error:
        call = getattr(event, "call", None)
        sentence = f"{type(error).__name__} at {type(event).__name__}: {error}"
        return [Defect(at_ms=now_ms, sentence=sentence, call=call)], error


class Driver:
    """Joins inbox, core and everything behind it.

    ``translate`` finds out who is calling, ``recognise`` which terminal an event may be of;
    ``links`` hears of links to Asterisk; ``command`` and ``reply`` take those effects at once;
    ``sinks`` see the whole step afterwards, and ``past`` keeps its facts for whoever is in no
    hurry.  While ``may_act()`` is false nothing is decided, and what happens waits in the inbox.
    """

    def __init__(
        self,
        core: LiveCore,
        inbox: Inbox,
        clock: Clock,
        *,
        translate: Callable[[ChannelArrived], Event],
        recognise: Callable[[Recognisable], Event] = lambda event: event,
        links: Callable[[LinkChanged], None],
        command: Callable[[Command], None],
        reply: Callable[[Done | Refused], None],
        sinks: Sequence[StepSink | FactSink],
        past: Past | None = None,
        may_act: Callable[[], bool],
    ) -> None:
        self._may_act = may_act
        self._core = core
        self._inbox = inbox
        self._clock = clock
        self._translate = translate
        self._recognise = recognise
        self._links = links
        self._command = command
        self._reply = reply
        self._stepped = tuple(sink.stepped for sink in sinks if isinstance(sink, StepSink))
        self._fact_sinks = tuple(sink for sink in sinks if isinstance(sink, FactSink))
        self._deciders: dict[type, tuple[Callable[[Fact], None], ...]] = {}
        """Who wants to see facts of a class, for each class met so far."""
        self._past = Past() if past is None else past
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at_ms = 0
        self._stopped = False
        self._draining = False
        self._scheduled = False
        self._untold: deque[Step] = deque()
        """Steps whose commands are on their way and whose sinks have not heard of them yet."""
        self._sent = 0
        """How many effects of the present step have been given on."""
        self._commanded = False
        """Whether a command was among them."""
        self._sending_ns = 0
        """How long that has taken."""
        self._owed: tuple[int, CallArrived, int] | None = None
        """The step whose ring has gone out: its time, and how long that took to foresee, ns."""
        self._ahead: RingPhone | None = None
        """The ring of the step that is owed, or under way, until the step has given it."""
        self.rung_ahead = 0
        """Rings that went out before their step."""
        self.taken_back = 0
        """Those of them that the step did not give; a defect of ours, must stay 0."""
        self.steps = 0
        self.failures = 0
        """Items that failed outside the core; a defect of ours, must stay 0."""

    def start(self) -> None:
        """Begin to take events; call it inside the running loop."""
        self._loop = asyncio.get_running_loop()
        self._core.send_early(self._send)
        self._inbox.on_first(self._wake, self._now)
        self._arm()

    def stop(self) -> None:
        """Take what is in the inbox now, and nothing after it."""
        if self._owed is not None and self._may_act():
            self._catch_up()
        for _ in range(len(self._inbox) if self._may_act() else 0):
            if (item := self._inbox.take()) is not None:
                self._handle(item)
                if self._owed is not None:
                    self._catch_up()
        self._stopped = True
        self._tell_guarded()
        if self._timer is not None:
            self._timer.cancel()

    def _step(self, event: Event) -> bool:
        """Put one event through the core; tell whether commands went out."""
        now_ms = self._clock.now_ms()
        if type(event) is CallArrived and self._ring_ahead(now_ms, event):
            return True
        return self._decide(now_ms, event)

    def _decide(self, now_ms: int, event: Event, looked_ns: int = 0) -> bool:
        """Do the step; ``looked_ns`` is how long it took to look ahead for it."""
        self._sent, self._commanded, self._sending_ns = 0, False, 0
        began = time.perf_counter_ns()
        effects, error = safe_step(self._core, now_ms, event)
        took_ns = looked_ns + time.perf_counter_ns() - began - self._sending_ns
        self._send(effects)
        if self._ahead is not None:
            self._take_back(self._ahead)
        self.steps += 1
        if error is not None:
            log.error(
                "The core failed at an event; the service goes on.",
                event_type=type(event).__name__,
                call_id=getattr(event, "call", None),
                leg=getattr(event, "leg", None),
                exc_info=error,
            )
        self._untold.append((now_ms, event, effects, took_ns))
        return self._commanded

    def _ring_ahead(self, now_ms: int, event: CallArrived) -> bool:
        """Let a phone ring that the step is certain to ring; tell whether it does, and the step is
        owed: the processor is Asterisk's meanwhile."""
        began = time.perf_counter_ns()
        try:
            ring = self._core.foresee(now_ms, event)
            looked_ns = time.perf_counter_ns() - began
            if ring is None or self._loop is None:
                return False
            self._command(ring)
        except Exception:
            # Nothing rings ahead: the step decides and rings as it does for any event.
            self._failed("a ring ahead of its step", event.leg)
            return False
        self._ahead, self._owed = ring, (now_ms, event, looked_ns)
        self.rung_ahead += 1
        self._loop.call_later(OWED_S, self._owed_due)
        return True

    def _catch_up(self) -> bool:
        """Do the step that is owed; tell whether commands went out."""
        assert self._owed is not None
        (now_ms, event, looked_ns), self._owed = self._owed, None
        return self._decide(now_ms, event, looked_ns)

    def _is_sent(self, command: Command, ahead: RingPhone) -> bool:
        """Tell whether the step's command must not go out (again): it went out as the ring
        ``ahead`` of the step, or it is another ring of that leg.  Then the end of the leg tells
        the core that nothing has come of it."""
        if command == ahead:
            self._ahead = None
            return True
        self._take_back(ahead)
        return type(command) is RingPhone and command.leg == ahead.leg

    def _take_back(self, ahead: RingPhone) -> None:
        """A phone rings that the step does not ring: our bug, and it costs nobody their call."""
        self._ahead = None
        self.taken_back += 1
        self.failures += 1
        log.error("A ring was foreseen that did not follow; it is taken back.", call_id=ahead.call)
        self._command(
            HangUp(call=ahead.call, leg=ahead.leg, reason=Release.NORMAL, phone=ahead.phone)
        )

    def _send(self, effects: Sequence[Effect]) -> None:
        """Give on the step's commands that have not been given on yet (``Core.send_early``)."""
        began = time.perf_counter_ns()
        for effect in effects[self._sent :]:
            if type(effect) in _COMMANDS:
                try:
                    if self._ahead is not None and self._is_sent(effect, self._ahead):  # type: ignore[arg-type]  # likewise
                        continue
                    self._commanded = True
                    self._command(effect)  # type: ignore[arg-type]  # told by its type
                except Exception:
                    # In the middle of a step the core would take it for a fault of its own, and
                    # without the next command a phone may ring on that nobody waits for.
                    self._failed("a command", getattr(effect, "leg", None))
        self._sent = len(effects)
        self._sending_ns += time.perf_counter_ns() - began

    def _tell(self) -> None:
        """Tell the sinks and the persons of the steps whose commands have been sent.  One of them
        that fails costs no other anything: without a fact the records' numbers would be wrong."""
        past = self._past
        while self._untold:
            now_ms, event, effects, took_ns = self._untold.popleft()
            for stepped in self._stepped:
                try:
                    stepped(now_ms, event, effects, took_ns)
                except Exception:
                    self._failed("what followed from a step", getattr(event, "leg", None))
            past.took_ns.append(took_ns)
            replies = []
            for effect in effects:
                kind = type(effect)
                if kind in _COMMANDS:
                    continue
                if kind in _REPLIES:
                    replies.append(effect)
                    continue
                past.facts.append(effect)  # type: ignore[arg-type]
                for decided in self._deciders.get(kind) or self._deciders_of(kind):
                    try:
                        decided(effect)  # type: ignore[arg-type]
                    except Exception:
                        self._failed("a fact", getattr(effect, "leg", None))
            for reply in replies:
                try:
                    self._reply(reply)  # type: ignore[arg-type]
                except Exception:
                    self._failed("a reply", None)
            if len(past.took_ns) >= past.steps_max:
                past.due()

    def _deciders_of(self, kind: type) -> tuple[Callable[[Fact], None], ...]:
        found = self._deciders[kind] = tuple(
            sink.decided for sink in self._fact_sinks if kind in getattr(sink, "wants", (kind,))
        )
        return found

    def _wake(self) -> None:
        if not self._stopped:
            self._again()

    def _now(self) -> None:
        """Handle what has just come, unless it came out of a step: then its turn is next."""
        if self._draining:
            self._wake()
        elif not self._stopped:
            self._drain()

    def _owed_due(self) -> None:
        if self._owed is not None and not self._stopped:
            self._drain()

    def _scheduled_drain(self) -> None:
        self._scheduled = False
        self._drain()

    def _drain(self) -> None:
        self._draining = True
        try:
            if self._untold:
                self._tell_guarded()
            if self._take_events():
                self._arm()
        finally:
            self._draining = False

    def _take_events(self) -> bool:
        """Handle what has come; tell whether there was anything."""
        items = self._inbox.items
        for handled in range(EVENTS_PER_ROUND):
            # At each one: it is after a standstill that nobody knows whether it is still ours.
            if not (items or self._owed) or self._stopped or not self._may_act():
                return handled > 0
            if self._owed is not None:
                has_sent = self._catch_up()
            else:
                item = self._inbox.take()
                assert item is not None, "there are items"
                has_sent = self._handle(item)
            if has_sent:
                # The sockets get their turn before anything else does.
                if self._owed is None or items:
                    self._again()
                return True
            self._tell_guarded()
        if items:
            self._again()
        return True

    def go_on(self) -> None:
        """Take what has waited while we might not act."""
        if self._timer is not None:
            # The timer was set before the standstill: it is late by as long as that lasted.
            self._timer.cancel()
            self._timer = None
        self._wake()
        self._arm()

    def _again(self) -> None:
        if self._loop is not None and not self._scheduled:
            self._scheduled = True
            self._loop.call_soon(self._scheduled_drain)

    def _handle(self, item: Event | ChannelArrived | LinkChanged) -> bool:
        """Handle one item; tell whether commands went out."""
        # The edge of the driver: whatever fails for one item, the next is served.
        try:
            if type(item) not in _FIRST_LOOKED_AT:
                return self._step(item)  # type: ignore[arg-type]  # told by its type
            if isinstance(item, LinkChanged):
                self._links(item)
                return False
            if isinstance(item, ChannelArrived):
                return self._step(self._translate(item))
            return self._step(self._recognise(item))  # type: ignore[arg-type]
        except Exception:
            self._failed(type(item).__name__, getattr(item, "leg", None))
            return False

    def _tell_guarded(self) -> None:
        try:
            self._tell()
        except Exception:
            self._failed("what followed from a step", None)

    def _failed(self, event_type: str, leg: object) -> None:
        log.exception(
            "An event could not be handled; the service goes on.", event_type=event_type, leg=leg
        )
        self.failures += 1

    def _arm(self) -> None:
        """See that the timer fires no later than the core wants to be woken.

        A timer that is set too early is left alone and sets itself anew when it fires: deadlines
        move with nearly every event, and most never come.
        """
        deadline = self._core.next_deadline()
        if deadline is None or self._stopped or self._loop is None:
            return
        if self._timer is not None:
            if self._timer_at_ms <= deadline:
                return
            self._timer.cancel()
        self._timer_at_ms = deadline
        delay_s = max(deadline - self._clock.now_ms(), 1) / 1000
        self._timer = self._loop.call_later(delay_s, self._due)

    def _due(self) -> None:
        self._timer = None
        if not self._may_act():
            return
        if self._owed is not None:
            self._catch_up()
        deadline = self._core.next_deadline()
        if deadline is not None and deadline <= self._clock.now_ms():
            if self._handle(TimePassed()):
                self._again()
            else:
                self._tell_guarded()
            if self._core.next_deadline() == deadline and self._loop and not self._stopped:
                # The core failed at this moment and would again: never in a tight circle.
                self._timer_at_ms = deadline
                self._timer = self._loop.call_later(STUCK_S, self._due)
                return
        self._arm()
