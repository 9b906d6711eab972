"""Stories: tests of the core that read like a call.

A story is a text table, one line per moment: the time in seconds, what happens, and behind the
bar everything that follows from it, in order.  ``tell`` plays it against a strict core and
compares the whole table; the invariants are checked after every step.  A moment may not lie
behind a deadline of the core, so no story can forget that time passes.

What is left out of the right side, because something shown implies it: the facts ``OfferMade``
and "agent is offered" (a ``ring``), "agent is talking" (an accepted offer), and ``LegEnded``.

Callers are letters, agents their numbers; a leg is called by whoever is at its end.  ``desk
8001`` is the leg of the agent's own call to a feature code, ``8001'`` the leg before the last
that rang 8001.
"""

import re
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, get_args

import msgspec

from acd.core.commands import (
    AnswerLeg,
    AnswerRefer,
    CallPhone,
    CloseRoom,
    Command,
    DetectTalk,
    DialNumber,
    HandToFallback,
    HangUp,
    Hush,
    JoinRoom,
    KeepCaller,
    KeepMemo,
    LeaveRoom,
    ListenTo,
    OpenHoldingRoom,
    OpenRoom,
    OpenSnoop,
    Play,
    PlayTone,
    RecordLeg,
    Release,
    RingPhone,
    SeatAnew,
    SendKeys,
    SetGain,
    StopDetecting,
    StopListening,
    StopPlay,
    StopRecording,
)
from acd.core.directory import (
    Agent,
    Contact,
    ContactKind,
    DeviceCode,
    DeviceMeaning,
    DeviceTest,
    Entry,
    EntryKind,
    Outside,
    Queue,
    Reach,
    RescueService,
    Role,
    Seat,
    SeatMode,
    SkillNeed,
    Widening,
)
from acd.core.emergency.case import CaseRole, Form
from acd.core.events import (
    AgentDefined,
    AgentRemoved,
    Appointment,
    AreaDefined,
    CallArrived,
    CallbackRequested,
    CallerHeard,
    CallRequested,
    CaseAction,
    CaseRequested,
    ChannelsCompared,
    CodeDialled,
    CommandFailed,
    Control,
    ControlRequested,
    Device,
    DigitPressed,
    EntryDefined,
    EntryRemoved,
    Event,
    Force,
    ForceRequested,
    Hangup,
    Heard,
    LeaveAnswerRequested,
    LegAnswered,
    LegAway,
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
    RatingGiven,
    ReadyRequested,
    RecordingStarted,
    ReferRequested,
    ReleaseRequested,
    ReportHandedIn,
    ReservationRequested,
    SeatDefined,
    SeatRemoved,
    SnoopGone,
    SnoopStarted,
    SpeechEnded,
    SpeechStarted,
    Steer,
    SteerRequested,
    SupervisionEndRequested,
    SupervisionRequested,
    SwitchConnected,
    TerminalSilent,
    TerminalTestNoted,
    TimePassed,
    TrunkDefined,
    TrunkRemoved,
    TrunkReported,
    Watching,
    WrapUpEndRequested,
    WrapUpExtensionRequested,
    WrittenOffline,
)
from acd.core.facts import (
    AfterwordNoted,
    AgentStateChanged,
    CallAnswered,
    CallClassified,
    CallDisposed,
    CallEnded,
    CallerResponded,
    CallHeld,
    CallOffered,
    CallPickedUp,
    CallPlaced,
    CallQueued,
    CallRated,
    CallReached,
    CallReleased,
    CallRequeued,
    CallResumed,
    CallSteered,
    CaseNoted,
    ChairFoundEmpty,
    ConfigurationTakenBack,
    Defect,
    DeviceReported,
    DialEnded,
    EmergencyReported,
    Ignored,
    IncidentOpened,
    LeaveAnswered,
    LeaveAsked,
    LeftWithoutConsent,
    LegRecorded,
    MenuAnswered,
    NoResponseFlagged,
    ObligationNoted,
    OfferEnded,
    PlacedCallEnded,
    PromiseBroken,
    RatingAsked,
    Repaired,
    ReplyOwed,
    RequestRefused,
    ResponseNoted,
    SilencePrompted,
    StateForced,
    SupervisionEnded,
    SupervisionStarted,
    TerminalTested,
    TestRingEnded,
    TransferEnded,
    TransferStarted,
    WrapUpEnded,
    WrapUpExtended,
)
from acd.core.follow_up.owed import OF_TERMINALS, OwedFor
from acd.core.ids import (
    AgentId,
    CallId,
    CaseId,
    ElderId,
    EntryId,
    LegId,
    ObligationId,
    PhoneId,
    PlaybackId,
    QueueId,
    RoomId,
    SeatId,
    TerminalId,
    TrunkId,
)
from acd.core.invariants import check_all, check_touched
from acd.core.replies import Done, Refused
from acd.core.scripts import RATINGS, RatingScale, RatingSource
from acd.core.state import Effect
from acd.core.switch import Core
from acd.simulation.careline import (
    AREA,
    EMERGENCY,
    ENQUIRY,
    ENTRIES,
    EPOCH_MS,
    NODE,
    QUEUES,
    REQUEST,
    SYNTHETIC,
    TRUNKS,
    skills_of,
)

__all__ = [
    "EMERGENCY",
    "ENQUIRY",
    "ENTRIES",
    "EPOCH_MS",
    "NODE",
    "QUEUES",
    "REQUEST",
    "SYNTHETIC",
    "Story",
    "tell",
]

CONTACTS = (
    Contact(ContactKind.RELATIVE, "01390000001"),
    Contact(ContactKind.RELATIVE, "01390000002"),
)
"""Of every caller in a story."""
DEVICE_CODES = (
    DeviceCode(digits="#91", meaning=DeviceMeaning.LOW_BATTERY, task="battery"),
    DeviceCode(digits="#93", meaning=DeviceMeaning.TEST),
    DeviceCode(digits="#941", meaning=DeviceMeaning.MAINS_LOST),
)
"""Of every terminal in a story."""
COMMANDS = get_args(Command)

MARKS = (
    KeepMemo,
    KeepCaller,
    PromiseBroken,
    IncidentOpened,
    ObligationNoted,
    CallerResponded,
    StopListening,
    StopPlay,
    StopDetecting,
)
"""Deadlines that only leave a mark; a story need not have a line for them."""


