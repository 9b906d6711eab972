"""The directory as a person writes it: one YAML file, its sections and what each may say.

A section that is there replaces what the database has of it; one that is absent leaves it alone.
Everything here is about one entry at a time; what entries say of each other is checked in
``check``.  Durations are milliseconds, distances metres.
"""

from datetime import date, time
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainValidator,
    StringConstraints,
    model_validator,
)

from acd.core.directory import (
    PAUSE_REASONS,
    DeviceMeaning,
    EntryKind,
    Reach,
    Role,
    SeatMode,
    Selection,
    Sticky,
)
from acd.core.numbers import DialForm, as_kept
from acd.core.scripts import RatingScale
from acd.core.spoken import COUNTED_MAX


def _without_nul(written: str) -> str:
    if "\x00" in written:  # PostgreSQL has none in texts
        raise ValueError("should hold no NUL character")
    return written


Text = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=500),
    AfterValidator(_without_nul),
]
Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9:._-]{0,63}$")]
Endpoint = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,63}$")]
"""A SIP endpoint's name.  It begins with a letter, so that no caller's number can be one."""
Domain = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9.-]{0,252}$")]
Level = Annotated[int, Field(ge=1, le=10)]
Precedence = Annotated[int, Field(ge=0, le=9)]
"""By how many steps a caller goes before others; see ``acd.core.directory.Queue.precedence_ms``."""
Duration = Annotated[int, Field(ge=0, le=3_600_000)]
Day = Annotated[date, Field(gt=date(1880, 1, 1), lt=date(2200, 1, 1))]
"""Beyond a life and its plans a date is a slip of the pen."""


Number = Annotated[str, AfterValidator(as_kept)]


def _network(written: object) -> IPv4Network | IPv6Network:
    return ip_network(str(written))


Network = Annotated[IPv4Network | IPv6Network, PlainValidator(_network)]


def _pause_reason(written: str) -> str:
    if written not in PAUSE_REASONS.values():
        raise ValueError(f"should be a reason of a pause: {', '.join(PAUSE_REASONS.values())}")
    return written


PauseReason = Annotated[str, AfterValidator(_pause_reason)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Organisation(_Section):
    """Somebody near the elder: committee, service centre, property, district office."""

    id: Id
    kind: Literal["committee", "service_centre", "property", "district_office"]
    name: Text
    phone: Number | None = None
    contact: Text | None = None
    address: Text | None = None


class RescueNumber(_Section):
    """110, 119 or 120 of an area.  Tests, drills and proofs dial simulators only."""

    number: Annotated[str, StringConstraints(pattern=r"^[0-9]{3,20}$")]
    kind: Literal["real", "simulator"]


class Area(_Section):
    """Where rescue comes from."""

    id: Id
    name: Text
    police: RescueNumber
    fire: RescueNumber
    medical: RescueNumber


class Account(_Section):
    """What the operator has given us to log in with.  The password is in no file: `acd directory
    trunk-password` takes it."""

    user: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9+._@-]{1,128}$")]
    """The user name of the digest."""
    number: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9+._-]{1,64}$")] | None = None
    """With the domain our SIP address there; None: the part of ``user`` before the @."""
    domain: Domain | None = None
    """None: the address that is dialled to."""
    registers: bool = True
    """False: we log in for calls that we make, and are found by our address."""

    @property
    def address_number(self) -> str:
        """The user part of our SIP address there."""
        return self.number or self.user.partition("@")[0]


class Outbound(_Section):
    """Where outside numbers are dialled to.  ``host`` is an address: a name would cost a look-up
    per call.  The trunk with the least ``priority`` is tried first."""

    host: IPv4Address | IPv6Address
    port: Annotated[int, Field(ge=1, le=65535)] = 5060
    priority: Annotated[int, Field(ge=0, le=100)]
    dial: DialForm = DialForm.NATIONAL
    account: Account | None = None
    """None: the operator knows us by our address."""


class Trunk(_Section):
    """An operator's connection; its id is the name of its SIP endpoint."""

    id: Endpoint
    provider: Text
    addresses: Annotated[tuple[Network, ...], Field(min_length=1)]
    area_code: Annotated[str, StringConstraints(pattern=r"^0[1-9][0-9]{1,2}$")] | None = None
    trusts_asserted: bool
    outbound_caller_ids: Annotated[tuple[Number, ...], Field(min_length=1)]
    areas: Annotated[tuple[Id, ...], Field(min_length=1)]
    state: Literal["in_service", "out_of_service"] = "in_service"
    outbound: Outbound | None = None
    """None: takes calls and makes none."""


class Skill(_Section):
    """Something an agent can do; dialects, professions and duties too."""

    id: Id
    name: Text


