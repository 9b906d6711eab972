"""The core's only door.

``Core.step(now_ms, event)`` takes one event and returns what follows from it, in order;
``Core.next_deadline()`` says when it wants to be woken.  Nothing else changes state.  The same
events at the same times give the same effects, byte for byte.
"""

from collections.abc import Callable, Sequence
from typing import Any

from acd.core import calls, memos
from acd.core.commands import RingPhone
from acd.core.due import TIMERS
from acd.core.emergency import guard, parties, roles, scene, silence
from acd.core.entities import Call
from acd.core.events import CallArrived, Event
from acd.core.facts import Defect
from acd.core.follow_up import callbacks
from acd.core.handlers import HANDLERS
from acd.core.ids import CallId
from acd.core.queueing import foreseen, matching, presence
from acd.core.queueing.matching import Choice, MakeOffer
from acd.core.staff import agents, open_lines
from acd.core.state import Dice, Effect, State
from acd.core.tables import IllegalTransition
from acd.core.timers import TimerKey

TURNS_MAX = 1_000
"""So often one timer may come in one moment; a few times is the most that any does."""


class Core:
    """A care line's decisions.

    ``epoch`` (a number never used before) goes into every identifier.  ``strict`` raises
    ``IllegalTransition`` and whatever else is our bug (tests, simulation); otherwise it becomes a
    ``Defect`` fact, its call is handed to the dialplan, and everyone else is served on.
    ``witness`` is shown every choice before anything follows from it, and changes nothing: a
    replay asks there what else could have been chosen.
    """

    def __init__(
        self, *, epoch: int, dice: Dice, strict: bool = False, witness: MakeOffer | None = None
    ) -> None:
        self.state = State(epoch=epoch, dice=dice)
        self._strict = strict
        self._witness = witness

    def step(self, now_ms: int, event: Event) -> list[Effect]:
        """Do what is due by ``now_ms`` (epoch milliseconds, never backwards), then take in
        ``event``; return the effects in the order in which they are to be carried out.

        Unless the core is strict nothing is raised: whatever goes wrong, what has been decided
        until then is carried out, and a timer that fails keeps no event from coming in."""
        s = self.state
        s.now = max(now_ms, s.now)
        s.touched.clear()
        effects: list[Effect] = []
        s.effects = effects
        if (due := s.timers.pop_due(s.now)) is not None:
            try:
                self._turn(due)
            except Exception as wrong:
                self._confess(wrong)
        try:
            self._guarded(HANDLERS[type(event)], event, _call_of(s, event))
        except Exception as wrong:
            self._confess(wrong)
        return effects

    def _turn(self, due: TimerKey | None) -> None:
        """Do whatever is due, one after the other.  A timer that is set for this moment again and
        again would hold up everybody for ever: it is our bug, and costs its own call alone."""
        s = self.state
        turns: dict[TimerKey, int] = {}
        while due is not None:
            what, whose = due
            do, call_of = TIMERS[what]
            call = call_of(s, whose)
            turns[due] = turns.get(due, 0) + 1
            if turns[due] <= TURNS_MAX:
                self._guarded(do, whose, call)
            else:
                self._give_up(RuntimeError(f"The timer {what} comes without end."), call)
            due = s.timers.pop_due(s.now)

    def send_early(self, sender: Callable[[Sequence[Effect]], None]) -> None:
        """Have ``sender`` called in the middle of a step with the effects so far, when a phone is
        to ring: the same list that ``step`` returns in the end, and no effect in it changes any
        more.  Nothing that it does may come back to the core before ``step`` has returned."""
        self.state.sender = sender

    def foresee(self, now_ms: int, event: CallArrived) -> RingPhone | None:
        """Return the ring that is the first command of what ``step(now_ms, event)`` will return;
        None where that cannot be told without doing the step.  Changes nothing, and holds only as
        long as no step comes between."""
        return foreseen.ring_for(self.state, now_ms, event)

    def next_deadline(self) -> int | None:
        """Return when ``step`` must be called at the latest, epoch milliseconds."""
        return self.state.timers.next_due()

    def _guarded(
        self, handler: Callable[[State, Any], None], subject: Any, call: CallId | None
    ) -> None:
        """Handle an event or a due timer, which is about ``call``.  That is looked up before:
        afterwards its leg or offer may be gone."""
        s = self.state
        try:
            handler(s, subject)
            if call is not None and (record := s.calls.get(call)) is not None:
                silence.follow(s, record)
                guard.watch(s, record)
                if record.scene is not None and scene.park(s, record):
                    parties.tell_who_waits(s, record)
        except Exception as wrong:
            # The core's own edge: whatever our bug is, it may cost this caller a detour through
            # the dialplan, and nobody else anything.
            self._give_up(wrong, call)
        if s.lines_to_follow:
            open_lines.settle(s)
        if s.seeking_calls or s.seeking_agents:
            matching.settle(s, self._make_offer)
        if s.callbacks_due:
            callbacks.settle(s)
            matching.settle(s, self._make_offer)
        if s.lacking:
            for key in tuple(s.lacking):
                self._find_roles(s, key)
        if s.rooms_to_open:
            calls.open_rooms(s)
        if s.touched:
            memos.keep(s)

    def _make_offer(self, s: State, call: Call, choice: Choice) -> None:
        """A call that cannot be offered must not cost those behind it their agent."""
        if self._witness is not None:
            self._witness(s, call, choice)
        try:
            presence.make_offer(s, call, choice)
        except Exception as wrong:
            self._give_up(wrong, call.id)
            s.seeking_agents[choice.agent.id] = None

    def _find_roles(self, s: State, key: CallId) -> None:
        """A case for which nobody can be rung must not cost the others theirs."""
        call = s.calls.get(key)
        if call is None:
            s.lacking.pop(key, None)
            return
        try:
            roles.settle(s, call, presence.picked_up)
        except Exception as wrong:
            self._give_up(wrong, key)

    def _give_up(self, wrong: Exception, call: CallId | None) -> None:
        """Our own bug: save the caller, free the agents, tell it, go on."""
        self._confess(wrong, call)
        s = self.state
        if call is not None and call in s.calls:
            try:
                calls.hand_to_fallback(s, s.calls[call])
            except Exception as worse:
                self._confess(worse, call)
        stranded = [agent for agent in s.agents.values() if agents.is_stranded(s, agent)]
        for agent in stranded:
            agents.free(s, agent)

    def _confess(self, wrong: Exception, call: CallId | None = None) -> None:
        """Our own bug: tell it, or raise it where somebody looks for bugs."""
        if self._strict:
            raise wrong
        self.state.emit(Defect(at_ms=self.state.now, sentence=_sentence(wrong), call=call))


def _sentence(wrong: Exception) -> str:
    kind = "" if isinstance(wrong, IllegalTransition) else f"{type(wrong).__name__}: "
    return f"{kind}{wrong}"


def _call_of(s: State, event: Event) -> CallId | None:
    """Return the call that an event is about."""
    leg = s.legs.get(getattr(event, "leg", None))  # type: ignore[arg-type]
    return getattr(event, "call", None) if leg is None else leg.call