def tell(
    table: str,
    *,
    agents: str = "",
    away: str = "",
    auto: str = "",
    nailed: str = "",
    queues: tuple[Queue, ...] = QUEUES,
    strict: bool = True,
    owed: bool = False,
    silence: bool = False,
    seats: bool = False,
) -> "Story":
    """Play a table and assert that every moment has the effects it names.

    ``agents`` are there and ready from before the story, in this order of idleness; ``away``
    are in the directory, with a seat each, and not logged in.  The phones of ``auto`` pick up by
    themselves; the lines of ``nailed`` are open from before the story on, if they are there.
    Callers speak as soon as they are listened to, and nothing is told of it, unless the story is
    about ``silence``.  Who is seated anew is told in stories about ``seats`` alone.
    """
    modes = dict.fromkeys(auto.split(), SeatMode.AUTO_ANSWER)
    modes |= dict.fromkeys(nailed.split(), SeatMode.NAILED_UP)
    story = Story(
        agents=agents.split(), away=away.split(), modes=modes, queues=queues, strict=strict
    )
    story.tells_owed = owed
    story.tells_silence = silence
    story.tells_seats = seats
    return go_on(story, table)


def go_on(story: "Story", table: str) -> "Story":
    """Play more moments of a story that has begun."""
    expected = [_split(line) for line in _lines(table)]
    told = [(time, what, story.moment(time, what)) for time, what, _ in expected]
    assert told == expected, "what was played:\n" + "\n".join(_aligned(told))
    return story


def _lines(table: str) -> list[str]:
    """Return the moments; a line that begins with a bar belongs to the one before."""
    joined = re.sub(r"\n\s*\|", " ", table)
    return [line for line in joined.splitlines() if line.strip()]


def _split(line: str) -> tuple[str, str, str]:
    match = re.fullmatch(r"\s*(\d+\.\d{3})\s+([^|]+?)\s*\|\s*(.+?)\s*", line)
    assert match, f"not `seconds  what happens | what follows`: {line}"
    return match[1], match[2], " ".join(match[3].split())


def _aligned(moments: list[tuple[str, str, str]], width: int = 91) -> list[str]:
    """Write moments as a story's table, ready to be read or pasted."""
    clock = max(len(time) for time, _, _ in moments)
    left = clock + 2 + max(len(what) for _, what, _ in moments)
    lines = []
    for time, what, effects in moments:
        for n, part in enumerate(_wrapped(effects, width - left - 3)):
            lines.append(f"{f'{time:>{clock}}  {what}' if n == 0 else '':{left}} | {part}")
    return lines


def _wrapped(effects: str, width: int) -> list[str]:
    """Break between effects where that is possible, else between words."""
    glued = [
        effect.replace(" ", "\xa0") if len(effect) < width else effect
        for effect in effects.split("; ")
    ]
    parts = textwrap.wrap("; ".join(glued), width, break_long_words=False, break_on_hyphens=False)
    return [part.replace("\xa0", " ") for part in parts]


def seconds(duration_ms: int) -> str:
    """Write milliseconds as seconds."""
    return f"{duration_ms / 1000:.3f}"


@dataclass
class Names:
    """What the story calls the things that the core named."""

    call: dict[CallId, str] = field(default_factory=dict)
    leg: dict[LegId, str] = field(default_factory=dict)
    rung: dict[str, list[LegId]] = field(default_factory=dict)
    """Legs that rang a phone, the newest last."""
    desk: dict[str, LegId] = field(default_factory=dict)
    prompt: dict[PlaybackId, str] = field(default_factory=dict)
    playing: dict[LegId, PlaybackId] = field(default_factory=dict)
    lines: dict[RoomId, None] = field(default_factory=dict)
    """Rooms of lines that stay open."""
    target: dict[LegId, RoomId] = field(default_factory=dict)
    """The room each leg was last told to join."""

    def find_leg(self, name: str) -> LegId:
        """Return the leg that a story means."""
        if name.startswith("desk "):
            return self.desk[name[5:]]
        if name.endswith("'"):
            return self.rung[name[:-1]][-2]
        if name in self.rung:
            return self.rung[name][-1]
        return LegId(f"{NODE}:{name}")