class Widening(_Section):
    """From ``after_ms`` since the arrival on, so many phones may ring at once, and whoever is
    within reach may be rung; see ``acd.core.directory.Widening``."""

    after_ms: Annotated[int, Field(ge=0, le=86_400_000)]
    phones: Annotated[int, Field(ge=1, le=100)]
    reach: Reach


def _sayable(value: int) -> int:
    # What is told to the caller must be exactly what is owed (V06).
    for unit_ms in (3_600_000, 60_000):
        if value % unit_ms == 0 and value // unit_ms <= COUNTED_MAX:
            return value
    raise ValueError(f"should be up to {COUNTED_MAX} whole minutes or hours, to be told aloud")


def _yes(value: bool) -> bool:
    if not value:
        raise ValueError("should be true, or left out")
    return value


Yes = Annotated[bool, AfterValidator(_yes)]


class MenuChoice(_Section):
    """What comes of a key: exactly one of these."""

    queue: Id | None = None
    menu: Id | None = None
    information: Id | None = None
    voicemail: Yes | None = None
    callback: Yes | None = None
    task: Id | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        given = [name for name in type(self).model_fields if getattr(self, name) is not None]
        if len(given) != 1:
            names = ", ".join(type(self).model_fields)
            raise ValueError(f"should say one of {names}")
        return self

    @property
    def then(self) -> str:
        return next(n for n in type(self).model_fields if getattr(self, n) is not None)

    @property
    def target(self) -> str:
        value = getattr(self, self.then)
        return value if isinstance(value, str) else ""


class Menu(_Section):
    """A question with one key as its answer; see ``acd.core.scripts.Menu``."""

    id: Id
    prompt: Id
    choices: Annotated[
        dict[Annotated[str, StringConstraints(pattern=r"^[0-9*#]$")], MenuChoice],
        Field(min_length=1),
    ]
    otherwise: MenuChoice
    answer_ms: Annotated[int, Field(ge=1_000, le=60_000)] = 5_000
    tries_max: Annotated[int, Field(ge=1, le=10)] = 3


class Treatment(_Section):
    """What a waiting caller hears; see ``acd.core.scripts.Treatment``."""

    greets: bool = False
    recording_notice: Id | None = None
    comfort: Id | None = None
    comfort_every_ms: Annotated[int, Field(ge=0, le=600_000)] = 20_000
    hold_notice_ms: Annotated[int, Field(ge=5_000, le=60_000)] = 10_000
    tells_position: bool = False
    tells_agent: bool = False
    callback_from_ms: Annotated[int, Field(ge=0, le=86_400_000)] | None = None
    reply_within_ms: Annotated[int, Field(ge=60_000), AfterValidator(_sayable)] = 7_200_000
    rating: RatingScale | None = None


class Callback(_Section):
    """When whoever gave up is called back; see ``acd.core.directory.Callback``."""

    within_ms: Annotated[int, Field(ge=60_000, le=86_400_000)] = 900_000
    first_ms: Duration = 10_000
    spacing_ms: Annotated[int, Field(ge=30_000, le=86_400_000)] = 600_000
    attempts_max: Annotated[int, Field(ge=1, le=20)] = 3
    escalation_ms: Annotated[int, Field(ge=60_000, le=86_400_000)] = 600_000
    short_ms: Annotated[int, Field(ge=0, le=60_000)] = 3_000


Interval = Annotated[int, Field(ge=60_000, le=3_600_000)]


class Emergency(_Section):
    """When somebody is asked again until help is there; see
    ``acd.core.directory.EmergencyRules``."""

    ask_medical_ms: Annotated[int, Field(ge=30_000, le=3_600_000)] = 120_000
    ask_car_ms: Interval = 420_000
    call_elder_ms: Interval = 900_000
    ask_contact_ms: Interval = 600_000
    report_hour: Annotated[int, Field(ge=0, le=23)] = 17
    revisit_days: Annotated[int, Field(ge=1, le=30)] = 3


class Relaxation(_Section):
    """From ``after_ms`` since the arrival on, whoever has no more than ``needs`` will do too."""

    after_ms: Annotated[int, Field(ge=1, le=86_400_000)]
    needs: dict[Id, Level]


