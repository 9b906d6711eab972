"""A make-believe world around the core: an Asterisk that answers commands rightly but when it
likes, and people who do whatever people do.

Events of one leg come in order, those of different legs in any order, some twice, some late, some
about legs that nobody knows.  Commands of one call, and to one phone, are carried out in order;
any may fail.  Nothing here looks into the core.  Every choice is a number handed in, so that
hypothesis can shrink a run and a seed can repeat one.
"""

from collections import deque
from collections.abc import Callable, Sequence
from typing import TypeVar

import msgspec

from acd.core.commands import (
    CallPhone,
    Command,
    HandToFallback,
    HangUp,
    RingPhone,
)
from acd.core.directory import (
    Agent,
    AgentRules,
    Contact,
    ContactKind,
    Queue,
    Reach,
    Relaxation,
    Role,
    Seat,
    SeatMode,
    Selection,
    SkillNeed,
    Sticky,
    Widening,
)
from acd.core.events import (
    AgentDefined,
    AgentRemoved,
    CallArrived,
    CallerHeard,
    ChannelsCompared,
    CodeDialled,
    CommandFailed,
    Control,
    ControlRequested,
    DigitPressed,
    EntryDefined,
    EntryRemoved,
    Event,
    Force,
    ForceRequested,
    Hangup,
    Heard,
    LeaveAnswerRequested,
    LegGone,
    LegHungUp,
    LegJoined,
    LegRang,
    LoginRequested,
    LogoutRequested,
    MessageEnded,
    ObligationAction,
    ObligationRequested,
    PauseRequested,
    PhoneHeld,
    PhoneReported,
    PhoneUnheld,
    PromptFinished,
    QueueDefined,
    QueueRemoved,
    ReadyRequested,
    RecordingStarted,
    ReferRequested,
    ReleaseRequested,
    ReservationRequested,
    SeatDefined,
    SeatRemoved,
    SpeechEnded,
    SpeechStarted,
    Steer,
    SteerRequested,
    SupervisionEndRequested,
    SupervisionRequested,
    SwitchConnected,
    TimePassed,
    Watching,
    WrapUpEndRequested,
    WrapUpExtensionRequested,
)
from acd.core.ids import (
    AgentId,
    EntryId,
    LegId,
    ObligationId,
    PhoneId,
    PlaybackId,
    QueueId,
    RecordingId,
    RoomId,
    SeatId,
    TerminalId,
)
from acd.core.scripts import RatingScale, Treatment
from acd.simulation.careline import ENTRIES, EPOCH_MS, NODE, QUEUES, REQUEST, skills_of
from acd.simulation.exchange import Channel, Exchange

T = TypeVar("T")

STUCK_MS = 5_000
"""So long a channel whose far end has hung up stays at least; by then the core has given it up."""

AGENTS = ("8001", "8002", "8011", "8012", "8099", "8090")
SUPERVISORS = ("8002", "8090")
"""One of them takes calls too; the other has no skill, and so is mostly free."""
PICK_UP = ("8001",)
"""Whose phones answer by themselves."""
NAILED_UP = ("8012",)
"""Whose lines stay open."""
BOTH = ("8002", "8012")
"""Who serves emergencies and enquiries."""

SPEAKERS = ("8002", "8011")
"""Who speaks the dialect."""

