"""Between the core and a make-believe Asterisk: commands carried out when it likes, words that come
late, a link that breaks, and time.

Events of one leg come in order, those of different legs in any order, some twice, some late.
Commands of one call, and to one phone, are carried out in order; any may fail.
"""

from collections import deque
from collections.abc import Callable, Sequence
from typing import TypeVar

from acd.core.commands import CallPhone, Command, HandToFallback, HangUp, RingPhone
from acd.core.events import (
    ChannelsCompared,
    CommandFailed,
    Event,
    Hangup,
    PhoneReported,
    TimePassed,
)
from acd.core.ids import LegId
from acd.simulation.careline import EPOCH_MS, NODE
from acd.simulation.exchange import Exchange
from acd.simulation.shift import PHONES

T = TypeVar("T")


class Link:
    """The way to Asterisk and back: what is said on it comes late, twice, or not at all.

    ``tell`` puts one event into the core and returns its commands; ``wakes_at`` says when the core
    wants to be woken."""

    def __init__(
        self,
        tell: Callable[[int, Event], Sequence[Command]],
        wakes_at: Callable[[], int | None],
    ) -> None:
        self.now_ms = EPOCH_MS
        self._tell = tell
        self._wakes_at = wakes_at
        self.exchange = Exchange(self._hear, lambda phone: self.registered.get(phone, False))
        self.channels = self.exchange.channels
        self.heard: dict[LegId | None, deque[Event]] = {}
        """What each leg has said and the core has not heard yet, a dead one's last words too;
        under None what belongs to no leg."""
        self.pending: list[Command] = []
        self._overdue: list[Command] = []
        """Those that were under way when Asterisk was last read."""
        self.registered = dict.fromkeys(PHONES, True)
        self.in_use = dict.fromkeys(PHONES, False)
        self.is_asleep = False
        """The service's process is stopped: what it should hear waits for it."""
        self.inbox: deque[Event] = deque()
        self.is_cut_off = False
        """The link to Asterisk is away: what is said there now is never heard."""

    def feed(self, event: Event) -> None:
        """Let the core take one event now, or when it is awake again."""
        if self.is_asleep:
            self.inbox.append(event)
        else:
            self.pending += self._tell(self.now_ms, event)

    def wait(self, duration_ms: int) -> None:
        """Let time pass, with the core woken whenever it asked for it."""
        until_ms = self.now_ms + duration_ms
        while (
            not self.is_asleep and (due_ms := self._wakes_at()) is not None and due_ms <= until_ms
        ):
            self.now_ms = max(self.now_ms, due_ms)
            self.feed(TimePassed())
        self.now_ms = until_ms

    def wake_up(self) -> None:
        """The process goes on, late for everything, with all that it has not heard."""
        self.is_asleep = False
        while self.inbox:
            self.feed(self.inbox.popleft())

    def perform(self, which: int, *, fails: bool = False) -> bool:
        """Carry out one command that no earlier one of its call or phone is before."""
        ready = [
            n for n, command in enumerate(self.pending)
            if not any(_keys(command) & _keys(other) for other in self.pending[:n])
        ]  # fmt: skip
        if not ready:
            return False
        command = self.pending.pop(ready[which % len(ready)])
        if fails and not isinstance(command, HandToFallback):
            self.exchange.refuse(command, "the world is like that")
        else:
            self.exchange.carry_out(command)
        return True

    def _hear(self, leg: LegId | None, event: Event) -> None:
        # That a request came to nothing is known on our side of the link.
        if self.is_cut_off and not isinstance(event, CommandFailed):
            return
        self.heard.setdefault(leg, deque()).append(event)

    def prompt_ends(self, which: int) -> bool:
        """A prompt has been played to its end, or stopped."""
        tones = self.exchange.tones
        playbacks = [one for one in self.exchange.playbacks if one not in tones]
        if playbacks:
            self.exchange.finish(nth(playbacks, which))
        return bool(playbacks)

    def message_ends(self, which: int) -> bool:
        """A caller's message is over."""
        recordings = list(self.exchange.recordings)
        if recordings:
            self.exchange.end_recording(nth(recordings, which))
        return bool(recordings)

    def deliver(self, which: int, *, twice: bool = False) -> bool:
        """Let the core hear the oldest word of one leg, or one that belongs to none."""
        if not self.heard:
            return False
        self.deliver_from(nth(list(self.heard), which), twice=twice)
        return True

    def deliver_from(self, leg: LegId | None, *, twice: bool = False) -> None:
        """Let the core hear the oldest word of this leg; there may be none left."""
        words = self.heard.get(leg)
        if not words:
            return
        event = words.popleft()
        if not words:
            del self.heard[leg]
        self.feed(event)
        if twice:
            self.feed(event)

    def go_on(self, steps: int) -> None:
        """Let what is under way proceed, oldest first."""
        for _ in range(steps):
            self.wait(2)
            if not (self.perform(0) or self.deliver(0)):
                return

    def settle(self, for_ms: int) -> None:
        """Everything that is under way arrives, and for so long nobody does anything."""
        until_ms = self.now_ms + for_ms
        while self.now_ms < until_ms:
            self.go_on(200)
            self.wait(200)
        self.go_on(1_000)

    def relink(self) -> None:
        """The link was away: what was said and asked meanwhile is lost, and Asterisk shows what
        it has."""
        while self.pending:
            command = self.pending[0]
            if isinstance(command, HangUp | HandToFallback | RingPhone | CallPhone):
                # The request itself may be lost; we let half of them arrive.
                self.perform(0, fails=len(self.pending) % 2 == 0)
            else:
                self.perform(0)
        self.cut_off()
        self.mend()

    def cut_off(self) -> None:
        """The link to Asterisk breaks: what was under way from there is lost."""
        self.is_cut_off = True
        failures: deque[Event] = deque(
            e for e in self.heard.pop(None, ()) if isinstance(e, CommandFailed)
        )
        self.heard = {None: failures} if failures else {}

    def mend(self) -> None:
        """The link is back, and Asterisk shows what it has."""
        self.is_cut_off = False
        for event in [self.exchange.shows(NODE), *self._phone_states()]:
            self.feed(event)

    def restart(self) -> None:
        """Asterisk dies and comes back: no channel, room or playback is left, and nobody said
        why."""
        for command in self.pending:
            self.exchange.refuse(command, "the link is gone")
        self.pending.clear()
        self.cut_off()
        self.exchange.channels.clear()
        self.exchange.rooms.clear()
        self.exchange.playbacks.clear()
        self.exchange.tones.clear()
        self.exchange.snoops.clear()
        self.exchange.away.clear()
        self.mend()

    def compare(self) -> None:
        """Asterisk is read again, whatever is still on its way.  Half a minute lies between two
        readings, and no command is under way for so long."""
        for command in [one for one in self.pending if any(one is old for old in self._overdue)]:
            self.pending.remove(command)
            self.exchange.carry_out(command)
        self._overdue = list(self.pending)
        on_phones = [c.phone for c in self.channels.values() if c.phone is not None]
        private = [phone for phone in PHONES if self.in_use[phone]]
        occupied = tuple(dict.fromkeys([*on_phones, *private]))
        self.feed(ChannelsCompared(NODE, tuple(self.channels), occupied, tuple(private)))

    def vanishes(self, which: int) -> bool:
        """A channel is gone, and no word of it ever comes."""
        if self.channels:
            channel = nth(list(self.channels.values()), which)
            del self.channels[channel.leg]
            self.heard.pop(channel.leg, None)
        return bool(self.channels)

    def channel_sticks(self, which: int) -> bool:
        """Somebody hangs up, and Asterisk keeps the channel."""
        channels = [c for c in self.channels.values() if not c.is_stuck]
        if channels:
            self.exchange.sticks(nth(channels, which))
        return bool(channels)

    def stuck_channels_end(self) -> None:
        """Asterisk lets go of what it has kept."""
        for channel in [one for one in self.channels.values() if one.is_stuck]:
            self.exchange.kill(channel, Hangup.NORMAL)

    def _phone_states(self) -> list[Event]:
        return [
            PhoneReported(phone=p, registered=self.registered[p], in_use=self.in_use[p])
            for p in PHONES
        ]


def nth(items: Sequence[T], n: int) -> T:
    return items[n % len(items)]


def _keys(command: Command) -> set[str]:
    keys = {f"call {command.call}" if command.call else f"room {command.room}"}  # type: ignore[union-attr]
    phone = getattr(command, "phone", None)
    return keys if phone is None else keys | {f"phone {phone}"}
