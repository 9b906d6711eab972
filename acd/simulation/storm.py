"""The fault simulation: people with plans, an Asterisk in bad weather, and then calm.

Drives the same world as the property tests, but by the clock: every request and every word takes
its time, stalls, is refused, lost with the link, or heard twice; phones ring until somebody
answers; callers talk as long as they meant to.  After the storm the faults are over: everybody who
is still there must then be talking to somebody soon, and in the end nothing may be left.

The workload knows the outcome: a caller whose audio met an agent's, as the pretend Asterisk has
it, must be recorded as answered, and one who never met anybody must not.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from acd.core.commands import Command
from acd.core.events import Event
from acd.core.facts import CallEnded, CallOffered, Outcome
from acd.core.ids import CallId, LegId, PlaybackId
from acd.simulation.agenda import Agenda
from acd.simulation.careline import EPOCH_MS
from acd.simulation.exchange import Channel
from acd.simulation.shift import AGENTS, PHONES, PICK_UP, POLICIES
from acd.simulation.watched import Watched
from acd.simulation.weather import CALM, Weather, weather_of
from acd.simulation.world import World

STORM_MS = 150_000
CALM_MS_MAX = 600_000
"""Every caller is talking by then: the longest line has been worked off, broken phones have been
tested, and whoever was on a break is back."""

SETTLED_MS = 5_000
"""Audio that was there so long, with nothing in its way, has been heard of."""

PICK_UP_PHONES = tuple(PHONES[AGENTS.index(agent)] for agent in PICK_UP)

UNMET = tuple(outcome for outcome in Outcome if outcome is not Outcome.ANSWERED)
"""What becomes of a call that no agent has answered: left, refused, lost, a message, a menu …"""

WHOLE_EVERY = 25
"""Steps between two looks at everything."""

LATE_MS = 12 * 60_000
"""After the last call: rests, test rings and wrap-ups have run out."""


@dataclass(eq=False)
class Contact:
    """One caller, as the world knows them."""

    leg: LegId
    talk_ms: int
    patience_ms: int | None
    met_ms: int | None = None
    """Since when an agent's audio has been there, for the first time."""
    parted_ms: int | None = None
    """When the two were no longer together."""
    is_certain: bool = False
    """They were together for a while and nothing stood between that and the core."""