WIDENING = (
    Widening(after_ms=0, phones=1, reach=Reach.READY),
    Widening(after_ms=2_000, phones=2, reach=Reach.WRAP_UP),
    Widening(after_ms=4_000, phones=3, reach=Reach.BREAK),
)
WIDENINGS = (
    WIDENING,
    WIDENING[:1],
    (Widening(after_ms=0, phones=2, reach=Reach.READY), *WIDENING[2:]),
)
TOLD = Treatment(
    comfort="comfort",
    comfort_every_ms=3_000,
    callback_from_ms=5_000,
    tells_position=True,
    tells_agent=True,
    greets=True,
    rating=RatingScale.S2,
)
RELAXATION = (
    Relaxation(after_ms=1_500, needs=(SkillNeed("emergency", 2),)),
    Relaxation(after_ms=5_000, needs=()),
)
PLAIN = tuple(
    # The lower priority has the stricter promise, so that the two orders differ, and rings one
    # phone at a time; the others widen.
    msgspec.structs.replace(queue, promise_ms=4_000, treatment=TOLD)
    if queue.priority
    else msgspec.structs.replace(
        queue,
        widening=WIDENING,
        ring_ms_min=1_500,
        rules=AgentRules(ready_min=2, consent=("meal",)),
    )
    for queue in QUEUES
)
RELAXED = tuple(
    msgspec.structs.replace(queue, relaxation=RELAXATION[queue.priority :], weight=3)
    for queue in PLAIN
)
HELPED = tuple(
    msgspec.structs.replace(
        queue,
        priority=0,
        weight=2 if queue.priority else 1,
        overflow=tuple(other.id for other in PLAIN if other.id != queue.id),
        overflow_ms=1_000,
        selection=Selection.RING_ALL if queue.priority == 1 else queue.selection,
    )
    for queue in PLAIN
)
PREFERRING = tuple(
    msgspec.structs.replace(
        queue,
        prefers=("dialect",),
        sticky=(Sticky.OWNER, Sticky.LAST),
        sticky_ms=60_000,
        prefer_wait_ms=1_500 if queue.priority else 0,
    )
    for queue in PLAIN
)
POLICIES = (PLAIN, RELAXED, HELPED, PREFERRING)
"""What the shift leader has written into the directory, world by world."""
PHONES = tuple(PhoneId(f"a{agent}") for agent in AGENTS)
SEATS = tuple(SeatId(f"s{agent}") for agent in AGENTS)
CODES = ("*668001", "*678012", "*60", "*61", "*62", "*621", "*63", "*64", "*69", "*99")
DIALLED = ("95001", "95001", "95001", "95002", "95002", "95003", "95003", "95009", "4711")
KEYS = ("1", "1", "2", "3", "4", "5", "0", "9", "#", "*")
NAMED = (*AGENTS, "8099", "8090", "8999")
"""To whom a supervisor gives a call: those who have not its skills are mostly free."""
TARGETS = (*AGENTS, "95001", "95002", "8999", "4711", "")
"""Whom a call may be given to, and whom not."""
SECOND_DIALLED = ("8090", "8090", "8090", *AGENTS, "95001", "913900000001", "*61")
"""What a phone dials on its second line: mostly whoever is mostly free."""
CONTROLS: tuple[tuple[Control | None, str], ...] = (
    (None, "*10"),
    (None, "*10"),
    (None, "*1*10"),
    (None, "*77"),
    (Control.HOLD, ""),
    (Control.RESUME, ""),
    (None, "*11N#"),
    (None, "*12N#"),
    (None, "*13"),
    (None, "*14"),
    (None, "*15"),
    (Control.TRANSFER, "N"),
    (Control.CONSULT, "N"),
    (Control.CONSULT, "N"),
    (Control.COMPLETE, ""),
    (Control.JOIN, ""),
    (Control.JOIN, ""),
    (Control.BACK, ""),
    (None, "*161#"),
    (Control.LOUDER, ""),
    (Control.SOFTER, ""),
    (Control.OUTCOME, "01"),
    (None, "*2099"),
    (None, "*30"),
    (Control.RESPONDED, ""),
    (Control.CASE, ""),
    (None, "*90"),
    (None, "*90"),
    (None, "*911#"),
    (Control.RESCUE, "4"),
    (Control.RESCUE, "01380000009"),
    (Control.RESCUE, ""),
    (Control.RESCUE_BESIDE, "4"),
    (None, "*991#"),
    (Control.RETURN, ""),
    (None, "*92"),
    (Control.MERGE, ""),
    (Control.SPLIT, ""),
    (Control.PRIVATE, ""),
    (None, "*95"),
    (Control.FAN_OUT, ""),
    (Control.SAFE, ""),
    (Control.HELP_ARRIVED, ""),
)
"""What is done with a call: keys pressed, or an action and its digits; N is one of TARGETS."""
CONTACTS = (
    Contact(ContactKind.RELATIVE, "013900000001"),
    Contact(ContactKind.COMMITTEE, "02166660000"),
)
REASONS = ("rest", "paperwork", "meal")
REFUSALS = (
    Hangup.BUSY,
    Hangup.REJECTED,
    Hangup.NO_ANSWER,
    Hangup.UNREACHABLE,
    Hangup.FAILED,
    Hangup.NORMAL,
)