class Story:
    """A strict core, its small directory, and the names of what happens in it."""

    def __init__(
        self,
        *,
        agents: list[str],
        away: list[str],
        queues: tuple[Queue, ...],
        strict: bool,
        modes: Mapping[str, SeatMode] | None = None,
        epoch: int = 7,
    ) -> None:
        self.core = Core(epoch=epoch, dice=Random(7), strict=strict)
        self.names = Names()
        self.terminals: dict[str, str] = {}
        """By the name of whoever has one."""
        self.effects: list[Effect] = []
        """Of the whole story, without its preparation."""
        self.foreseen: list[RingPhone] = []
        """Rings told before their step; each was the first command of it."""
        self._now_ms = EPOCH_MS
        self._steps = 0
        self._queues = {queue.id: queue for queue in queues}
        for queue in queues:
            self._prepare(QueueDefined(queue))
        for entry in ENTRIES:
            self._prepare(EntryDefined(entry))
        self._prepare(AreaDefined(AREA))
        for trunk in TRUNKS:
            self._prepare(TrunkDefined(trunk))
        for agent in agents + away:
            self._prepare(AgentDefined(_agent(agent)))
            mode = (modes or {}).get(agent, SeatMode.RING)
            self._prepare(SeatDefined(_seat(f"s{agent}", f"a{agent}", agent, mode)))
        self._prepare(SwitchConnected(NODE, ()))
        for n, agent in enumerate(agents):
            self._prepare(_login(agent, f"s{agent}"), n)
            if agent in self.names.rung:
                line = self.names.rung[agent][-1]
                self._prepare(LegAnswered(line), n)
                self._prepare(LegJoined(line, self.names.target[line]), n)

    tells_owed = False
    tells_silence = False
    tells_seats = False
    whole_every = 1
    """Steps between two looks at everything: more for a story of thousands, which would look at all
    that it has gathered as often.  What a step has touched is looked at after each."""

    def moment(self, time: str, what: str) -> str:
        """Play one line; return what followed."""
        now_ms = EPOCH_MS + round(float(time) * 1000)
        while (due_ms := self.core.next_deadline()) is not None and due_ms < now_ms:
            begun = len(self.effects)
            self.step(due_ms, TimePassed())
            marks = all(isinstance(effect, MARKS) for effect in self.effects[begun:])
            assert marks, f"{time} {what}: something was due at {seconds(due_ms - EPOCH_MS)}"
        self._now_ms = now_ms
        shown: list[str] = []
        for part in what.split("; "):
            for event in self._events(part):
                shown += self.step(now_ms, event)
        return "; ".join(shown) or "-"

    def step(self, now_ms: int, event: Event) -> list[str]:
        """Take one event in, check what must always hold, return what is to be shown."""
        foreseen = self.core.foresee(now_ms, event) if isinstance(event, CallArrived) else None
        effects = self.core.step(now_ms, event)
        if foreseen is not None:
            self.foreseen.append(foreseen)
            assert foreseen == next(one for one in effects if isinstance(one, COMMANDS))
        self._steps += 1
        wrong = check_touched(self.core.state)
        if self._steps % self.whole_every == 0:
            wrong += check_all(self.core.state)
        assert not wrong, wrong
        self.effects += effects
        shown = [text for effect in effects if (text := self._render(effect)) is not None]
        if not self.tells_silence:
            for leg in self._spoken_to(effects):
                shown += self.step(now_ms, CallerHeard(leg, Heard.SOUND))
                shown += self.step(now_ms, CallerHeard(leg, Heard.SPEECH))
        return shown

    def _spoken_to(self, effects: Sequence[Effect]) -> list[LegId]:
        """Callers who are listened to from now on, or have an agent with them."""
        calls = self.core.state.calls
        legs = [one.leg for one in effects if isinstance(one, ListenTo)]
        joined = [calls[one.call] for one in effects if isinstance(one, CallAnswered)]
        legs += [call.caller_leg for call in joined if call.silence is not None]
        return list(dict.fromkeys(legs))

    def _prepare(self, event: Event, later_ms: int = 0) -> None:
        self.step(EPOCH_MS - 60_000 + later_ms, event)
        self.effects.clear()

    # What happens --------------------------------------------------------------------------------

    def _events(self, what: str) -> list[Event]:
        for pattern, make in _GRAMMAR:
            match = re.fullmatch(pattern, what)
            if match:
                made = make(self, *match.groups())
                return made if isinstance(made, list) else [made]
        raise AssertionError(f"the story's grammar does not know: {what}")

    def _arrival(self, caller: str, entry: str, since: str | None, what: str | None) -> Event:
        """``as A``: the person who called before; ``with precedence 1``; ``speaking dialect``;
        ``from terminal T1``: a known one; ``from 110``: this very number; ``with contact 8003``:
        who has no other; ``without a number``: withheld."""
        said = dict(
            pair.split(" ")
            for pair in re.findall(r"(?:as|precedence|speaking|terminal) \w+", what or "")
        )
        self.names.leg[LegId(f"{NODE}:{caller}")] = caller
        if "terminal" in said:
            self.terminals[caller] = said["terminal"]
        arrived_ms = self._now_ms if since is None else EPOCH_MS + round(float(since) * 1000)
        number = re.search(r"from (\d+)", what or "")
        only = re.search(r"contact (\d+)", what or "")
        contacts = () if only is None else (Contact(ContactKind.RELATIVE, only[1]),)
        return CallArrived(
            leg=LegId(f"{NODE}:{caller}"),
            arrived_ms=arrived_ms,
            trunk=TRUNKS[0].id,
            caller=None
            if "without a number" in (what or "")
            else (number[1] if number else f"0216000{said.get('as', caller)}"),
            called=EntryId(entry),
            precedence=int(said.get("precedence", 0)),
            languages=(said["speaking"],) if "speaking" in said else (),
            contacts=contacts or (() if "without contacts" in (what or "") else CONTACTS),
            terminal=TerminalId(said["terminal"]) if "terminal" in said else None,
            elders=(ElderId(f"of-{said['terminal']}"),) if "terminal" in said else (),
        )

    def _left_at_once(self, caller: str, entry: str) -> list[Event]:
        arrived = self._arrival(caller, entry, None, None)
        assert isinstance(arrived, CallArrived)
        leg = arrived.leg
        return [msgspec.structs.replace(arrived, left=True), LegGone(leg, Hangup.NORMAL)]

    def _enter(self, names: str) -> list[Event]:
        legs = [self.names.find_leg(name) for name in names.split(", ")]
        return [LegJoined(leg, self.names.target[leg]) for leg in legs]

    def _digits(self, name: str, keys: str, terminal: str | None) -> list[Event]:
        """As the runtime hands them in: with the terminal that the line is known for."""
        known = terminal or self.terminals.get(name)
        device = None if known is None else Device(terminal=TerminalId(known), codes=DEVICE_CODES)
        return [DigitPressed(self.names.find_leg(name), key, device) for key in keys]

    def _code(self, phone: str, code: str) -> Event:
        leg = LegId(f"{NODE}:desk-{phone}-{len(self.effects)}")
        self.names.desk[phone] = leg
        self.names.leg[leg] = f"desk {phone}"
        return CodeDialled(leg, PhoneId(f"a{phone}"), code)

    def _failure(self, command: str, name: str) -> Event:
        leg = self.names.find_leg(name)
        record = self.core.state.legs.get(leg)
        call = None if record is None else record.call
        return CommandFailed(
            command=command, call=call, leg=leg, room=self.names.target.get(leg), reason="test"
        )

    def _queue(self, queue: str, changes: str) -> Event:
        """``needs=3`` is the level of the queue's first skill, ``widening=3`` three phones."""
        before = self._queues[QueueId(queue)]
        plain = msgspec.to_builtins(before)
        for name, value in (pair.split("=") for pair in changes.split()):
            plain[name] = int(value) if value.isdigit() else value
        if "needs=" in changes:
            plain["needs"] = (SkillNeed(before.needs[0].skill, plain["needs"]),)
        if "widening=" in changes:
            step = Widening(after_ms=0, phones=plain["widening"], reach=Reach.READY)
            plain["widening"] = (step,)
        changed = msgspec.convert(plain, Queue)
        self._queues[changed.id] = changed
        return QueueDefined(changed)

    # What follows --------------------------------------------------------------------------------

    def _render(self, effect: Effect) -> str | None:
        make = _RENDER.get(type(effect))
        return None if make is None else make(self, effect)

    def _ring(self, e: RingPhone) -> str:
        name = e.phone.removeprefix("a")
        self.names.leg[e.leg] = name
        self.names.rung.setdefault(name, []).append(e.leg)
        return f"{'auto-ring' if e.picks_up else 'ring'} {name} for {self._call(e.call)}"

    def _dial(self, e: DialNumber) -> str:
        self.names.leg[e.leg] = e.number
        self.names.rung.setdefault(e.number, []).append(e.leg)
        return f"dial {e.number} over {e.trunk} as {e.caller_id}"

    def _test(self, e: CallPhone) -> str:
        name = e.phone.removeprefix("a")
        self.names.leg[e.leg] = name
        self.names.rung.setdefault(name, []).append(e.leg)
        if not e.picks_up:
            return f"test {name}"
        self.names.lines[self.core.state.room_id(NODE, e.call)] = None
        return f"dial line of {name}"

    def _copy(self, e: OpenSnoop) -> str:
        name = f"copy of {self._leg(e.of)}"
        self.names.leg[e.leg] = name
        self.names.rung.setdefault(name, []).append(e.leg)
        return f"{name} to whisper" if e.whisper else name

    def _join(self, e: JoinRoom) -> str:
        for leg in e.legs:
            self.names.target[leg] = e.room
        names = " ".join(self._leg(leg) for leg in e.legs)
        if ":hl-hold-" in e.room:
            return f"hold {names}"
        if e.room in self.names.lines:
            return f"home {names}"
        if "-d" in e.room.rpartition(":")[2]:
            return f"beside {names}"
        return f"aside {names}" if ":hl-side" in e.room else f"join {names}"

    def _seat_anew(self, e: SeatAnew) -> str | None:
        """Told only in stories about who is seated anew."""
        if not self.tells_seats:
            return None
        return f"seat anew {' '.join(self._leg(leg) for leg in e.legs)}"

    def _play(self, e: Play) -> str:
        prompts = " ".join(e.prompts)
        self.names.prompt[e.playback] = prompts
        self.names.playing[e.leg] = e.playback
        return f"play {prompts} to {self._leg(e.leg)}"

    def _offered(self, e: CallOffered) -> str:
        self.names.call[e.call] = self.names.leg[e.leg]
        return f"offered {self.names.leg[e.leg]}"

    def _noted(self, e: ObligationNoted) -> str | None:
        """Told only in stories that are about obligations."""
        owed = e.obligation
        if not self.tells_owed:
            return None
        how = f" {owed.closing}" if owed.closing is not None else ""
        late = " late" if owed.late else ""
        whom = f"to {owed.number or 'nobody knows'}" if owed.case is None else owed.why
        if owed.why in OF_TERMINALS:
            whom = f"{owed.why} of {owed.terminal}"
        if owed.why is OwedFor.OFFLINE:
            whom = f"offline {owed.about}"
        return f"{owed.kind} {whom} {e.what}{how}{late}"

    def _of_silence(self, text: str) -> str | None:
        """Told only in stories that are about it."""
        return text if self.tells_silence else None

    def _prompted(self, e: SilencePrompted) -> str:
        return f"prompted {self._call(e.call)} who gives {e.heard or 'what nobody judges'}"

    def _flagged(self, e: NoResponseFlagged) -> str:
        return f"no response {self._call(e.call)} after {seconds(e.after_ms)}"

    def _placed(self, e: CallPlaced) -> str:
        self.names.call[e.call] = e.number
        return f"placed {e.number}" + (f" by {e.person}" if e.person else "")

    def _leg(self, leg: LegId) -> str:
        return self.names.leg.get(leg, leg.partition(":")[2])

    def _room(self, room: RoomId) -> str:
        """``room`` is a call's main room, ``side`` one beside it, ``ear`` a supervisor's, ``home``
        an open line's."""
        if room in self.names.lines:
            return "home"
        if "room-7-d" in room:
            return "ear"
        return "side" if ":hl-side" in room else "room"

    def _call(self, call: CallId) -> str:
        return self.names.call.get(call, "-")