class Storm:
    """One run.  ``run`` raises ``AssertionError``, or what the core raises, at the first promise
    broken."""

    def __init__(self, seed: int) -> None:
        self._chance = Random(seed)
        self.weather: Weather = weather_of(self._chance)
        self.watched = Watched(whole_every=WHOLE_EVERY)
        self._agenda = Agenda(EPOCH_MS)
        self.contacts: dict[LegId, Contact] = {}
        self._calls: dict[CallId, Contact] = {}
        self.outcomes: dict[LegId, Outcome] = {}
        self.happened: Counter[str] = Counter()
        self._requests = 0
        """Performances on the agenda; likewise by leg the words to be delivered."""
        self._words: dict[LegId | None, int] = {}
        self._word_due_ms: dict[LegId | None, int] = {}
        self._disturbed_ms = EPOCH_MS
        """Until when something stood between what happened and the core."""
        self._phones: dict[LegId, None] = {}
        self._prompts: dict[PlaybackId, None] = {}
        policy = self._chance.choice(POLICIES)
        self.world = World(self._tell, self.watched.core.next_deadline, policy)

    @property
    def digest(self) -> str:
        """Of everything the core has answered."""
        return self.watched.digest.hex()

    def run(self) -> None:
        """The storm, the calm, and the reckoning."""
        for rate in _RATES:
            self._plan_next(rate)
        self._until(EPOCH_MS + STORM_MS)
        self._calm_down()
        self._reckon()

    def _tell(self, now_ms: int, event: Event) -> list[Command]:
        if self._chance.random() < self.weather.clock_steps:
            now_ms -= self._chance.randrange(60_000)
        before = self.watched.steps
        commands = self.watched.tell(now_ms, event)
        # What was overdue is a step of its own, and a call may have ended in it.
        steps = list(self.watched.recent)[before - self.watched.steps :]
        for effect in (effect for _, _, effects in steps for effect in effects):
            if isinstance(effect, CallOffered):
                self._calls[effect.call] = self.contacts[effect.leg]
            elif isinstance(effect, CallEnded):
                self.outcomes[self._calls[effect.call].leg] = effect.outcome
        return list(commands)

    # Time ---------------------------------------------------------------------------------------

    def _until(self, end_ms: int) -> None:
        agenda, world = self._agenda, self.world
        while (moment_ms := self._next_moment()) is not None and moment_ms <= end_ms:
            world.wait(moment_ms - world.now_ms)
            self._look_around()
            if (next_ms := agenda.next_ms()) is not None and next_ms <= moment_ms:
                agenda.advance()
                self._look_around()
        world.wait(end_ms - world.now_ms)
        self._look_around()

    def _next_moment(self) -> int | None:
        """When the next thing happens, or the core wants to be woken."""
        due_ms = None if self.world.is_asleep else self.watched.core.next_deadline()
        moments = [m for m in (self._agenda.next_ms(), due_ms) if m is not None]
        return max(min(moments), self.world.now_ms) if moments else None

    def _look_around(self) -> None:
        """Give everything new its time: requests, words, ringing phones, prompts."""
        self._agenda.now_ms = max(self._agenda.now_ms, self.world.now_ms)
        while self._requests < len(self.world.pending):
            self._requests += 1
            self._agenda.after(self._delay_ms(), self._perform)
        for leg, words in self.world.heard.items():
            for _ in range(self._words.get(leg, 0), len(words)):
                due_ms = self._agenda.now_ms + self._delay_ms()
                # What one leg says stays in order.
                due_ms = max(due_ms, self._word_due_ms.get(leg, 0))
                self._word_due_ms[leg] = due_ms
                self._words[leg] = self._words.get(leg, 0) + 1
                self._agenda.at(due_ms, self._deliver, leg)
        for channel in list(self.world.channels.values()):
            if channel.role == "agent" and channel.leg not in self._phones:
                self._phones[channel.leg] = None
                self._ring(channel)
        for playback in self.world.exchange.playbacks:
            if playback not in self._prompts and playback not in self.world.exchange.tones:
                self._prompts[playback] = None
                self._agenda.after(self._chance.randint(500, 4_000), self._prompt_ends, playback)
        self._see_who_meets()

    def _delay_ms(self) -> int:
        if self._chance.random() < self.weather.stalls:
            delay_ms = self._chance.randint(1_000, 6_000)
            self._disturbed_until(self.world.now_ms + delay_ms)
            return delay_ms
        return self._chance.randint(1, 2 * self.weather.slow_ms)

    def _disturbed_until(self, at_ms: int) -> None:
        self._disturbed_ms = max(self._disturbed_ms, at_ms)

    # Asterisk -----------------------------------------------------------------------------------

    def _perform(self) -> None:
        self._requests -= 1
        fails = self._chance.random() < self.weather.refusals
        if fails and self.world.pending:
            self._disturbed_until(self.world.now_ms + SETTLED_MS)
        self.world.perform(self._chance.randrange(1_000), fails=fails)

    def _deliver(self, leg: LegId | None) -> None:
        self._words[leg] -= 1
        self.world.deliver_from(leg, twice=self._chance.random() < self.weather.echoes)

    def _prompt_ends(self, playback: PlaybackId) -> None:
        self.world.exchange.finish(playback)

    def _see_who_meets(self) -> None:
        """An agent's audio is there when both are in one room that is no waiting room."""
        rooms: dict[str, list[Channel]] = {}
        for channel in self.world.channels.values():
            if channel.room is not None and "room-" in channel.room:
                rooms.setdefault(channel.room, []).append(channel)
        together: dict[LegId, None] = {}
        for members in rooms.values():
            if any(member.role == "agent" and member.up for member in members):
                together.update({m.leg: None for m in members if m.role == "caller"})
        for leg in together:
            contact = self.contacts[leg]
            if contact.met_ms is None:
                contact.met_ms = self.world.now_ms
                self._agenda.after(contact.talk_ms, self._leave, contact)
        for contact in self.contacts.values():
            is_met = contact.met_ms is not None and contact.parted_ms is None
            if is_met and contact.leg not in together:
                self._part(contact)

    def _part(self, contact: Contact) -> None:
        assert contact.met_ms is not None
        contact.parted_ms = now_ms = self.world.now_ms
        contact.is_certain = (
            now_ms - contact.met_ms > SETTLED_MS
            and self._disturbed_ms < contact.met_ms
            and not (self.world.is_asleep or self.world.is_cut_off)
        )

    # Faults -------------------------------------------------------------------------------------

    def _cut(self) -> None:
        if not self.world.is_cut_off:
            self.happened["cut"] += 1
            self.world.cut_off()
            self._agenda.after(self._chance.randint(100, 15_000), self._mend)

    def _mend(self) -> None:
        if self.world.is_cut_off:
            self.world.mend()
            self._disturbed_until(self.world.now_ms + SETTLED_MS)

    def _restart(self) -> None:
        self.happened["restart"] += 1
        self.world.restart()
        self._disturbed_until(self.world.now_ms + SETTLED_MS)

    def _stick(self) -> None:
        if self.world.channel_sticks(self._n()):
            self.happened["stuck"] += 1

    def _freeze(self) -> None:
        if not self.world.is_asleep:
            self.happened["freeze"] += 1
            self.world.is_asleep = True
            self._agenda.after(self._chance.choice((300, 2_000, 12_000, 30_000)), self._wake_up)

    def _wake_up(self) -> None:
        if self.world.is_asleep:
            self.world.wake_up()
            self._disturbed_until(self.world.now_ms + SETTLED_MS)

    # People -------------------------------------------------------------------------------------

    def _call(self) -> None:
        # While the link is away Stasis() fails and the dialplan's fallback answers.
        if self.world.is_cut_off:
            self.happened["fallback"] += 1
            return
        late_ms = self._chance.choice((0, 0, 0, 900))
        is_impatient = self._chance.random() < self.weather.impatience
        contact = Contact(
            leg=LegId(self.world.next_caller()),
            talk_ms=self._chance.choice((200, 900, 4_000, 15_000, 60_000)),
            patience_ms=self._chance.randint(0, 30_000) if is_impatient else None,
        )
        self.contacts[contact.leg] = contact
        self.happened["call"] += 1
        self.world.caller_calls(self._chance.randrange(60), late_ms)
        if contact.patience_ms is not None:
            self._agenda.after(contact.patience_ms, self._lose_patience, contact)

    def _lose_patience(self, contact: Contact) -> None:
        if contact.met_ms is None:
            self._leave(contact)

    def _leave(self, contact: Contact) -> None:
        channel = self.world.channels.get(contact.leg)
        if channel is not None:
            self.world.end(channel)

    def _ring(self, channel: Channel) -> None:
        """A phone rings, and whoever sits there does what people do.  One that picks up by itself
        does so whether or not anybody sits there."""
        fate = self._chance.random()
        rings_ms = self._chance.randint(30, 300)
        reacts_ms = self._chance.randint(400, 6_000)
        self._agenda.after(rings_ms, self._rings, channel)
        if channel.is_line:
            self._agenda.after(rings_ms, self._pick_up, channel)
            self._agenda.after(rings_ms, self._mind, channel)
        elif channel.phone in PICK_UP_PHONES:
            self._agenda.after(rings_ms, self._pick_up, channel)
            if fate >= self.weather.misses:
                self._agenda.after(rings_ms + reacts_ms // 2, self._speak, channel)
        elif fate >= self.weather.misses + self.weather.rejections:
            self._agenda.after(reacts_ms, self._pick_up, channel)
        elif fate >= self.weather.misses:
            self._agenda.after(reacts_ms, self._reject, channel)

    def _is_ringing(self, channel: Channel) -> bool:
        is_there = self.world.channels.get(channel.leg) is channel
        return is_there and not (channel.up or channel.is_stuck)

    def _rings(self, channel: Channel) -> None:
        if self._is_ringing(channel):
            self.world.exchange.rings(channel)

    def _pick_up(self, channel: Channel) -> None:
        if self._is_ringing(channel):
            self.world.exchange.is_answered(channel)
            if self._chance.random() < self.weather.early_ends:
                self._agenda.after(self._chance.randint(0, 8_000), self._end, channel)

    def _speak(self, channel: Channel) -> None:
        """Somebody is there: says a word, and presses a key should that be asked for."""
        is_there = self.world.channels.get(channel.leg) is channel
        if is_there and channel.up and not channel.is_stuck:
            self.world.speaks(channel)
            self.world.presses(channel, "5")

    def _mind(self, channel: Channel) -> None:
        """Somebody sits at a line that stays open, mostly: a beep is answered in time."""
        if self.world.channels.get(channel.leg) is channel:
            if self._chance.random() >= self.weather.misses:
                self._speak(channel)
            self._agenda.after(self._chance.randint(500, 3_000), self._mind, channel)

    def _reject(self, channel: Channel) -> None:
        if self._is_ringing(channel):
            self.world.refuse(channel, self._chance.randrange(60))

    def _end(self, channel: Channel) -> None:
        if self.world.channels.get(channel.leg) is channel:
            self.world.end(channel)

    # Rates --------------------------------------------------------------------------------------

    def _plan_next(self, rate: str) -> None:
        """Have this happen again, after an exponential time; not at all when it is off."""
        per_minute = getattr(self.weather, rate)
        if per_minute > 0:
            delay_ms = int(self._chance.expovariate(per_minute / 60_000))
            self._agenda.after(delay_ms, self._happen, rate)

    def _happen(self, rate: str) -> None:
        if getattr(self.weather, rate) > 0:
            _RATES[rate](self)
            self._plan_next(rate)

    def _n(self) -> int:
        return self._chance.randrange(60)

    # The end ------------------------------------------------------------------------------------

    def _calm_down(self) -> None:
        """The faults are over, and everybody is at work: whoever is still there is answered."""
        self.weather = CALM
        self._wake_up()
        self._mend()
        self.world.stuck_channels_end()
        self.world.order_is_restored()
        for channel in list(self.world.channels.values()):
            if channel.role == "agent":
                act = self._speak if channel.up else self._pick_up
                self._agenda.after(self._chance.randint(400, 3_000), act, channel)
        end_ms = self.world.now_ms + CALM_MS_MAX
        while self.world.at_work() and self.world.now_ms < end_ms:
            self._until(self.world.now_ms + 1_000)
            if self.world.now_ms // 1_000 % 60 == 0:
                # Somebody may have asked, in the storm, to be away after the call.
                self.world.order_is_restored()
            for channel in list(self.world.channels.values()):
                # Nobody holds a confirmation, or an empty line, for ever.
                is_left = channel.role == "caller" and self.contacts[channel.leg].parted_ms
                if channel.role == "desk" or is_left:
                    self._agenda.after(self._chance.randint(1_000, 9_000), self._end, channel)
        waiting = [c.leg for c in self.contacts.values() if c.leg in self.world.channels]
        assert not waiting, f"{waiting} still wait, and it has been calm for {CALM_MS_MAX} ms"
        assert not self.world.at_work(), f"left over: {self.world.at_work()}"
        self._until(self.world.now_ms + LATE_MS)
        self.world.close_lines()
        self._until(self.world.now_ms + LATE_MS)
        assert not self.world.channels, f"left over: {list(self.world.channels.values())}"

    def _reckon(self) -> None:
        self.watched.close()
        for contact in self.contacts.values():
            outcome = self.outcomes[contact.leg]
            assert outcome in self._possible(contact), f"{contact} was {outcome}"

    def _possible(self, contact: Contact) -> tuple[Outcome, ...]:
        """What the record may say of a caller, by what the world knows."""
        if contact.met_ms is None:
            return UNMET
        if contact.is_certain:
            return (Outcome.ANSWERED,)
        # They met, but the word of it may have been lost or come late.
        return (Outcome.ANSWERED, *UNMET)


_RATES: dict[str, Callable[[Storm], object]] = {
    "calls": Storm._call,
    "cuts": Storm._cut,
    "restarts": Storm._restart,
    "sticks": Storm._stick,
    "freezes": Storm._freeze,
    "phone_changes": lambda s: s.world.phone_changes(s._n(), s._chance.choice((0, 0, 1, 2))),
    "requests": lambda s: s.world.agent_asks(s._n(), s._n(), s._n()),
    "codes": lambda s: s.world.agent_dials(s._n(), s._n()),
    "controls": lambda s: s.world.agent_controls(s._n(), s._n(), s._n()),
    "speech": lambda s: s.world.phone_speaks(s._n(), s._n()),
    "colleagues": lambda s: s.world.agent_brings_a_colleague(s._n(), s._n(), s._n()),
    "supervision": lambda s: s.world.supervisor_asks(s._n(), s._n(), s._n()),
    "steering": lambda s: s.world.supervisor_steers(s._n(), s._n(), s._n()),
    "keys": lambda s: s.world.key_is_pressed(s._n(), s._n()),
    "nonsense": lambda s: s.world.nonsense(s._n()),
    "edits": lambda s: s.world.directory_changes(s._n(), s._n(), s._chance.randint(1, 10)),
    "repairs": lambda s: s.world.order_is_restored(),
}
"""What happens by itself, by the name of its rate."""
