"""The part of the directory that decisions need: entries, queues, agents, seats, and where outside
numbers are dialled.

Values only: nothing here looks anything up.  What a decision does not need (elders, contacts,
passwords) stays outside the core; who is calling is found before the event is made.
All durations are milliseconds.
"""

from enum import StrEnum

import msgspec

from acd.core.ids import AgentId, AreaId, EntryId, PhoneId, QueueId, SeatId, TrunkId
from acd.core.numbers import DialForm, NumberRules
from acd.core.scripts import SILENT, Menu, Treatment

PAUSE_REASONS = {
    "1": "rest",
    "2": "meal",
    "3": "training",
    "4": "paperwork",
    "5": "supervisor",
    "6": "recovery",
}
"""Reason digits behind *62.  "supervisor": away with the shift leader's leave (D08).  "recovery":
after a hard call (H15); nobody is rung out of it."""


class EntryKind(StrEnum):
    """What a dialled number means."""

    EMERGENCY = "emergency"
    ENQUIRY = "enquiry"
    OUTBOUND = "outbound"
    SYNTHETIC = "synthetic"


class Selection(StrEnum):
    """Who is first among the free agents that have the skills."""

    LONGEST_IDLE = "longest_idle"
    HIGHEST_SKILL = "highest_skill"
    BEST_FIT = "best_fit"
    """The lowest level that will do: experts stay free for who needs them."""
    ROUND_ROBIN = "round_robin"
    """Who was rung longest ago, whether or not they answered."""
    FEWEST_CALLS = "fewest_calls"
    LEAST_TALK = "least_talk"
    """Least time talking; both count from the log-in."""
    LINEAR = "linear"
    """Always from the top of the directory's list."""
    RANDOM = "random"
    WEIGHTED = "weighted"
    """At random, in proportion to the level."""
    RING_ALL = "ring_all"
    """Everybody at once who can be rung: whoever is quickest has the call."""


class Reach(StrEnum):
    """Who may be rung for a call; each includes those before it."""

    READY = "ready"
    WRAP_UP = "wrap_up"
    """Also agents in wrap-up: the notes can wait, the caller cannot."""
    BREAK = "break"
    """Also agents on a break; afterwards they are on it again."""
    SUPERVISOR = "supervisor"
    """Also supervisors who are ready, whatever their skills."""
    OUTSIDE = "outside"
    """Also outside telephones on duty, dialled over a trunk: who answers there presses 1."""


class SkillNeed(msgspec.Struct, frozen=True, gc=False):
    """A skill a queue asks for, with the lowest level (1–10) that will do."""

    skill: str
    level_min: int