class Queue(_Section):
    """A waiting line and its policy; see ``acd.core.directory.Queue``."""

    id: Id
    name: Text
    priority: Annotated[int, Field(ge=0, le=1000)]
    promise_ms: Annotated[int, Field(ge=1000, le=3_600_000)]
    ring_ms: Annotated[int, Field(ge=1000, le=3_600_000)]
    # Given with ring_ms and promise_ms, so that a queue without them is never impossible.
    ring_ms_min: Annotated[int, Field(ge=1000, le=3_600_000)] = Field(
        default_factory=lambda given: min(6_500, given.get("ring_ms", 6_500))
    )
    incident_ms: Annotated[int, Field(ge=1000, le=86_400_000)] = Field(
        default_factory=lambda given: max(60_000, given.get("promise_ms", 60_000))
    )
    widening: Annotated[tuple[Widening, ...], Field(min_length=1)] = (
        Widening(after_ms=0, phones=1, reach=Reach.READY),
    )
    pick_up_ms: Duration = 2_000
    wrap_up_ms: Duration
    short_answer_ms: Annotated[int, Field(ge=0, le=60_000)] = 1_000
    refusal_delay_ms: Duration = 3_000
    misses_max: Annotated[int, Field(ge=1, le=100)] = 3
    selection: Selection = Selection.LONGEST_IDLE
    needs: dict[Id, Level]
    acknowledgement: Id = "caller-acknowledge"
    # What the queue grants to its agents; see ``acd.core.directory.AgentRules``.
    wrap_up_extension_ms: Annotated[int, Field(ge=1_000, le=3_600_000)] = 30_000
    wrap_up_ms_max: Annotated[int, Field(ge=0, le=7_200_000)] = Field(
        default_factory=lambda given: max(180_000, given.get("wrap_up_ms", 0))
    )
    test_ring_ms: Annotated[int, Field(ge=5_000, le=3_600_000)] = 30_000
    test_rings_max: Annotated[int, Field(ge=0, le=20)] = 6
    ready_min: Annotated[int, Field(ge=0, le=1_000)] | None = None
    consent: tuple[PauseReason, ...] = ()
    treatment: Treatment = Treatment()
    callback: Callback = Callback()
    emergency: Emergency = Emergency()
    # Who goes first, who will do later, who helps, who is preferred.
    weight: Annotated[int, Field(ge=1, le=100)] = 1
    precedence_ms: Duration = 10_000
    relaxation: tuple[Relaxation, ...] = ()
    overflow: tuple[Id, ...] = ()
    overflow_ms: Annotated[int, Field(ge=0, le=86_400_000)] = Field(
        default_factory=lambda given: given.get("promise_ms", 10_000)
    )
    prefers: tuple[Id, ...] = ()
    sticky: tuple[Sticky, ...] = ()
    sticky_ms: Annotated[int, Field(ge=0, le=31_622_400_000)] = 604_800_000
    prefer_wait_ms: Duration = 0
    outside_ring_ms: Annotated[int, Field(ge=5_000, le=60_000)] = 25_000


class Entry(_Section):
    """A dialled number (DID) and where its calls go."""

    id: Annotated[str, StringConstraints(pattern=r"^[0-9]{3,20}$")]
    name: Text
    kind: EntryKind
    queue: Id
    agent: Id | None = None
    menu: Id | None = None


class Agent(_Section):
    """A person who answers."""

    id: Id
    name: Text
    skills: dict[Id, Level] = {}
    role: Role = Role.AGENT
    group: Id | None = None
    """Where they belong in the house; see ``acd.core.directory.Agent``."""


class Seat(_Section):
    """A workplace with its SIP accounts: one phone, or two on an emergency seat (T29)."""

    id: Id
    phones: Annotated[tuple[Endpoint, ...], Field(min_length=1, max_length=2)]
    agent: Id | None = None
    mode: SeatMode = SeatMode.RING


class DutyPhone(_Section):
    """An outside telephone whose holder is on duty for some queues; see
    ``acd.core.directory.Outside``."""

    id: Id
    name: Text
    number: Number
    queues: Annotated[tuple[Id, ...], Field(min_length=1)]


class DeviceCode(_Section):
    """What a terminal means by some digits; see ``acd.core.directory.DeviceCode``."""

    meaning: DeviceMeaning
    task: Text | None = None
    within_ms: Annotated[int, Field(ge=60_000, le=7_776_000_000)] = 259_200_000


class TerminalModel(_Section):
    """What terminals of a model say of themselves by DTMF (T27).  ``id`` is the ``model`` that
    terminals have.  Where any model is listed every terminal's is, also one that sends no codes."""

    id: Text
    codes: Annotated[
        dict[Annotated[str, StringConstraints(pattern=r"^[0-9A-D*#]{2,8}$")], DeviceCode],
        Field(max_length=50),
    ]

    @model_validator(mode="after")
    def _told_apart(self) -> Self:
        codes = sorted(self.codes)
        for shorter, longer in pairwise(codes):
            # In this order whatever begins with a code stands behind it.
            if longer.startswith(shorter):
                raise ValueError(f"code {longer} begins with code {shorter} and is never heard")
        return self


