"""Where everything that has happened waits for its decision: one queue, many writers, one reader.

Readers of sockets only put; they never wait and never fail.  What happens at the limit is written
here and nowhere else:

* A call that arrives, an answer, a hang-up, a request, a change of the directory is always taken.
  Each has a bound of its own (a channel in Asterisk gives about ten events in its life, a person
  one request at a time), and to lose one would leave a caller or an agent stuck.
* Digits and ringing reports are dropped and counted.  A flood of them is what a broken device
  makes (a DTMF storm), and no caller is worse served without them.
* Of a phone's reports only the newest is kept, and it is taken as soon as there is room.
"""

from collections import Counter, deque
from collections.abc import Callable

from acd.adapters.asterisk.heard import ChannelArrived, LinkChanged
from acd.core.events import CodeDialled, DigitPressed, Event, LegRang, PhoneReported
from acd.core.ids import PhoneId

Item = Event | ChannelArrived | CodeDialled | LinkChanged

_MAY_BE_DROPPED = (DigitPressed, LegRang)


class Inbox:
    """The queue before the driver.  ``wake`` is called when it stops being empty."""

    def __init__(self, *, events_max: int) -> None:
        self.items: deque[Item] = deque()
        """What waits, the oldest first; for others to look at."""
        self._events_max = events_max
        self._late_reports: dict[PhoneId, PhoneReported] = {}
        self._wake: Callable[[], object] | None = None
        self._now: Callable[[], object] | None = None
        self.dropped: Counter[str] = Counter()
        """How many were dropped at the limit, by class name."""
        self.counted: Counter[str] = Counter()
        """How many things an adapter noticed and left alone, by what they were."""

    def __len__(self) -> int:
        return len(self.items)

    def on_first(self, wake: Callable[[], object], now: Callable[[], object]) -> None:
        """Have ``wake`` called whenever an item comes into the empty queue, or ``now`` when its
        writer has nothing else to do until it has been handled."""
        self._wake = wake
        self._now = now
        if self.items:
            wake()

    def put(self, item: Item) -> None:
        """Take an item; never blocks, never fails."""
        items = self.items
        if len(items) >= self._events_max and self._refuses(item):
            return
        items.append(item)
        if len(items) == 1 and self._wake is not None:
            self._wake()

    def serve(self, item: Item) -> None:
        """Take an item and have it handled now; behind others it waits for its turn like them."""
        if self.items or self._now is None:
            self.put(item)
        else:
            self.items.append(item)
            self._now()

    def count(self, what: str, key: str) -> None:
        """Count something noticed and left alone; ``key`` is for whoever debugs, not a label."""
        self.counted[what] += 1

    def take(self) -> Item | None:
        """Return the oldest item, None when there is none."""
        items = self.items
        if not items:
            return None
        item = items.popleft()
        if self._late_reports and len(items) < self._events_max:
            items.extend(self._late_reports.values())
            self._late_reports.clear()
        return item

    def _refuses(self, item: Item) -> bool:
        if isinstance(item, _MAY_BE_DROPPED):
            self.dropped[type(item).__name__] += 1
            return True
        if isinstance(item, PhoneReported):
            if item.phone in self._late_reports:
                self.dropped[type(item).__name__] += 1
            self._late_reports[item.phone] = item
            return True
        return False