def _agent(number: str, skills: tuple[tuple[str, int], ...] | None = None) -> Agent:
    skills = skills_of(number) if skills is None else skills
    role = Role.SUPERVISOR if number == "8090" else Role.AGENT
    return Agent(id=AgentId(number), name=f"agent {number}", skills=skills, role=role)


def _duty(name: str, number: str, queues: str) -> Agent:
    outside = Outside(number, tuple(QueueId(queue) for queue in queues.split()))
    return Agent(id=AgentId(name), name=name, skills=(), outside=outside)


def _seat(seat: str, phones: str, agent: str, mode: SeatMode = SeatMode.RING) -> Seat:
    named = [] if phones == "no phones" else phones.split()
    return Seat(
        id=SeatId(seat),
        phones=tuple(PhoneId(phone) for phone in named),
        agent=AgentId(agent) if agent else None,
        mode=mode,
    )


def _login(agent: str, seat: str) -> Event:
    return LoginRequested(request=REQUEST, agent=AgentId(agent), seat=SeatId(seat))


def _skills(text: str) -> tuple[tuple[str, int], ...]:
    pairs = (pair.split("=") for pair in text.split())
    return tuple(sorted((name, int(level)) for name, level in pairs))


def _phone(s: Story, phone: str, state: str) -> Event:
    return PhoneReported(
        phone=PhoneId(f"a{phone}"), registered=state != "gone", in_use=state == "busy"
    )


def _connected(s: Story, names: str) -> Event:
    legs = [] if names == "nothing" else [s.names.find_leg(name) for name in names.split(", ")]
    return SwitchConnected(NODE, tuple(legs))


def _compared(s: Story, names: str, phones: str | None, private: str | None) -> Event:
    legs = [] if names == "nothing" else [s.names.find_leg(name) for name in names.split(" ")]
    occupied = tuple(PhoneId(f"a{phone}") for phone in (phones or "").split())
    mine = tuple(PhoneId(f"a{phone}") for phone in (private or "").split())
    return ChannelsCompared(NODE, tuple(legs), occupied, mine)


_CAUSES = {
    Hangup.NORMAL: 16,
    Hangup.BUSY: 17,
    Hangup.NO_ANSWER: 19,
    Hangup.REJECTED: 21,
    Hangup.UNREACHABLE: 20,
    Hangup.FAILED: 38,
    Hangup.LOST: 0,
}


def _gone(s: Story, name: str, why: str) -> Event:
    return LegGone(s.names.find_leg(name), Hangup(why), _CAUSES[Hangup(why)])