class Terminal(_Section):
    """A one-key device."""

    id: Id
    numbers: Annotated[tuple[Number, ...], Field(min_length=1)]
    device: Text | None = None
    model: Text | None = None
    network_licence: Text | None = None
    certificate: Text | None = None
    installed: Day | None = None
    state: Literal["in_use", "faulty", "removed"] = "in_use"
    precedence: Precedence = 0
    area: Id | None = None
    """Where 110, 119 and 120 come from; None: wherever its trunk's do."""


class Address(_Section):
    """L1-5; the committee stands beside the other organisations."""

    district: Text
    street: Text
    estate: Text | None = None
    building: Text | None = None
    room: Text | None = None


class Contact(_Section):
    """L1-8: who is called when something happens; grade 1 first."""

    grade: Annotated[int, Field(ge=1, le=9)]
    name: Text
    relation: Text
    phones: Annotated[tuple[Number, ...], Field(min_length=1, max_length=2)]
    distance_m: Annotated[int, Field(ge=0, le=1_000_000)] | None = None
    has_key: bool = False


class Helper(_Section):
    """L1-9: the helper (助老员) who looks after the elder."""

    name: Text
    phone: Number


class WayIn(_Section):
    """L1-10: how rescue reaches the elder."""

    entrance: Text | None = None
    gate_code: Text | None = None
    key_place: Text | None = None
    route: Text | None = None
    lift: bool | None = None
    latitude: Annotated[float, Field(ge=-90, le=90)]
    longitude: Annotated[float, Field(ge=-180, le=180)]


class Medicine(_Section):
    """L1-14: what is taken, and when to remind."""

    name: Text
    dose: Text | None = None
    times: tuple[time, ...] = ()


class Ability(_Section):
    """L1-15: what the elder can still do."""

    mobility: Literal["independent", "aided", "wheelchair", "bedridden"]
    hearing: Literal["good", "poor", "deaf"]
    speech: Literal["good", "poor", "none"]
    cognition: Literal["good", "forgetful", "dementia"]


class Health(_Section):
    """L1-11 to L1-15."""

    blood_group: Literal["A", "B", "AB", "O"] | None = None
    rhesus: Literal["positive", "negative"] | None = None
    history: tuple[Text, ...] = ()
    allergies: tuple[Text, ...] = ()
    medication: tuple[Medicine, ...] = ()
    ability: Ability | None = None
    hospital: Text | None = None
    insurance: Text | None = None


class Needs(_Section):
    """L1-16: what is spoken and believed."""

    languages: tuple[Text, ...] = ()
    ethnic_group: Text | None = None
    religious_needs: Text | None = None


class Absence(_Section):
    """Days on which nobody is at home."""

    since: Day
    until: Day
    reason: Text | None = None


class Habits(_Section):
    """L1-17."""

    care_call_time: time | None = None
    pets: Text | None = None
    absences: tuple[Absence, ...] = ()
    life_events: tuple[Text, ...] = ()
    notes: Text | None = None


class Elder(_Section):
    """The person cared for: the 17 fields of requirements L1."""

    id: Id
    name: Text
    sex: Literal["female", "male"]
    born: Day
    identity_card: Annotated[str, StringConstraints(pattern=r"^[0-9]{17}[0-9X]$")] | None = None
    address: Address
    phones: tuple[Number, ...] = ()
    terminal: Id | None = None
    living: Literal["alone", "spouse", "children", "relatives", "carer", "institution"]
    category: Literal["government_paid", "self_paid"]
    status: Literal["in_use", "stopped", "returned"] = "in_use"
    precedence: Precedence = 0
    contacts: tuple[Contact, ...] = ()
    committee: Id | None = None
    property: Id | None = None
    service_centre: Id | None = None
    district_office: Id | None = None
    helper: Helper | None = None
    way_in: WayIn | None = None
    health: Health = Health()
    needs: Needs = Needs()
    habits: Habits = Habits()


class DirectoryFile(_Section):
    """The whole file.  None is a section that is absent."""

    organisations: tuple[Organisation, ...] | None = None
    areas: tuple[Area, ...] | None = None
    trunks: tuple[Trunk, ...] | None = None
    skills: tuple[Skill, ...] | None = None
    queues: tuple[Queue, ...] | None = None
    menus: tuple[Menu, ...] | None = None
    entries: tuple[Entry, ...] | None = None
    agents: tuple[Agent, ...] | None = None
    seats: tuple[Seat, ...] | None = None
    duty_phones: tuple[DutyPhone, ...] | None = None
    terminal_models: tuple[TerminalModel, ...] | None = None
    terminals: tuple[Terminal, ...] | None = None
    elders: tuple[Elder, ...] | None = None