class World:
    """Everything outside the core.  ``tell`` puts one event into it and returns its commands;
    ``wakes_at`` says when it wants to be woken."""

    parting_rounds_max = 200
    """By then everybody has parted."""

    def __init__(
        self,
        tell: Callable[[int, Event], Sequence[Command]],
        wakes_at: Callable[[], int | None],
        queues: tuple[Queue, ...] = PLAIN,
    ) -> None:
        self.queues = queues
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
        self.owed: dict[ObligationId, None] = {}
        """What is open, told by whoever reads the facts."""
        self.callers = 0
        self.desks = 0
        self.is_asleep = False
        """The service's process is stopped: what it should hear waits for it."""
        self.inbox: deque[Event] = deque()
        self.is_cut_off = False
        """The link to Asterisk is away: what is said there now is never heard."""
        self._set_up()

    def _set_up(self) -> None:
        self.feed(SwitchConnected(NODE, ()))
        self.order_is_restored()

    def feed(self, event: Event) -> None:
        """Let the core take one event now, or when it is awake again."""
        if self.is_asleep:
            self.inbox.append(event)
        else:
            self.pending += self._tell(self.now_ms, event)

    # Time -----------------------------------------------------------------------------------------

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

    # Asterisk -------------------------------------------------------------------------------------

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
        playbacks = list(self.exchange.playbacks)
        if playbacks:
            self.exchange.finish(_nth(playbacks, which))
        return bool(playbacks)

    def message_ends(self, which: int) -> bool:
        """A caller's message is over."""
        recordings = list(self.exchange.recordings)
        if recordings:
            self.exchange.end_recording(_nth(recordings, which))
        return bool(recordings)

    def deliver(self, which: int, *, twice: bool = False) -> bool:
        """Let the core hear the oldest word of one leg, or one that belongs to none."""
        if not self.heard:
            return False
        self.deliver_from(_nth(list(self.heard), which), twice=twice)
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
            channel = _nth(list(self.channels.values()), which)
            del self.channels[channel.leg]
            self.heard.pop(channel.leg, None)
        return bool(self.channels)

    def channel_sticks(self, which: int) -> bool:
        """Somebody hangs up, and Asterisk keeps the channel."""
        channels = [c for c in self.channels.values() if not c.is_stuck]
        if channels:
            self.exchange.sticks(_nth(channels, which))
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

    # People ---------------------------------------------------------------------------------------

    def caller_calls(self, which: int, late_ms: int = 0) -> None:
        """Somebody presses the key."""
        leg = self.next_caller()
        self.callers += 1
        self.channels[leg] = Channel(leg, "caller")
        self.feed(
            CallArrived(
                leg=leg,
                arrived_ms=self.now_ms - late_ms,
                trunk=None,
                caller=f"0216000{which % 7}" if which % 2 else None,
                called=EntryId(_nth(DIALLED, which)),
                precedence=which % 3 % 2,
                languages=("dialect",) if which % 4 == 1 else (),
                contacts=CONTACTS if which % 3 else (),
                terminal=TerminalId(f"t{which % 7}") if which % 6 == 1 else None,
            )
        )

    def next_caller(self) -> LegId:
        """Return the leg of whoever calls next."""
        return LegId(f"{NODE}:c{self.callers + 1}")

    def end(self, channel: Channel) -> None:
        """Whoever is at the far end hangs up, unless they have before."""
        if not channel.is_stuck:
            self.exchange.far_end_goes(channel, Hangup.NORMAL)

    def refuse(self, channel: Channel, why: int) -> None:
        """An agent rejects, or the phone fails."""
        self.exchange.far_end_goes(channel, _nth(REFUSALS, why))

    def caller_hangs_up(self, which: int) -> bool:
        """One caller has had enough."""
        return self._hangs_up("caller", which)

    def agent_hangs_up(self, which: int) -> bool:
        """One agent ends a conversation, or lets a ringing phone stop."""
        return self._hangs_up("agent", which)

    def desk_hangs_up(self, which: int) -> bool:
        """One agent has heard enough of a confirmation."""
        return self._hangs_up("desk", which)

    def _hangs_up(self, role: str, which: int) -> bool:
        channels = [c for c in self.channels.values() if c.role == role]
        if channels:
            self.end(_nth(channels, which))
        return bool(channels)

    def phone_rings(self, which: int) -> bool:
        """A phone that is being dialled says 180."""
        channels = self._ringing()
        if channels:
            channel = _nth(channels, which)
            self.exchange.rings(channel)
        return bool(channels)

    def phone_is_answered(self, which: int) -> bool:
        """An agent answers."""
        channels = self._ringing()
        if channels:
            channel = _nth(channels, which)
            self.exchange.is_answered(channel)
        return bool(channels)

    def phone_refuses(self, which: int, why: int) -> bool:
        """An agent rejects, or the phone fails."""
        channels = self._ringing()
        if channels:
            self.refuse(_nth(channels, which), why)
        return bool(channels)

    def _ringing(self) -> list[Channel]:
        """Return the agents' channels that may be answered."""
        agents = (c for c in self.channels.values() if c.role == "agent")
        return [channel for channel in agents if not (channel.up or channel.is_stuck)]

    def phone_changes(self, which: int, state: int) -> None:
        """A phone registers, vanishes, or is used for a private call."""
        phone = _nth(PHONES, which)
        self.registered[phone], self.in_use[phone] = _nth(
            ((True, False), (False, False), (True, True)), state
        )
        if not self.is_cut_off:
            self.feed(self._phone_states()[PHONES.index(phone)])

    def agent_asks(self, which: int, what: int, where: int) -> None:
        """A request by the API."""
        agent = AgentId(_nth((*AGENTS, "8999"), which))
        self.feed(
            _nth(
                (
                    _login(agent, agent),
                    LoginRequested(request=REQUEST, agent=agent, seat=_nth(SEATS, where)),
                    ReadyRequested(request=REQUEST, agent=agent),
                    PauseRequested(request=REQUEST, agent=agent, reason=_nth(REASONS, where)),
                    WrapUpEndRequested(request=REQUEST, agent=agent),
                    LogoutRequested(request=REQUEST, agent=agent),
                    ReservationRequested(
                        request=REQUEST, agent=agent, reason="callback", hold_ms=where * 1_000
                    ),
                    ReleaseRequested(request=REQUEST, agent=agent),
                    WrapUpExtensionRequested(request=REQUEST, agent=agent),
                    LeaveAnswerRequested(
                        request=REQUEST,
                        agent=agent,
                        supervisor=AgentId(_nth(("8002", "8001", "8090"), where // 2)),
                        granted=where % 2 == 0,
                    ),
                ),
                what,
            )
        )

    def agent_dials(self, which: int, code: int) -> None:
        """A feature code; the phone is there, for it dials."""
        phone = _nth(PHONES, which)
        self.desks += 1
        leg = LegId(f"{NODE}:d{self.desks}")
        self.channels[leg] = Channel(leg, "desk", phone, up=True)
        self.registered[phone] = True
        self.feed(CodeDialled(leg, phone, _nth(CODES, code)))

    def key_is_pressed(self, which: int, digit: int) -> None:
        """A digit on any channel."""
        if self.channels:
            channel = _nth(list(self.channels.values()), which)
            self._hear(channel.leg, DigitPressed(channel.leg, str(digit % 10)))

    def agent_controls(self, which: int, what: int, who: int) -> bool:
        """Somebody in a conversation does something with the call: by a code, or by the API."""
        talking = [c for c in self.channels.values() if c.role == "agent" and c.up]
        if not talking:
            return False
        channel = _nth(talking, which)
        if what % 7 == 0:
            words: tuple[Event, ...] = (
                PhoneHeld(channel.leg),
                PhoneUnheld(channel.leg),
                ReferRequested(channel.leg, _nth(TARGETS, who) or None, None),
            )
            self._hear(channel.leg, _nth(words, who))
            return True
        action, digits = _nth(CONTROLS, what)
        digits = digits.replace("N", _nth(TARGETS, who))
        if action is None:
            for key in digits:
                self._hear(channel.leg, DigitPressed(channel.leg, key))
        elif channel.call is not None:
            self.feed(
                ControlRequested(
                    request=REQUEST, call=channel.call, agent=None, action=action, digits=digits
                )
            )
        return True

    def phone_speaks(self, which: int, what: int) -> bool:
        """Something loud comes from an agent's phone, or has stopped."""
        channels = [c for c in self.channels.values() if c.role == "agent" and c.up]
        if channels:
            channel = _nth(channels, which)
            if what % 3:
                self.speaks(channel)
            else:
                self._hear(channel.leg, SpeechEnded(channel.leg))
        return bool(channels)

    def caller_is_heard(self, which: int, what: int) -> bool:
        """What comes from a leg that is listened to is something else now."""
        listened = list(self.exchange.listened)
        if listened:
            leg = _nth(listened, which)
            self._hear(leg, CallerHeard(leg, _nth(tuple(Heard), what)))
        return bool(listened)

    def speaks(self, channel: Channel) -> None:
        """Whoever is at the far end says something."""
        self._hear(channel.leg, SpeechStarted(channel.leg))

    def presses(self, channel: Channel, digit: str) -> None:
        """Whoever is at the far end presses a key."""
        self._hear(channel.leg, DigitPressed(channel.leg, digit))

    def supervisor_asks(self, which: int, what: int, who: int) -> None:
        """A supervisor comes to somebody's conversation, leaves it, or decides for an agent."""
        by = AgentId(_nth(SUPERVISORS, who))
        self.feed(_login(by, by))
        agent = AgentId(_nth(AGENTS, which))
        calls = [c.call for c in self.channels.values() if c.role == "agent" and c.up and c.call]
        if what % 6 == 4:
            self.feed(SupervisionEndRequested(request=REQUEST, supervisor=by))
        elif what % 6 == 5:
            action = _nth(tuple(Force), which)
            self.feed(ForceRequested(request=REQUEST, supervisor=by, agent=agent, action=action))
        elif calls:
            wanted = None if who % 5 == 0 else _nth(calls, which)
            mode = _nth(tuple(Watching), what)
            self.feed(SupervisionRequested(request=REQUEST, supervisor=by, call=wanted, mode=mode))
            self.go_on(3)
            self.phone_is_answered(-1)
            self.go_on(6)

    def supervisor_steers(self, which: int, what: int, who: int) -> None:
        """A supervisor decides about a caller, who may wait or not."""
        calls = [c.call for c in self.channels.values() if c.call and _looks_like_waiting(c)]
        by = _nth((*SUPERVISORS, "8090", "8001"), who)
        self.feed(_login(by, by))
        if calls:
            self.feed(
                SteerRequested(
                    request=REQUEST,
                    supervisor=AgentId(by),
                    call=_nth(calls, which),
                    action=_nth(tuple(Steer), what),
                    agent=AgentId(_nth(NAMED, which + who)) if what % 5 else None,
                    queue=QueueId(_nth((*(queue.id for queue in QUEUES), "nowhere"), who)),
                )
            )

    def agent_brings_a_colleague(self, which: int, who: int, how: int) -> None:
        """Somebody in a conversation finds a colleague who is there, rings them, and goes on as
        people do; any of it may come to nothing."""
        talking = [c for c in self.channels.values() if c.role == "agent" and c.up and c.call]
        if not talking:
            return
        call = _nth(talking, which).call
        assert call is not None
        begin = Control.TRANSFER if how % 3 == 0 else Control.CONSULT
        end = _nth((Control.COMPLETE, Control.JOIN, Control.BACK, Control.JOIN), how)
        colleague = _nth(AGENTS, who)
        self.feed(_login(colleague, colleague))
        self.feed(ReadyRequested(request=REQUEST, agent=AgentId(colleague)))
        for action, digits in ((begin, colleague), (end, "")):
            self.feed(
                ControlRequested(
                    request=REQUEST, call=call, agent=None, action=action, digits=digits
                )
            )
            self.go_on(4)
            self.phone_is_answered(-1)
            self.go_on(6)
            if how % 2:
                self.prompt_ends(-1)

    def agent_asks_on_another_line(self, which: int, who: int, how: int) -> bool:
        """A phone in a conversation calls somebody by a second call of its own, whom it finds or
        not, and goes on as phones do (T38): it joins both, goes back, or hangs up on either."""
        talking = [
            c for c in self.channels.values()
            if c.role == "agent" and c.up and c.phone and c.call and c.room
        ]  # fmt: skip
        if not talking:
            return False
        first = _nth(talking, which)
        assert first.phone is not None
        number = _nth(SECOND_DIALLED, who)
        if number in AGENTS:
            self.feed(_login(number, number))
            self.feed(ReadyRequested(request=REQUEST, agent=AgentId(number)))
        if how % 4:
            # Most phones hold the first line by themselves before they dial.
            self._hear(first.leg, PhoneHeld(first.leg))
            self.go_on(6)
        self.desks += 1
        second = LegId(f"{NODE}:d{self.desks}")
        self.channels[second] = Channel(second, "desk", first.phone, up=True)
        self.feed(CodeDialled(second, first.phone, number))
        self.go_on(4)
        if how % 5:
            self.phone_is_answered(-1)
        self.go_on(6)
        others = list(self.channels)
        self._end_of_another_line(first, second, _nth(others, who) if others else second, how)
        self.go_on(how % 7)
        return True

    def _end_of_another_line(
        self, first: Channel, second: LegId, strangers: LegId, how: int
    ) -> None:
        """What a phone does with its two lines; either may have gone meanwhile."""
        words: tuple[Event | None, ...] = (
            ReferRequested(first.leg, None, second),
            ReferRequested(second, None, first.leg),
            ReferRequested(first.leg, None, strangers),
            PhoneUnheld(first.leg),
            PhoneUnheld(first.leg),
            None,
        )
        if how % 9 > 5 and second in self.channels:
            for key in _nth(("*13", "*14", "*15", "*10"), how):
                self._hear(second, DigitPressed(second, key))
            return
        word = _nth(words, how)
        if word is not None:
            self._hear(first.leg, word)
            return
        leg = first.leg if how % 4 == 1 else second
        if leg in self.channels:
            self.end(self.channels[leg])

    def caller_presses(self, which: int, key: int) -> bool:
        """A caller answers the machine, rightly or not."""
        callers = [c for c in self.channels.values() if c.role == "caller"]
        if callers:
            channel = _nth(callers, which)
            self._hear(channel.leg, DigitPressed(channel.leg, _nth(KEYS, key)))
        return bool(callers)

    def directory_changes(self, what: int, which: int, level: int) -> None:
        """Somebody edits the directory while calls go on."""
        agent = _nth(AGENTS, which)
        other = _nth(AGENTS, which + level)
        queue = _nth(self.queues, which)
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
                    queue, selection=_nth(tuple(Selection), level), incident_ms=level * 3_000
                )
            ),
            lambda: QueueDefined(_relaxing(queue, level)),
            lambda: QueueDefined(_helped(queue, level)),
            lambda: QueueRemoved(queue.id),
            lambda: EntryRemoved(_nth(ENTRIES, which).id),
            lambda: EntryDefined(_nth(ENTRIES, which)),
        )
        self.feed(_nth(changes, what)())

    def order_is_restored(self) -> None:
        """The shift leader puts the directory back and gets everybody to work."""
        for queue in self.queues:
            self.feed(QueueDefined(queue))
        for entry in ENTRIES:
            self.feed(EntryDefined(entry))
        for agent in AGENTS:
            self.feed(AgentDefined(agent_of(agent)))
            self.feed(SeatDefined(seat_of(agent)))
            self.feed(_login(agent, agent))
            # At another's seat that is refused; whoever rests there is told to be ready there.
            self.feed(ReadyRequested(request=REQUEST, agent=AgentId(agent)))
            self.phone_changes(AGENTS.index(agent), 0)

    def nonsense(self, which: int) -> None:
        """Words about legs that nobody knows, or that have long gone."""
        leg = LegId(_nth((f"{NODE}:c1", f"{NODE}:d1", f"{NODE}:x", f"{NODE}:hl-1-9"), which))
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
            self.feed(_nth(words, which))

    # The end --------------------------------------------------------------------------------------

    def go_on(self, steps: int) -> None:
        """Let what is under way proceed, oldest first."""
        for _ in range(steps):
            self.wait(2)
            if not (self.perform(0) or self.deliver(0)):
                return

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