_Q850 = {
    "302": Hangup.FAILED,
    "305": Hangup.NORMAL,
    "403": Hangup.REJECTED,
    "404": Hangup.UNREACHABLE,
    "480": Hangup.NO_ANSWER,
    "486": Hangup.BUSY,
    "503": Hangup.FAILED,
    "603": Hangup.REJECTED,
}
"""How Asterisk puts an operator's status, seen on the wire."""


def _control(s: Story, action: str, name: str, agent: str | None, digits: str | None) -> Event:
    known = (call for call, called in s.names.call.items() if called == name)
    return ControlRequested(
        request=REQUEST,
        call=next(known, CallId(name)),
        agent=None if agent is None else AgentId(agent),
        action=Control(action),
        digits=digits or "",
    )


def _report(s: Story, by: str, family: str, condition: str, said: str) -> Event:
    """Of the first case for which anything is owed; ``-`` is nothing, and what is no word of S0 is
    the reason why nobody was asked."""
    family, condition, said = ("" if one == "-" else one for one in (family, condition, said))
    rated = said in RATINGS[RatingScale.S0]
    owed = s.core.state.obligations.values()
    return ReportHandedIn(
        request=REQUEST,
        case=next((one.case for one in owed if one.case), CaseId("none")),
        by=AgentId(by),
        family=family,
        condition=condition,
        scale=RatingScale.S0 if rated else None,
        rating=said if rated else None,
        unrated="" if rated else said,
        call=CallId("7-1"),
        arrived_ms=EPOCH_MS,
        queue=QueueId("emergency"),
        served=AgentId("8001"),
    )


def _tested(
    s: Story, by: str, name: str, known: str | None, kind: str, terminal: str | None
) -> Event:
    """Of a call of the story, or of one before it (``nobody's``: that nobody has answered)."""
    calls = (call for call, called in s.names.call.items() if called == name)
    return TerminalTestNoted(
        request=REQUEST,
        call=next(calls, CallId(name)),
        arrived_ms=s.core.state.now,
        answered_ms=None if name == "nobody's" else s.core.state.now,
        number=None if name == "hidden" else f"0216000{name}",
        known=None if known is None else TerminalId(known),
        terminal=None if terminal is None else TerminalId(terminal),
        elders=(),
        by=AgentId(by),
        kind=DeviceTest(kind),
        staff="M-17",
    )


def _rating(s: Story, by: str, name: str, word: str, scale: str, source: str) -> Event:
    """Of a call of the story, or of one before it (``nobody's``: that nobody has answered)."""
    known = (call for call, called in s.names.call.items() if called == name)
    return RatingGiven(
        request=REQUEST,
        call=next(known, CallId(name)),
        arrived_ms=s.core.state.now,
        answered_ms=None if name == "nobody's" else s.core.state.now,
        queue=QueueId("emergency"),
        served=AgentId("8001"),
        by=AgentId(by),
        scale=RatingScale(scale),
        rating=word,
        source=RatingSource(source),
    )


def _watch(s: Story, by: str, how: str, name: str) -> Event:
    known = (call for call, called in s.names.call.items() if called == name)
    return SupervisionRequested(
        request=REQUEST,
        supervisor=AgentId(by),
        call=None if name == "anybody" else next(known, CallId(name)),
        mode=Watching(how.replace(" ", "_")),
    )


def _steer(s: Story, by: str, how: str, name: str, target: str | None) -> Event:
    known = (call for call, called in s.names.call.items() if called == name)
    return SteerRequested(
        request=REQUEST,
        supervisor=AgentId(by),
        call=next(known, CallId(name)),
        action=Steer(how),
        agent=AgentId(target) if target and how == "assign" else None,
        queue=QueueId(target) if target and how == "move" else None,
    )


def _case_action(s: Story, by: str, how: str, what: str | None, role: str | None) -> Event:
    """About the story's first open case."""
    action = CaseAction(how)
    return CaseRequested(
        request=REQUEST,
        case=next(iter(s.core.state.cases), CaseId("none")),
        action=action,
        agent=AgentId(by),
        to=AgentId(what) if what and action in (CaseAction.HAND_OVER, CaseAction.ASSIGN) else None,
        role=None if role is None else CaseRole(role),
        outcome=what if action is CaseAction.OUTCOME else None,
        form=Form(place=what) if what and action is CaseAction.FORM else None,
        script=(what or "").partition("/")[0],
        step=(what or "").partition("/")[2],
        summary=what if action is CaseAction.SUMMARY else None,
        service=RescueService(what) if what and action is CaseAction.CALLED_BEFORE else None,
    )


def _message(s: Story, name: str, how: str) -> Event:
    call = s.core.state.legs[s.names.find_leg(name)].call
    recording = next(key for key, of in s.core.state.recordings.items() if of == call)
    return MessageEnded(recording, failed=how == "fails")


