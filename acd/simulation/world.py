"""A make-believe world around the core: an Asterisk that answers commands rightly but when it
likes (``link``), people who do whatever people do (``people``), and a directory that changes.

Nothing here looks into the core.
"""

from collections.abc import Callable, Sequence

import msgspec

from acd.core.commands import Command
from acd.core.directory import Agent, Queue, SeatMode, Selection
from acd.core.events import (
    AgentDefined,
    AgentRemoved,
    CallerHeard,
    CommandFailed,
    DigitPressed,
    EntryDefined,
    EntryRemoved,
    Event,
    Hangup,
    Heard,
    LegGone,
    LegHungUp,
    LegJoined,
    LegRang,
    MessageEnded,
    ObligationAction,
    ObligationRequested,
    PromptFinished,
    QueueDefined,
    QueueRemoved,
    ReadyRequested,
    RecordingStarted,
    SeatDefined,
    SeatRemoved,
    SwitchConnected,
)
from acd.core.ids import AgentId, LegId, ObligationId, PlaybackId, RecordingId, RoomId, SeatId
from acd.simulation.careline import ENTRIES, NODE, REQUEST
from acd.simulation.exchange import Channel
from acd.simulation.link import nth
from acd.simulation.people import People, logs_in
from acd.simulation.shift import (
    AGENTS,
    NAILED_UP,
    PHONES,
    PLAIN,
    WIDENINGS,
    agent_of,
    helped,
    relaxing,
    seat_of,
)

STUCK_MS = 5_000
"""So long a channel whose far end has hung up stays at least; by then the core has given it up."""


class World(People):
    """Everything outside the core: Asterisk, people, and the directory that somebody edits."""

    parting_rounds_max = 200
    """By then everybody has parted."""

    def __init__(
        self,
        tell: Callable[[int, Event], Sequence[Command]],
        wakes_at: Callable[[], int | None],
        queues: tuple[Queue, ...] = PLAIN,
    ) -> None:
        super().__init__(tell, wakes_at)
        self.queues = queues
        self.owed: dict[ObligationId, None] = {}
        """What is open, told by whoever reads the facts."""
        self._set_up()

    def _set_up(self) -> None:
        self.feed(SwitchConnected(NODE, ()))
        self.order_is_restored()

    def directory_changes(self, what: int, which: int, level: int) -> None:
        """Somebody edits the directory while calls go on."""
        agent = nth(AGENTS, which)
        other = nth(AGENTS, which + level)
        queue = nth(self.queues, which)
        changes: tuple[Callable[[], Event], ...] = (
            lambda: AgentDefined(agent_of(agent)),
            lambda: AgentDefined(
                Agent(id=AgentId(agent), name=agent, skills=(("emergency", level), ("enquiry", 5)))
            ),
            lambda: AgentRemoved(AgentId(agent)),
            lambda: SeatDefined(seat_of(agent)),
            lambda: SeatDefined(seat_of(agent, other)),
            lambda: SeatRemoved(SeatId(f"s{agent}")),
            lambda: QueueDefined(queue),
            lambda: QueueDefined(msgspec.structs.replace(queue, promise_ms=level * 2_000)),
            lambda: QueueDefined(msgspec.structs.replace(queue, priority=level, wrap_up_ms=0)),
            lambda: QueueDefined(msgspec.structs.replace(queue, widening=WIDENINGS[level % 3])),
            lambda: QueueDefined(
                msgspec.structs.replace(
                    queue, selection=nth(tuple(Selection), level), incident_ms=level * 3_000
                )
            ),
            lambda: QueueDefined(relaxing(queue, level)),
            lambda: QueueDefined(helped(queue, level)),
            lambda: QueueRemoved(queue.id),
            lambda: EntryRemoved(nth(ENTRIES, which).id),
            lambda: EntryDefined(nth(ENTRIES, which)),
        )
        self.feed(nth(changes, what)())

    def order_is_restored(self) -> None:
        """The shift leader puts the directory back and gets everybody to work."""
        for queue in self.queues:
            self.feed(QueueDefined(queue))
        for entry in ENTRIES:
            self.feed(EntryDefined(entry))
        for agent in AGENTS:
            self.feed(AgentDefined(agent_of(agent)))
            self.feed(SeatDefined(seat_of(agent)))
            self.feed(logs_in(agent, agent))
            # At another's seat that is refused; whoever rests there is told to be ready there.
            self.feed(ReadyRequested(request=REQUEST, agent=AgentId(agent)))
            self.phone_changes(AGENTS.index(agent), 0)

    def nonsense(self, which: int) -> None:
        """Words about legs that nobody knows, or that have long gone."""
        leg = LegId(nth((f"{NODE}:c1", f"{NODE}:d1", f"{NODE}:x", f"{NODE}:hl-1-9"), which))
        if leg not in self.channels:
            words: tuple[Event, ...] = (
                LegRang(leg),
                RecordingStarted(leg, "nobody.raw"),
                LegGone(leg, Hangup.NORMAL),
                LegHungUp(leg),
                LegJoined(leg, RoomId(f"{NODE}:nowhere")),
                CallerHeard(leg, Heard.SPEECH),
                DigitPressed(leg, "1"),
                MessageEnded(RecordingId(f"{NODE}:nothing")),
                PromptFinished(PlaybackId(f"{NODE}:nothing")),
                CommandFailed(command="Play", call=None, leg=leg, room=None, reason="nonsense"),
            )
            self.feed(nth(words, which))

    def calm_down(self) -> None:
        """Nobody does anything surprising any more; everything must come to its end."""
        for phone in range(len(PHONES)):
            self.phone_changes(phone, 0)
        self.go_on(200)
        self.wait(STUCK_MS)
        self.stuck_channels_end()
        self.go_on(200)
        self.compare()
        self.compare()  # what had gone without a word is found gone
        self._wind_down()
        # Who had not been responding is found to be there by the switch itself.
        for _ in range(60):
            self.wait(60_000)
            self._wind_down()
            if self._wakes_at() is None:
                break
        self.go_on(200)
        self.all_owed_is_closed()
        self.close_lines()
        self.go_on(200)
        assert not self.channels, list(self.channels.values())

    def close_lines(self) -> None:
        """No seat is nailed up any more: the lines that stay open end."""
        for agent in NAILED_UP:
            self.feed(SeatDefined(seat_of(agent, mode=SeatMode.RING)))

    def all_owed_is_closed(self) -> None:
        """The shift leader ends whatever is owed: nobody is called any more."""
        for key in tuple(self.owed):
            self.feed(
                ObligationRequested(
                    request=REQUEST,
                    obligation=key,
                    action=ObligationAction.CLOSE,
                    reason="the day is over",
                )
            )

    def _wind_down(self) -> None:
        for _ in range(self.parting_rounds_max):
            self.all_owed_is_closed()
            self.go_on(200)
            if not self.at_work() and not self.pending and not self.heard:
                break
            self.wait(1_000)
            self.phone_is_answered(0)
            self.go_on(20)
            for channel in range(len(self.channels)):
                self.phone_speaks(channel, 1)
                self.key_is_pressed(channel, 1)
            while self.prompt_ends(0):
                pass
            self.go_on(20)
            self._somebody_parts()
        assert not self.at_work(), self.at_work()

    def _somebody_parts(self) -> None:
        """One of those on a line has said everything."""
        self.caller_hangs_up(0)
        self.desk_hangs_up(0)

    def at_work(self) -> list[Channel]:
        """All channels but the lines that stay open."""
        return [one for one in self.channels.values() if not (one.is_line and one.up)]
