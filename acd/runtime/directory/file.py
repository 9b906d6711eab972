"""The directory as a person writes it: one YAML file, its sections and what each may say.

A section that is there replaces what the database has of it; one that is absent leaves it alone.
Everything here is about one entry at a time; what entries say of each other is checked in
``check``.  Durations are milliseconds, distances metres.
"""

from ipaddress import IPv4Address, IPv6Address
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from acd.core.directory import DeviceMeaning, EntryKind, Role, SeatMode
from acd.core.numbers import DialForm
from acd.runtime.directory.elder_section import Elder
from acd.runtime.directory.fields import (
    Day,
    Domain,
    Endpoint,
    Id,
    Level,
    Network,
    Number,
    Precedence,
    Section,
    Text,
)
from acd.runtime.directory.queue_section import Queue


class Organisation(Section):
    """Somebody near the elder: committee, service centre, property, district office."""

    id: Id
    kind: Literal["committee", "service_centre", "property", "district_office"]
    name: Text
    phone: Number | None = None
    contact: Text | None = None
    address: Text | None = None


class RescueNumber(Section):
    """110, 119 or 120 of an area.  Tests, drills and proofs dial simulators only."""

    number: Annotated[str, StringConstraints(pattern=r"^[0-9]{3,20}$")]
    kind: Literal["real", "simulator"]


class Area(Section):
    """Where rescue comes from."""

    id: Id
    name: Text
    police: RescueNumber
    fire: RescueNumber
    medical: RescueNumber


class Account(Section):
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


class Outbound(Section):
    """Where outside numbers are dialled to.  ``host`` is an address: a name would cost a look-up
    per call.  The trunk with the least ``priority`` is tried first."""

    host: IPv4Address | IPv6Address
    port: Annotated[int, Field(ge=1, le=65535)] = 5060
    priority: Annotated[int, Field(ge=0, le=100)]
    dial: DialForm = DialForm.NATIONAL
    account: Account | None = None
    """None: the operator knows us by our address."""


class Trunk(Section):
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
    lines: Annotated[int, Field(ge=1, le=10_000)] | None = None
    """How many calls at once the contract allows, so that one is told before they are used up
    (H10); None: unknown."""


class Skill(Section):
    """Something an agent can do; dialects, professions and duties too."""

    id: Id
    name: Text


def _yes(value: bool) -> bool:
    if not value:
        raise ValueError("should be true, or left out")
    return value


Yes = Annotated[bool, AfterValidator(_yes)]


class MenuChoice(Section):
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


class Menu(Section):
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


class Entry(Section):
    """A dialled number (DID) and where its calls go."""

    id: Annotated[str, StringConstraints(pattern=r"^[0-9]{3,20}$")]
    name: Text
    kind: EntryKind
    queue: Id
    agent: Id | None = None
    menu: Id | None = None


class Agent(Section):
    """A person who answers."""

    id: Id
    name: Text
    skills: dict[Id, Level] = Field(default_factory=dict)
    role: Role = Role.AGENT
    group: Id | None = None
    """Where they belong in the house; see ``acd.core.directory.Agent``."""


class Seat(Section):
    """A workplace with its SIP accounts: one phone, or two on an emergency seat (T29)."""

    id: Id
    phones: Annotated[tuple[Endpoint, ...], Field(min_length=1, max_length=2)]
    agent: Id | None = None
    mode: SeatMode = SeatMode.RING


class DutyPhone(Section):
    """An outside telephone whose holder is on duty for some queues; see
    ``acd.core.directory.Outside``."""

    id: Id
    name: Text
    number: Number
    queues: Annotated[tuple[Id, ...], Field(min_length=1)]


class DeviceCode(Section):
    """What a terminal means by some digits; see ``acd.core.directory.DeviceCode``."""

    meaning: DeviceMeaning
    task: Text | None = None
    within_ms: Annotated[int, Field(ge=60_000, le=7_776_000_000)] = 259_200_000


class TerminalModel(Section):
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


class Terminal(Section):
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


class DirectoryFile(Section):
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