_LEG = r"((?:desk )?[\w-]+'?)"
_GRAMMAR: tuple[tuple[str, Callable[..., Event | list[Event]]], ...] = (
    (r"time passes", lambda s: TimePassed()),
    (r"(\w) has called (\w+) and gone", Story._left_at_once),
    (
        r"(\w) calls (\w+)(?: since (\S+))?"
        r"((?: as \w| with precedence \d| speaking \w+| without contacts"
        r"| without a number| from terminal \w+| from \d+| with contact \d+)*)",
        Story._arrival,
    ),
    (rf"{_LEG} rings", lambda s, leg: LegRang(s.names.find_leg(leg))),
    (
        rf"{_LEG} is recorded as (\S+)",
        lambda s, leg, file: RecordingStarted(s.names.find_leg(leg), file),
    ),
    (rf"{_LEG} answers", lambda s, leg: LegAnswered(s.names.find_leg(leg))),
    (rf"{_LEG} is in the fallback", lambda s, leg: LegAway(s.names.find_leg(leg))),
    (rf"{_LEG} begins to go", lambda s, leg: LegHungUp(s.names.find_leg(leg))),
    (rf"{_LEG} hangs up", lambda s, leg: _gone(s, leg, "normal")),
    (rf"{_LEG} is gone(?: \((\w+)\))?", lambda s, leg, why: _gone(s, leg, why or "normal")),
    (
        rf"{_LEG} is refused with (\d+)",
        lambda s, leg, sip: LegGone(s.names.find_leg(leg), _Q850[sip], 0, int(sip)),
    ),
    (
        r"trunk (\S+) is (away|there)",
        lambda s, t, how: TrunkReported(trunk=TrunkId(t), reachable=how == "there"),
    ),
    (r"directory: trunk (\S+) removed", lambda s, trunk: TrunkRemoved(TrunkId(trunk))),
    (r"(.+) (?:enters|enter)", Story._enter),
    (r"([\d-]+) dials (\S+)", Story._code),
    (
        rf"{_LEG} presses (\S+)(?: from terminal (\w+))?",
        Story._digits,
    ),
    (
        r"([\w-]+) says that (\S+)(?: from terminal (\w+))? was a test by (\w+)(?: of (\w+))?",
        _tested,
    ),
    (
        r"terminal (\w+) has not called for long",
        lambda s, terminal: TerminalSilent(
            terminal=TerminalId(terminal), number="0216000A", elders=(), last_ms=None
        ),
    ),
    (rf"{_LEG} holds by itself", lambda s, leg: PhoneHeld(s.names.find_leg(leg))),
    (rf"{_LEG} takes it back", lambda s, leg: PhoneUnheld(s.names.find_leg(leg))),
    (rf"{_LEG} refers to (\d+)", lambda s, leg, n: ReferRequested(s.names.find_leg(leg), n, None)),
    (
        rf"{_LEG} is joined by REFER with {_LEG}",
        lambda s, leg, other: ReferRequested(s.names.find_leg(leg), None, s.names.find_leg(other)),
    ),
    (r"(\d+) asks to (listen|whisper|barge|take over) at (\w+)", _watch),
    (
        r"(\d+) asks to stop listening",
        lambda s, by: SupervisionEndRequested(request=REQUEST, supervisor=AgentId(by)),
    ),
    (
        r"(\d+) forces (\d+) to (\w+)(?: for (\w+))?",
        lambda s, by, a, how, why: ForceRequested(
            request=REQUEST,
            supervisor=AgentId(by),
            agent=AgentId(a),
            action=Force(how),
            reason=why or "supervisor",
        ),
    ),
    (r"(\d+) asks to (raise|move|assign|pull) (\w+)(?: to (\w+))?", _steer),
    (
        r"the (copy of \w+) cannot be made",
        lambda s, name: CommandFailed(
            command="OpenSnoop", call=None, leg=s.names.find_leg(name), room=None, reason="test"
        ),
    ),
    (r"(copy of \w+) is there", lambda s, name: SnoopStarted(s.names.find_leg(name))),
    (r"(copy of \w+) has ended", lambda s, name: SnoopGone(s.names.find_leg(name))),
    (r"(\d+) writes down that (\S+) call is (\S+) \((s\d)\), by (\w+)", _rating),
    (r"somebody asks to (\w+) (\w)(?: for (\d+))?(?: with (\d*))?", _control),
    (rf"{_LEG} speaks", lambda s, leg: SpeechStarted(s.names.find_leg(leg))),
    (
        rf"{_LEG} is heard: (speech|sound|silence|no_rtp|packets)",
        lambda s, leg, heard: CallerHeard(s.names.find_leg(leg), Heard(heard)),
    ),
    (rf"{_LEG} falls quiet", lambda s, leg: SpeechEnded(s.names.find_leg(leg))),
    (
        rf"{_LEG} has heard it",
        lambda s, leg: PromptFinished(s.names.playing[s.names.find_leg(leg)]),
    ),
    (rf"{_LEG}'s message (ends|fails)", _message),
    (r"prompt (\S+) ends", lambda s, prompt: PromptFinished(_prompt(s, prompt))),
    (rf"(\w+) fails for {_LEG}", Story._failure),
    (r"phone ([\w-]+) is (gone|there|busy)", _phone),
    (r"compared: (.+?)(?:, in use: (.+?))?(?:, private: (.+))?", _compared),
    (r"the switch is back with (.+)", _connected),
    (r"(\d+) asks to log in at (\S+)", lambda s, agent, seat: _login(agent, seat)),
    (
        r"(\d+) asks to call (\S+)(?: of terminal (\w+))?(?: about (\S+))?",
        lambda s, agent, number, terminal, about: CallRequested(
            request=REQUEST,
            agent=AgentId(agent),
            number=number,
            reference=about,
            terminal=None if terminal is None else TerminalId(terminal),
        ),
    ),
    (r"(\d+) hands in a report which says: (\S+), (\S+), (\S+)", _report),
    (r"(\d+) takes it", lambda s, a: _about(s, ObligationAction.TAKE, agent=AgentId(a))),
    (r"it is given to (\d+)", lambda s, a: _about(s, ObligationAction.ASSIGN, agent=AgentId(a))),
    (r"it is put back", lambda s: _about(s, ObligationAction.PUT_BACK)),
    (
        r"the (\w+) is done(?: by (\d+))?(?:: (.+))?",
        lambda s, why, by, summary: ObligationRequested(
            request=REQUEST,
            obligation=next(o.id for o in s.core.state.obligations.values() if o.why == why),
            action=ObligationAction.DONE,
            agent=None if by is None else AgentId(by),
            reason=summary,
        ),
    ),
    (r"it is done", lambda s: _about(s, ObligationAction.DONE)),
    (
        r"it is closed(?: because (.+))?",
        lambda s, why: _about(s, ObligationAction.CLOSE, reason=why),
    ),
    (
        r"a callback to (\S+) in (\w+) is asked for",
        lambda s, number, queue: CallbackRequested(
            request=REQUEST, queue=QueueId(queue), number=number
        ),
    ),
    (
        r"(\S+) was written down offline by (\d+)(?: about (\S+))?(, urgent)?",
        lambda s, record, by, number, urgent: WrittenOffline(
            record=record,
            written_ms=EPOCH_MS - 3_600_000,
            agent=AgentId(by),
            number=number,
            urgent=urgent is not None,
        ),
    ),
    (
        r"an appointment for (\S+) in (\w+) at (\S+) is asked for",
        lambda s, number, queue, at: CallbackRequested(
            request=REQUEST,
            queue=QueueId(queue),
            number=number,
            appointment=Appointment(
                at_ms=EPOCH_MS + round(float(at) * 1000), minute=600, on_working_day=True
            ),
        ),
    ),
    (
        r"(\d+) asks to (form|car_sent|outcome|close|agree|disagree|hand_over|assign|guide|step"
        r"|undo_step|summary|seen|called_before) the case"
        r"(?: (?:to|as|with) (.+?))?(?: as (a|b))?",
        _case_action,
    ),
    (r"(\d+) asks to be ready", lambda s, a: ReadyRequested(request=REQUEST, agent=AgentId(a))),
    (
        r"(\d+) asks to pause for (\w+)",
        lambda s, a, why: PauseRequested(request=REQUEST, agent=AgentId(a), reason=why),
    ),
    (
        r"(\d+) asks to end wrap-up",
        lambda s, a: WrapUpEndRequested(request=REQUEST, agent=AgentId(a)),
    ),
    (
        r"(\d+) asks for more wrap-up",
        lambda s, a: WrapUpExtensionRequested(request=REQUEST, agent=AgentId(a)),
    ),
    (
        r"(\d+) (lets|does not let) (\d+) go",
        lambda s, by, verb, a: LeaveAnswerRequested(
            request=REQUEST,
            agent=AgentId(a),
            supervisor=AgentId(by),
            granted=verb == "lets",
        ),
    ),
    (
        r"(\d+) is to be reserved for (\w+), (\S+) s",
        lambda s, a, why, hold: ReservationRequested(
            request=REQUEST, agent=AgentId(a), reason=why, hold_ms=round(float(hold) * 1000)
        ),
    ),
    (
        r"(\d+) is to be released",
        lambda s, a: ReleaseRequested(request=REQUEST, agent=AgentId(a)),
    ),
    (r"(\d+) asks to log out", lambda s, a: LogoutRequested(request=REQUEST, agent=AgentId(a))),
    (r"directory: queue (\w+) removed", lambda s, queue: QueueRemoved(QueueId(queue))),
    (r"directory: queue (\w+) (.+)", Story._queue),
    (r"directory: agent (\d+) removed", lambda s, agent: AgentRemoved(AgentId(agent))),
    (
        r"directory: agent (\d+) (.+)",
        lambda s, agent, skills: AgentDefined(_agent(agent, _skills(skills))),
    ),
    (
        r"directory: supervisor (\d+)",
        lambda s, agent: AgentDefined(
            Agent(id=AgentId(agent), name=agent, skills=(), role=Role.SUPERVISOR)
        ),
    ),
    (
        r"directory: duty phone (\w+) has (\d+) for (.+)",
        lambda s, name, number, queues: AgentDefined(_duty(name, number, queues)),
    ),
    (r"directory: duty phone (\w+) removed", lambda s, name: AgentRemoved(AgentId(name))),
    (r"directory: seat (\w+) removed", lambda s, seat: SeatRemoved(SeatId(seat))),
    (
        r"directory: seat (\w+) has (.+?)(?: for (\d+))?",
        lambda s, seat, phones, agent: SeatDefined(_seat(seat, phones, agent or "")),
    ),
    (r"directory: entry (\d+) removed", lambda s, entry: EntryRemoved(EntryId(entry))),
    (
        r"directory: entry (\d+) (\w+) to (\w+)(?: for (\d+))?",
        lambda s, entry, kind, queue, agent: EntryDefined(
            Entry(
                id=EntryId(entry),
                kind=EntryKind(kind),
                queue=QueueId(queue),
                agent=agent and AgentId(agent),
            )
        ),
    ),
)