class Widening(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """From ``after_ms`` since the arrival on, up to ``phones`` ring at once, and whoever lies
    within ``reach`` may be rung."""

    after_ms: int
    phones: int
    reach: Reach


class AgentRules(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a queue grants to the agents who serve it, and asks of them."""

    wrap_up_extension_ms: int = 30_000
    """What one request adds to a wrap-up."""
    wrap_up_ms_max: int = 180_000
    """A wrap-up with all its extensions is never longer; what the queue itself grants may be."""
    test_ring_ms: int = 30_000
    """From not responding to the first ring of the switch itself; each later pause is twice the
    one before."""
    test_rings_max: int = 6
    """So many in a row; after that only the agent's own word brings them back."""
    ready_min: int | None = None
    """Who leaves so few others ready asks a supervisor first.  None: two where an emergency entry
    leads to the queue (C17), else nobody."""
    consent: tuple[str, ...] = ()
    """Reasons of a pause for which a supervisor is asked first (D08)."""


class Sticky(StrEnum):
    """Who knows a caller."""

    OWNER = "owner"
    """Who had the first contact and follows the matter to the end (W15)."""
    LAST = "last"


class Relaxation(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """From ``after_ms`` since the arrival on, whoever has no more than ``needs`` will do too.
    Those who have more are still rung first."""

    after_ms: int
    needs: tuple[SkillNeed, ...]


class Callback(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """When whoever gave up is called back.  Emergencies have rules of their own."""

    within_ms: int = 900_000
    """From the end of the call to the deadline."""
    first_ms: int = 10_000
    """From the end of the call to the first attempt, as soon as an agent is free."""
    spacing_ms: int = 600_000
    attempts_max: int = 3
    """After so many the matter is a person's."""
    escalation_ms: int = 600_000
    """From one person being told to the next."""
    short_ms: int = 3_000
    """Who gives up sooner has dialled by mistake, and is owed nothing (C02)."""


class EmergencyRules(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """When somebody has to be asked again in an emergency that has a case."""

    ask_medical_ms: int = 120_000
    """120, while it has sent no car (F10)."""
    ask_car_ms: int = 420_000
    """120, where its car is (F11)."""
    call_elder_ms: int = 900_000
    """The elder, while 110 or 119 is on its way (F12)."""
    ask_contact_ms: int = 600_000
    """A contact who is going there (F13)."""
    report_hour: int = 17
    """Of the next day: the report is due (F18)."""
    revisit_days: int = 3
    """From the opening to the revisit (F19)."""


class Hours(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """When the people of a queue can be spoken to, as minutes of the day where the callers live;
    the second is the first that is too late.  None: not at all on days of that kind."""

    working_days: tuple[int, int] | None
    days_off: tuple[int, int] | None


class Queue(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A waiting line and its policy."""

    id: QueueId
    priority: int
    """Served before every queue with a greater number; equal numbers compare by deadline."""
    promise_ms: int
    """Arrival to agent's audio (T09; C01: 10 s from the INVITE)."""
    ring_ms: int
    """How long one agent is rung at the most.  Well below the promise, so that a second agent can
    still keep it (C01)."""
    ring_ms_min: int
    """The ring limit shrinks with the slack, but never below this: people need time to reach for
    the phone."""
    widening: tuple[Widening, ...]
    """Steps by ``after_ms``, the first at 0; each reaches and rings at least as far as the one
    before.  While no phone rings the reach of later steps is used at once."""
    incident_ms: int
    """Arrival to the opening of an incident for whoever still waits."""
    pick_up_ms: int
    """Arrival to the system's own pick-up with a spoken acknowledgement.  Not an answer."""
    wrap_up_ms: int
    short_answer_ms: int
    """An agent gone earlier than this after the join has not served the caller."""
    refusal_delay_ms: int
    """Rest after a refused or failed ring, so that a broken phone is not rung in a circle."""
    misses_max: int
    """So many missed or refused rings in a row, and the agent is not offered calls until they
    say that they are there."""
    selection: Selection
    needs: tuple[SkillNeed, ...]
    acknowledgement: str
    """Name of the prompt played at pick-up."""
    rules: AgentRules = AgentRules()
    callback: Callback = Callback()
    emergency: EmergencyRules = EmergencyRules()
    treatment: Treatment = SILENT
    """What is heard besides it while waiting."""
    weight: int = 1
    """How many times as fast lateness counts against queues of the same priority.  Nobody starves:
    the lateness of whoever is passed over grows too."""
    precedence_ms: int = 10_000
    """What one step of a caller's precedence is worth: they go as if they had come so much
    earlier, and whoever has really waited longer than that goes before them still."""
    relaxation: tuple[Relaxation, ...] = ()
    """Steps by ``after_ms``, each with weaker needs than the one before."""
    overflow: tuple[QueueId, ...] = ()
    """Queues whose ready agents serve the caller too, in this order; a mark on the call, which
    stays in its own queue (K04)."""
    overflow_ms: int = 10_000
    """Arrival to the overflow."""
    prefers: tuple[str, ...] = ()
    """Skills that a caller may prefer here, such as a dialect; a preference is never a need."""
    sticky: tuple[Sticky, ...] = ()
    """Who knows the caller goes first when free, in this order."""
    sticky_ms: int = 7 * 86_400_000
    """So long after the last conversation nobody knows the caller any more."""
    outside_ring_ms: int = 25_000
    """How long an outside telephone rings: a mobile takes 8 s to be found."""
    prefer_wait_ms: int = 0
    """So long after the arrival the caller waits for whom they prefer, if that one is at work and
    busy.  An emergency never does (C15)."""
    hours: Hours | None = None
    """When appointments can be made for (W34); None: at any time.  Calls are taken as ever."""


class Entry(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A dialled number and where its calls go."""

    id: EntryId
    kind: EntryKind
    queue: QueueId
    agent: AgentId | None = None
    """Whom this number asks for; if they are busy, whoever is there takes the call (T39)."""
    menus: tuple[Menu, ...] = ()
    """What is heard before the queue: the first menu and all that can be reached from it; none
    on an emergency entry (C13).  A call keeps the menus it came in with."""


class Role(StrEnum):
    """What a person may do beside answering."""

    AGENT = "agent"
    SUPERVISOR = "supervisor"
    """Gives or refuses leave (D08), and helps (D10)."""


class Outside(msgspec.Struct, frozen=True, gc=False):
    """An outside telephone on duty: its number, and the queues whose callers may be given to it."""

    number: str
    queues: tuple[QueueId, ...]


class Agent(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A person who answers.  ``skills`` are (name, level 1–10), sorted by name."""

    id: AgentId
    name: str
    skills: tuple[tuple[str, int], ...]
    role: Role = Role.AGENT
    group: str | None = None
    """Where they belong in the house (H05); nothing is decided by it, figures are shown by it."""
    outside: Outside | None = None
    """Set for a telephone on duty: nobody logs in there, and it is rung only when all else has
    been tried."""


class SeatMode(StrEnum):
    """How a call reaches whoever sits at a seat."""

    RING = "ring"
    """The phone rings; to pick up is to answer."""
    AUTO_ANSWER = "auto_answer"
    """The phone picks up by itself; the first word or key answers."""
    NAILED_UP = "nailed_up"
    """The phone's line stays open while somebody is logged in: see ``open_lines``."""


class Seat(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A workplace with one phone, or two on an emergency seat (T29).  Calls ring the first."""

    id: SeatId
    phones: tuple[PhoneId, ...]
    agent: AgentId | None
    """Who logs in here by feature code; the API can seat anybody."""
    mode: SeatMode = SeatMode.RING


class Trunk(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """An operator's connection that outside numbers can be dialled over: it is in service and has
    an address to dial to.  There are at least two (T31)."""

    id: TrunkId
    priority: int
    """The least is tried first."""
    rules: NumberRules
    form: DialForm
    caller_ids: tuple[str, ...]
    """What the operator lets us show; the first where nothing else is asked for."""
    areas: tuple[AreaId, ...]
    """Whose rescue numbers can be dialled over it."""


class RescueService(StrEnum):
    POLICE = "police"
    FIRE = "fire"
    MEDICAL = "medical"


class RescueNumber(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """110, 119 or 120 of an area, or what stands in for it in tests and drills."""

    service: RescueService
    number: str
    is_real: bool


class ContactKind(StrEnum):
    """Who is to be told when something happens to an elder."""

    RELATIVE = "relative"
    HELPER = "helper"
    COMMITTEE = "committee"
    SERVICE_CENTRE = "service_centre"
    PROPERTY = "property"
    DISTRICT_OFFICE = "district_office"


class Contact(msgspec.Struct, frozen=True, gc=False):
    """One of them, by a normalised number; relatives stand first, by their grade (U03)."""

    kind: ContactKind
    number: str


class DeviceTest(StrEnum):
    """Who tests a terminal (W48)."""

    USER = "user"
    """Whoever lives with it."""
    REVISIT = "revisit"
    """At a visit, or asked to by whoever calls them."""
    MAINTENANCE = "maintenance"
    """Whoever installs, repairs or swaps it."""


class DeviceMeaning(StrEnum):
    """What a terminal says of itself by DTMF (T27)."""

    LOW_BATTERY = "low_battery"
    FAULT = "fault"
    TEST = "test"
    """Somebody tests it; what the call was is the agent's to say (W48)."""
    MAINS_LOST = "mains_lost"
    MAINS_BACK = "mains_back"
    TAMPERED = "tampered"
    OTHER = "other"


class DeviceCode(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One code of a model of terminals.  No code of a model begins with another."""

    digits: str
    meaning: DeviceMeaning
    task: str = ""
    """What somebody has to do about it; nothing is owed without."""
    within_ms: int = 259_200_000
    """From the code to the deadline of the task."""


class Area(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Where an elder lives, as far as help is concerned."""

    id: AreaId
    rescue: tuple[RescueNumber, ...]
