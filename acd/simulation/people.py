"""What the people of a make-believe world do at their telephones and over the API, sensible or not.

Every choice is a number handed in, so that hypothesis can shrink a run and a seed can repeat one.
"""

from collections.abc import Callable, Sequence

from acd.core.commands import Command
from acd.core.events import (
    CallArrived,
    CallerHeard,
    CodeDialled,
    Control,
    ControlRequested,
    DigitPressed,
    Event,
    Force,
    ForceRequested,
    Hangup,
    Heard,
    LeaveAnswerRequested,
    LoginRequested,
    LogoutRequested,
    PauseRequested,
    PhoneHeld,
    PhoneUnheld,
    ReadyRequested,
    ReferRequested,
    ReleaseRequested,
    ReservationRequested,
    SpeechEnded,
    SpeechStarted,
    Steer,
    SteerRequested,
    SupervisionEndRequested,
    SupervisionRequested,
    Watching,
    WrapUpEndRequested,
    WrapUpExtensionRequested,
)
from acd.core.ids import AgentId, EntryId, LegId, QueueId, SeatId, TerminalId
from acd.simulation.careline import NODE, QUEUES, REQUEST
from acd.simulation.exchange import Channel
from acd.simulation.habits import (
    CODES,
    CONTACTS,
    CONTROLS,
    DIALLED,
    KEYS,
    NAMED,
    REASONS,
    REFUSALS,
    SECOND_DIALLED,
    TARGETS,
)
from acd.simulation.link import Link, nth
from acd.simulation.shift import AGENTS, PHONES, SEATS, SUPERVISORS