def _about(s: Story, action: ObligationAction, **more: Any) -> Event:
    """A person does something about the story's first obligation."""
    key = next(iter(s.core.state.obligations), ObligationId("none"))
    return ObligationRequested(request=REQUEST, obligation=key, action=action, **more)


def _prompt(s: Story, name: str) -> PlaybackId:
    return next(key for key, said in reversed(s.names.prompt.items()) if said == name)


def _hang_up(s: Story, e: HangUp) -> str:
    if e.farewell is not None:
        s.names.playing[e.leg] = e.farewell
    reason = "" if e.reason is Release.NORMAL else f" ({e.reason})"
    return f"hang up {s._leg(e.leg)}{reason}"


def _offer_ended(s: Story, e: OfferEnded) -> str:
    why = "" if e.why is None else f" ({e.why})"
    return f"offer {e.result} {e.agent}{why}"


def _answered(s: Story, e: CallAnswered) -> str:
    again = " again" if e.again else ""
    return f"answered {s._call(e.call)} by {e.agent}{again}, wait {seconds(e.wait_ms)}"


def _reached(s: Story, e: CallReached) -> str:
    again = " again" if e.again else ""
    return f"reached {s._call(e.call)} by {e.agent}{again}, wait {seconds(e.wait_ms)}"


def _case(s: Story, e: CaseNoted) -> str:
    who = "" if e.by is None else f" by {e.by}"
    return f"case {e.what}{who}"


def _placed_ended(s: Story, e: PlacedCallEnded) -> str:
    talk = f", talk {seconds(e.talk_ms)}" if e.reached_ms is not None else ""
    return f"ended {s._call(e.call)} {e.outcome}{talk}"


def _ended(s: Story, e: CallEnded) -> str:
    talk = f", talk {seconds(e.talk_ms)}" if e.answered_ms is not None else ""
    hold = f", hold {seconds(e.hold_ms)}" if e.hold_ms else ""
    return f"ended {s._call(e.call)} {e.outcome}, wait {seconds(e.wait_ms)}{talk}{hold}"


def _menu(s: Story, e: MenuAnswered) -> str:
    what = "again" if e.then is None else f"{e.then} {e.target}".strip()
    how = "" if e.chosen else " unchosen"
    return f"menu {e.menu} {e.key or 'nothing'}{how}: {what}"


def _owed(s: Story, e: ReplyOwed) -> str:
    number = "" if e.number is None else f" at {e.number}"
    about = f" ({e.about})" if e.about else ""
    length = "" if e.message_ms is None else f" of {seconds(e.message_ms)}"
    return f"owed {e.kind}{length} to {s._call(e.call)}{number} in {e.due_ms - e.at_ms}{about}"


def _agent_state(s: Story, e: AgentStateChanged) -> str | None:
    if e.now in ("offered", "talking"):
        return None
    return f"{e.agent} {e.now}" + (f" ({e.reason})" if e.reason else "")


def _done(s: Story, e: Done) -> str:
    if e.asked:
        return f"done: {e.state}, a supervisor is asked"
    return f"done: {e.state}" + (f", then {e.later}" if e.later else "")