def _looks_like_waiting(channel: Channel) -> bool:
    """Tell whether a channel is a caller's at the music, or rings somebody for one."""
    if channel.role == "agent":
        return not channel.up
    return channel.room is not None and ":hl-hold-" in channel.room


def agent_of(agent: str) -> Agent:
    skills = (("emergency", 5), ("enquiry", 5)) if agent in BOTH else skills_of(agent)
    if agent == "8090":
        skills = ()
    if agent in SPEAKERS:
        skills = (("dialect", 3), *skills)
    role = Role.SUPERVISOR if agent in SUPERVISORS else Role.AGENT
    return Agent(id=AgentId(agent), name=agent, skills=skills, role=role)


def _relaxing(queue: Queue, level: int) -> Queue:
    """The queue with needs that weaken, in one step or two, and a weight."""
    return msgspec.structs.replace(queue, relaxation=RELAXATION[: level % 3], weight=level)


def _helped(queue: Queue, level: int) -> Queue:
    """The queue with others that help after a while; some may be gone."""
    others = tuple(other.id for other in QUEUES if other.id != queue.id)[level % 2 :]
    return msgspec.structs.replace(
        queue, overflow=others, overflow_ms=level * 700, precedence_ms=level * 1_000
    )


def _mode(agent: str) -> SeatMode:
    if agent in NAILED_UP:
        return SeatMode.NAILED_UP
    return SeatMode.AUTO_ANSWER if agent in PICK_UP else SeatMode.RING


def seat_of(agent: str, phone: str | None = None, mode: SeatMode | None = None) -> Seat:
    phones = (PhoneId(f"a{phone or agent}"), PhoneId(f"a{agent}-2"))
    return Seat(
        id=SeatId(f"s{agent}"),
        phones=phones,
        agent=AgentId(agent),
        mode=mode or _mode(agent),
    )


def _login(agent: str, seat: str) -> Event:
    return LoginRequested(request=REQUEST, agent=AgentId(agent), seat=SeatId(f"s{seat}"))


def _nth(items: Sequence[T], n: int) -> T:
    return items[n % len(items)]


def _keys(command: Command) -> set[str]:
    keys = {f"call {command.call}" if command.call else f"room {command.room}"}  # type: ignore[union-attr]
    phone = getattr(command, "phone", None)
    return keys if phone is None else keys | {f"phone {phone}"}