class People(Link):
    """Callers, agents at their phones, supervisors: each does one thing when told to."""

    def __init__(
        self,
        tell: Callable[[int, Event], Sequence[Command]],
        wakes_at: Callable[[], int | None],
    ) -> None:
        super().__init__(tell, wakes_at)
        self.callers = 0
        self.desks = 0

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
                called=EntryId(nth(DIALLED, which)),
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
        self.exchange.far_end_goes(channel, nth(REFUSALS, why))

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
            self.end(nth(channels, which))
        return bool(channels)

    def phone_rings(self, which: int) -> bool:
        """A phone that is being dialled says 180."""
        channels = self._ringing()
        if channels:
            channel = nth(channels, which)
            self.exchange.rings(channel)
        return bool(channels)

    def phone_is_answered(self, which: int) -> bool:
        """An agent answers."""
        channels = self._ringing()
        if channels:
            channel = nth(channels, which)
            self.exchange.is_answered(channel)
        return bool(channels)

    def phone_refuses(self, which: int, why: int) -> bool:
        """An agent rejects, or the phone fails."""
        channels = self._ringing()
        if channels:
            self.refuse(nth(channels, which), why)
        return bool(channels)

    def _ringing(self) -> list[Channel]:
        """Return the agents' channels that may be answered."""
        agents = (c for c in self.channels.values() if c.role == "agent")
        return [channel for channel in agents if not (channel.up or channel.is_stuck)]

    def phone_changes(self, which: int, state: int) -> None:
        """A phone registers, vanishes, or is used for a private call."""
        phone = nth(PHONES, which)
        self.registered[phone], self.in_use[phone] = nth(
            ((True, False), (False, False), (True, True)), state
        )
        if not self.is_cut_off:
            self.feed(self._phone_states()[PHONES.index(phone)])

    def agent_asks(self, which: int, what: int, where: int) -> None:
        """A request by the API."""
        agent = AgentId(nth((*AGENTS, "8999"), which))
        self.feed(
            nth(
                (
                    logs_in(agent, agent),
                    LoginRequested(request=REQUEST, agent=agent, seat=nth(SEATS, where)),
                    ReadyRequested(request=REQUEST, agent=agent),
                    PauseRequested(request=REQUEST, agent=agent, reason=nth(REASONS, where)),
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
                        supervisor=AgentId(nth(("8002", "8001", "8090"), where // 2)),
                        granted=where % 2 == 0,
                    ),
                ),
                what,
            )
        )

    def agent_dials(self, which: int, code: int) -> None:
        """A feature code; the phone is there, for it dials."""
        phone = nth(PHONES, which)
        self.desks += 1
        leg = LegId(f"{NODE}:d{self.desks}")
        self.channels[leg] = Channel(leg, "desk", phone, up=True)
        self.registered[phone] = True
        self.feed(CodeDialled(leg, phone, nth(CODES, code)))

    def key_is_pressed(self, which: int, digit: int) -> None:
        """A digit on any channel."""
        if self.channels:
            channel = nth(list(self.channels.values()), which)
            self._hear(channel.leg, DigitPressed(channel.leg, str(digit % 10)))

    def agent_controls(self, which: int, what: int, who: int) -> bool:
        """Somebody in a conversation does something with the call: by a code, or by the API."""
        talking = [c for c in self.channels.values() if c.role == "agent" and c.up]
        if not talking:
            return False
        channel = nth(talking, which)
        if what % 7 == 0:
            words: tuple[Event, ...] = (
                PhoneHeld(channel.leg),
                PhoneUnheld(channel.leg),
                ReferRequested(channel.leg, nth(TARGETS, who) or None, None),
            )
            self._hear(channel.leg, nth(words, who))
            return True
        action, digits = nth(CONTROLS, what)
        digits = digits.replace("N", nth(TARGETS, who))
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
            channel = nth(channels, which)
            if what % 3:
                self.speaks(channel)
            else:
                self._hear(channel.leg, SpeechEnded(channel.leg))
        return bool(channels)

    def caller_is_heard(self, which: int, what: int) -> bool:
        """What comes from a leg that is listened to is something else now."""
        listened = list(self.exchange.listened)
        if listened:
            leg = nth(listened, which)
            self._hear(leg, CallerHeard(leg, nth(tuple(Heard), what)))
        return bool(listened)

    def speaks(self, channel: Channel) -> None:
        """Whoever is at the far end says something."""
        self._hear(channel.leg, SpeechStarted(channel.leg))

    def presses(self, channel: Channel, digit: str) -> None:
        """Whoever is at the far end presses a key."""
        self._hear(channel.leg, DigitPressed(channel.leg, digit))

    def supervisor_asks(self, which: int, what: int, who: int) -> None:
        """A supervisor comes to somebody's conversation, leaves it, or decides for an agent."""
        by = AgentId(nth(SUPERVISORS, who))
        self.feed(logs_in(by, by))
        agent = AgentId(nth(AGENTS, which))
        calls = [c.call for c in self.channels.values() if c.role == "agent" and c.up and c.call]
        if what % 6 == 4:
            self.feed(SupervisionEndRequested(request=REQUEST, supervisor=by))
        elif what % 6 == 5:
            action = nth(tuple(Force), which)
            self.feed(ForceRequested(request=REQUEST, supervisor=by, agent=agent, action=action))
        elif calls:
            wanted = None if who % 5 == 0 else nth(calls, which)
            mode = nth(tuple(Watching), what)
            self.feed(SupervisionRequested(request=REQUEST, supervisor=by, call=wanted, mode=mode))
            self.go_on(3)
            self.phone_is_answered(-1)
            self.go_on(6)

    def supervisor_steers(self, which: int, what: int, who: int) -> None:
        """A supervisor decides about a caller, who may wait or not."""
        calls = [c.call for c in self.channels.values() if c.call and _looks_like_waiting(c)]
        by = nth((*SUPERVISORS, "8090", "8001"), who)
        self.feed(logs_in(by, by))
        if calls:
            self.feed(
                SteerRequested(
                    request=REQUEST,
                    supervisor=AgentId(by),
                    call=nth(calls, which),
                    action=nth(tuple(Steer), what),
                    agent=AgentId(nth(NAMED, which + who)) if what % 5 else None,
                    queue=QueueId(nth((*(queue.id for queue in QUEUES), "nowhere"), who)),
                )
            )

    def agent_brings_a_colleague(self, which: int, who: int, how: int) -> None:
        """Somebody in a conversation finds a colleague who is there, rings them, and goes on as
        people do; any of it may come to nothing."""
        talking = [c for c in self.channels.values() if c.role == "agent" and c.up and c.call]
        if not talking:
            return
        call = nth(talking, which).call
        assert call is not None
        begin = Control.TRANSFER if how % 3 == 0 else Control.CONSULT
        end = nth((Control.COMPLETE, Control.JOIN, Control.BACK, Control.JOIN), how)
        colleague = nth(AGENTS, who)
        self.feed(logs_in(colleague, colleague))
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
        first = nth(talking, which)
        assert first.phone is not None
        number = nth(SECOND_DIALLED, who)
        if number in AGENTS:
            self.feed(logs_in(number, number))
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
        self._end_of_another_line(first, second, nth(others, who) if others else second, how)
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
            for key in nth(("*13", "*14", "*15", "*10"), how):
                self._hear(second, DigitPressed(second, key))
            return
        word = nth(words, how)
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
            channel = nth(callers, which)
            self._hear(channel.leg, DigitPressed(channel.leg, nth(KEYS, key)))
        return bool(callers)


def _looks_like_waiting(channel: Channel) -> bool:
    """Tell whether a channel is a caller's at the music, or rings somebody for one."""
    if channel.role == "agent":
        return not channel.up
    return channel.room is not None and ":hl-hold-" in channel.room


def logs_in(agent: str, seat: str) -> Event:
    return LoginRequested(request=REQUEST, agent=AgentId(agent), seat=SeatId(f"s{seat}"))