_RENDER: dict[type, Callable[..., str | None]] = {
    RingPhone: Story._ring,
    DialNumber: Story._dial,
    CallPhone: Story._test,
    AnswerLeg: lambda s, e: f"answer {s._leg(e.leg)}",
    HangUp: _hang_up,
    OpenRoom: lambda s, e: f"open {s._room(e.room)} {s._call(e.call)}",
    OpenHoldingRoom: lambda s, e: f"open {e.room.rpartition(':')[2].removeprefix('hl-')}",
    JoinRoom: Story._join,
    SeatAnew: Story._seat_anew,
    CloseRoom: lambda s, e: f"close {s._room(e.room)} {s._call(e.call)}",
    Play: Story._play,
    RecordLeg: lambda s, e: f"record {s._leg(e.leg)}",
    StopRecording: lambda s, e: f"stop recording {s._call(e.call)}",
    LeaveRoom: lambda s, e: f"take {s._leg(e.leg)} out",
    MenuAnswered: _menu,
    CallQueued: lambda s, e: f"queued {s._call(e.call)} in {e.queue}",
    ReplyOwed: _owed,
    Hush: lambda s, e: f"hush {s._leg(e.leg)}",
    StopPlay: lambda s, e: f"stop {s.names.prompt[e.playback]}",
    HandToFallback: lambda s, e: f"hand {s._leg(e.leg)} to fallback",
    CallOffered: Story._offered,
    OfferEnded: _offer_ended,
    PromiseBroken: lambda s, e: f"promise broken {s._call(e.call)}",
    IncidentOpened: lambda s, e: f"incident {s._call(e.call)}",
    CallPickedUp: lambda s, e: f"picked up {s._call(e.call)}",
    DialEnded: lambda s, e: f"dialled {e.number}: {e.result}",
    LegRecorded: lambda s, e: f"recorded {s._leg(e.leg)}",
    CallPlaced: Story._placed,
    ObligationNoted: Story._noted,
    CallReached: _reached,
    PlacedCallEnded: _placed_ended,
    CallAnswered: _answered,
    TransferStarted: lambda s, e: f"{e.kind} {s._call(e.call)} to {e.number} by {e.by}",
    TransferEnded: lambda s, e: f"{e.kind} {s._call(e.call)} to {e.number} {e.result}",
    AnswerRefer: lambda s, e: f"refer of {s._leg(e.leg)} {e.result}",
    PlayTone: lambda s, e: f"busy tone to {s._leg(e.leg)}",
    OpenSnoop: Story._copy,
    SupervisionStarted: lambda s, e: f"{e.supervisor} {e.mode} at {s._call(e.call)}",
    SupervisionEnded: lambda s, e: f"{e.supervisor} no more beside {s._call(e.call)}",
    StateForced: lambda s, e: f"{e.supervisor} forces {e.agent} to {e.action}",
    CallSteered: lambda s, e: f"{e.supervisor} steers {s._call(e.call)} {e.action}",
    SendKeys: lambda s, e: f"send {e.keys} to {s._leg(e.leg)}",
    ListenTo: lambda s, e: s._of_silence(f"listen to {s._leg(e.leg)}"),
    StopListening: lambda s, e: s._of_silence(f"stop listening to {s._leg(e.leg)}"),
    DetectTalk: lambda s, e: s._of_silence(f"detect {s._leg(e.leg)}"),
    StopDetecting: lambda s, e: s._of_silence(f"stop detecting {s._leg(e.leg)}"),
    SilencePrompted: Story._prompted,
    NoResponseFlagged: Story._flagged,
    CallerResponded: lambda s, e: s._of_silence(
        f"responded {s._call(e.call)} after {seconds(e.after_ms)}"
    ),
    SetGain: lambda s, e: f"gain {e.level} for {s._leg(e.leg)}",
    CallDisposed: lambda s, e: f"{e.agent} says {e.disposition}",
    CaseNoted: _case,
    EmergencyReported: lambda s, e: f"report of the case by {e.agent}",
    TerminalTested: lambda s, e: (
        f"{e.terminal} tested by {e.kind}{f', new number {e.new_number}' if e.new_number else ''}"
    ),
    DeviceReported: lambda s, e: f"terminal of {s._call(e.call)} says {e.meaning}",
    CallClassified: lambda s, e: f"{e.agent} says {e.flow}",
    ResponseNoted: lambda s, e: f"{e.agent} says {'responds' if e.responds else 'no response'}",
    RatingAsked: lambda s, e: f"rating asked {s._call(e.call)} ({e.scale})",
    CallRated: lambda s, e: (
        f"rated {s._call(e.call)} {e.rating} ({e.scale}) for {e.agent}"
        + (f" by {e.by}, {e.source}" if e.by else "")
    ),
    AfterwordNoted: lambda s, e: f"{e.agent} notes {e.disposition or e.response}",
    CallReleased: lambda s, e: f"released {s._call(e.call)}" if e.busy_tone else None,
    CallHeld: lambda s, e: f"held {s._call(e.call)} by {e.agent or 'nobody'}",
    CallResumed: lambda s, e: f"resumed {s._call(e.call)} after {seconds(e.hold_ms)}",
    CallRequeued: lambda s, e: f"requeued {s._call(e.call)}",
    CallEnded: _ended,
    AgentStateChanged: _agent_state,
    WrapUpEnded: lambda s, e: f"wrapped up {e.agent} {seconds(e.wrap_up_ms)}",
    ChairFoundEmpty: lambda s, e: f"nobody at {e.seat}",
    LeaveAsked: lambda s, e: f"leave asked {e.agent} {e.what} ({e.why})",
    LeaveAnswered: lambda s, e: f"leave {e.result} {e.agent}" + (f" by {e.by}" if e.by else ""),
    LeftWithoutConsent: lambda s, e: f"{e.agent} goes without consent ({e.why})",
    TestRingEnded: lambda s, e: f"test {e.number} of {e.agent} {e.result}",
    WrapUpExtended: lambda s, e: f"more wrap-up {e.agent} {seconds(e.by_ms)}",
    RequestRefused: lambda s, e: f"refused {e.refusal}",
    ConfigurationTakenBack: lambda s, e: f"{e.what} taken back: {e.why}",
    Repaired: lambda s, e: f"repaired: {e.what}",
    Ignored: lambda s, e: f"ignored: {e.reason}",
    Defect: lambda s, e: f"defect: {e.sentence}",
    Done: _done,
    Refused: lambda s, e: f"no: {e.sentence}",
}
