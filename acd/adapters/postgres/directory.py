"""The directory as one consistent picture, read anew whenever it changes.

``staffing`` goes into the core as events; trunks, phones and callers are used at the borders.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress
from itertools import starmap

import asyncpg
import msgspec
import structlog

from acd.adapters.postgres.database import Connection, connect
from acd.adapters.postgres.errors import DatabaseAway, translated
from acd.adapters.postgres.statements import sql
from acd.core.directory import (
    Agent,
    AgentRules,
    Area,
    Callback,
    Contact,
    ContactKind,
    DeviceCode,
    DeviceMeaning,
    EmergencyRules,
    Entry,
    EntryKind,
    Outside,
    Queue,
    Reach,
    Relaxation,
    RescueNumber,
    RescueService,
    Role,
    Seat,
    SeatMode,
    Selection,
    SkillNeed,
    Sticky,
    Widening,
)
from acd.core.directory import Trunk as LineTrunk
from acd.core.directory_diff import Staffing
from acd.core.ids import (
    AgentId,
    AreaId,
    ElderId,
    EntryId,
    MenuId,
    PhoneId,
    QueueId,
    SeatId,
    TerminalId,
    TrunkId,
)
from acd.core.numbers import NO_RULES, DialForm, NumberRules, normalise
from acd.core.scripts import Choice, Menu, RatingScale, Then, Treatment

log = structlog.get_logger(__name__)

CHANNEL = "huling_directory"
HEARTBEAT_S = 15.0
"""A link that died without a word is noticed after this."""
BACKOFF_FIRST_S = 0.2
BACKOFF_MAX_S = 5.0
CALLERS_PER_FETCH = 1_000
"""About 5 ms of building; between two fetches the loop serves calls, and none waits longer.
200,000 callers with three contacts each take 2.7 s, of which 1.9 s are PostgreSQL's."""


class Trunk(msgspec.Struct, frozen=True, kw_only=True):
    """An operator's connection.  ``addresses`` are networks in CIDR form."""

    id: TrunkId
    provider: str
    addresses: tuple[str, ...]
    rules: NumberRules
    trusts_asserted: bool
    outbound_caller_ids: tuple[str, ...]
    areas: tuple[str, ...]
    in_service: bool
    host: str | None
    """Where outside numbers are dialled to, with the rest below; None: not at all."""
    port: int | None
    priority: int | None
    dial_form: DialForm | None
    account: "Account | None" = None
    """None: the operator knows us by our address."""


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """How a trunk logs in at its operator.  The password is not in ``repr``."""

    user: str
    """Of the digest."""
    number: str
    domain: str
    """With the number its SIP address there."""
    registers: bool
    password: str | None
    """None: nobody has told it yet."""

    def __repr__(self) -> str:
        return f"Account({self.number}@{self.domain}, user={self.user!r})"


class Phone(msgspec.Struct, frozen=True, kw_only=True):
    """A SIP account.  Its password is not in ``repr``."""

    id: PhoneId
    seat: SeatId
    password: str

    def __repr__(self) -> str:
        return f"Phone(id={self.id!r}, seat={self.seat!r})"


class Caller(msgspec.Struct, frozen=True):
    """Who a number belongs to.  A couple at one terminal are two elders."""

    terminal: TerminalId
    elders: tuple[ElderId, ...]
    precedence: int = 0
    languages: tuple[str, ...] = ()
    """Skills that are named like a language they speak, the dearest first."""
    area: AreaId | None = None
    """Where help comes from; None: wherever the trunk's does."""
    contacts: tuple[Contact, ...] = ()
    """Whom to call for them: relatives by grade, so that the first three are three people and not
    one with three telephones; then helpers and the organisations around them (U03, E06)."""
    device_codes: tuple[DeviceCode, ...] = ()
    """What its terminal may say of itself by DTMF (T27)."""


class Callers:
    """Finds the caller by number.

    One text per number instead of objects, and one tuple for all who have the same organisations
    around them: 200,000 terminals with six contacts each take about 65 MB so.
    """

    def __init__(
        self,
        packed: dict[str, str],
        around: Sequence[tuple[Contact, ...]] = (),
        codes: Sequence[tuple[DeviceCode, ...]] = (),
    ) -> None:
        """``packed`` maps a number to "terminal elder elder … +precedence ~language … !area
        =relative's number … %helper's number … @place in ``around`` #place in ``codes``"; ids hold
        no blanks and begin with a letter or a digit."""
        self._packed = packed
        self._around = around
        self._codes = codes

    def find(self, number: str | None) -> Caller | None:
        """Return the caller with this normalised number, or None when nobody knows them."""
        if number is None:
            return None
        packed = self._packed.get(number)
        if packed is None:
            return None
        terminal, *rest = packed.split(" ")
        said: dict[str, list[str]] = {}
        elders: list[ElderId] = []
        for one in rest:
            if one[0] in _MARKS:
                said.setdefault(one[0], []).append(one[1:])
            else:
                elders.append(ElderId(one))
        area, model = said.get("!"), said.get("#")
        return Caller(
            terminal=TerminalId(terminal),
            elders=tuple(elders),
            precedence=int(said.get("+", ("0",))[0]),
            languages=tuple(said.get("~", ())),
            area=None if area is None else AreaId(area[0]),
            contacts=self._contacts(number, said),
            device_codes=() if model is None else self._codes[int(model[0])],
        )

    def _contacts(self, own: str, said: dict[str, list[str]]) -> tuple[Contact, ...]:
        """Return whom to call, each number once, and never the caller's own."""
        found = [
            *(Contact(ContactKind.RELATIVE, one) for one in said.get("=", ())),
            *(Contact(ContactKind.HELPER, one) for one in said.get("%", ())),
            *(one for place in said.get("@", ()) for one in self._around[int(place)]),
        ]
        contacts: dict[str, Contact] = {}
        for one in found:
            # The directory may have been written by hand, in SQL.
            number = normalise(NO_RULES, one.number)
            if number is not None and number != own:
                contacts.setdefault(number, Contact(one.kind, number))
        return tuple(contacts.values())

    def __len__(self) -> int:
        return len(self._packed)


_MARKS = "+~!=%@#"


class Directory(msgspec.Struct, frozen=True, kw_only=True):
    """One reading.  ``revision`` grows with every change; parts that have not changed are the very
    same objects as in the reading before."""

    revision: int
    staffing_revision: int
    callers_revision: int
    staffing: Staffing
    trunks: dict[TrunkId, Trunk]
    phones: dict[PhoneId, Phone]
    callers: Callers


async def read(connection: Connection, previous: Directory | None = None) -> Directory:
    """Read the directory in one snapshot; what ``previous`` still has right is not read again.

    Raises asyncpg.PostgresError and OSError.
    """
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        rows = await connection.fetch(sql("directory_revisions"))
        revisions = {row["part"]: row["revision"] for row in rows}
        staffing, callers = revisions["staffing"], revisions["callers"]
        if previous is not None and previous.staffing_revision == staffing:
            lines, trunks, phones = previous.staffing, previous.trunks, previous.phones
        else:
            trunks = await _read_trunks(connection)
            lines = await _read_staffing(connection, trunks)
            phones = await _read_phones(connection)
        if previous is not None and previous.callers_revision == callers:
            known = previous.callers
        else:
            known = await _read_callers(connection)
    return Directory(
        revision=max(revisions.values()),
        staffing_revision=staffing,
        callers_revision=callers,
        staffing=lines,
        trunks=trunks,
        phones=phones,
        callers=known,
    )


async def watch(database_url: str) -> AsyncGenerator[Directory, None]:
    """Yield the directory now, and again after every change, until the iterator is closed.

    Changes that come in quick succession may show as one.  PostgreSQL may go away at any time: the
    last reading stays valid, the link is sought again with backoff, and what changed meanwhile is
    yielded then.  Raises DatabaseRefused when the database says no.
    """
    last: Directory | None = None
    backoff_s = BACKOFF_FIRST_S
    while True:
        connection: asyncpg.Connection[asyncpg.Record] | None = None
        try:
            connection = await connect(database_url)
            with translated(database_url):
                changed = await _listen(connection)
            while True:
                # Cleared before reading: what changes during the reading is read once more.
                changed.clear()
                with translated(database_url):
                    fresh = await read(connection, last)
                backoff_s = BACKOFF_FIRST_S
                if last is None or fresh.revision != last.revision:
                    last = fresh
                    yield fresh
                with translated(database_url):
                    await _until(changed, connection)
        except DatabaseAway as error:
            log.warning(
                "PostgreSQL is away; the directory is served from its last reading.",
                reason=str(error),
                backoff_s=backoff_s,
            )
        finally:
            if connection is not None:
                connection.terminate()
        await asyncio.sleep(backoff_s)
        backoff_s = min(backoff_s * 2, BACKOFF_MAX_S)


async def _listen(connection: Connection) -> asyncio.Event:
    """Return an event that is set by every change, and by the loss of the connection."""
    changed = asyncio.Event()
    await connection.add_listener(CHANNEL, lambda *_: changed.set())
    connection.add_termination_listener(lambda *_: changed.set())
    return changed


async def _until(changed: asyncio.Event, connection: Connection) -> None:
    """Wait for a change; ask every HEARTBEAT_S whether anybody is still there."""
    while not changed.is_set():
        with suppress(TimeoutError):
            await asyncio.wait_for(changed.wait(), HEARTBEAT_S)
            return
        await connection.fetchval(sql("heartbeat"))


async def _read_staffing(connection: Connection, trunks: dict[TrunkId, Trunk]) -> Staffing:
    queues = {}
    for row in await connection.fetch(sql("directory_queues")):
        needs = tuple(starmap(SkillNeed, _skills(row)))
        plain = {name: row[name] for name in _QUEUE_FIELDS}
        queues[QueueId(row["id"])] = Queue(
            **plain,
            selection=Selection(row["selection"]),
            needs=needs,
            widening=_widening(row),
            rules=_rules(row),
            callback=Callback(**{name: row[name] for name in Callback.__struct_fields__}),
            emergency=EmergencyRules(
                **{name: row[name] for name in EmergencyRules.__struct_fields__}
            ),
            treatment=_treatment(row),
            overflow=tuple(map(QueueId, row["overflow"])),
            prefers=tuple(row["prefers"]),
            sticky=tuple(map(Sticky, row["sticky"])),
            relaxation=_relaxation(row),
        )
    menus = {row["id"]: _menu(row) for row in await connection.fetch(sql("directory_menus"))}
    entries = {
        EntryId(row["id"]): Entry(
            id=EntryId(row["id"]),
            kind=EntryKind(row["kind"]),
            queue=QueueId(row["queue"]),
            agent=row["agent"],
            menus=_reached(menus, row["menu"]),
        )
        for row in await connection.fetch(sql("directory_entries"))
    }
    agents = {
        AgentId(row["id"]): Agent(
            id=AgentId(row["id"]),
            name=row["name"],
            skills=_skills(row),
            role=Role(row["role"]),
            group=row["team"],
        )
        for row in await connection.fetch(sql("directory_agents"))
    }
    for row in await connection.fetch(sql("directory_duty_phones")):
        outside = Outside(row["number"], tuple(map(QueueId, row["queues"])))
        duty = AgentId(row["id"])
        agents[duty] = Agent(id=duty, name=row["name"], skills=(), outside=outside)
    seats = {
        SeatId(row["id"]): Seat(
            id=SeatId(row["id"]),
            phones=tuple(map(PhoneId, row["phones"])),
            agent=row["agent"],
            mode=SeatMode(row["mode"]),
        )
        for row in await connection.fetch(sql("directory_seats"))
    }
    return Staffing(
        queues=dict(sorted(queues.items())),
        entries=dict(sorted(entries.items())),
        agents=dict(sorted(agents.items())),
        seats=dict(sorted(seats.items())),
        areas=dict(sorted((await _read_areas(connection)).items())),
        trunks=dict(sorted(_dialled_over(trunks).items())),
    )


async def _read_areas(connection: Connection) -> dict[AreaId, Area]:
    rescue: dict[AreaId, list[RescueNumber]] = {}
    for row in await connection.fetch(sql("directory_rescue_numbers")):
        rescue.setdefault(AreaId(row["area"]), []).append(
            RescueNumber(
                service=RescueService(row["service"]),
                number=row["number"],
                is_real=row["kind"] == "real",
            )
        )
    return {key: Area(id=key, rescue=tuple(numbers)) for key, numbers in rescue.items()}


def _dialled_over(trunks: dict[TrunkId, Trunk]) -> dict[TrunkId, LineTrunk]:
    """Return the trunks in service that outside numbers can be dialled over."""
    return {
        trunk.id: LineTrunk(
            id=trunk.id,
            priority=trunk.priority,
            rules=trunk.rules,
            form=trunk.dial_form,
            caller_ids=trunk.outbound_caller_ids,
            areas=tuple(map(AreaId, trunk.areas)),
        )
        for trunk in trunks.values()
        if trunk.in_service and trunk.priority is not None and trunk.dial_form is not None
    }


def _skills(row: asyncpg.Record) -> tuple[tuple[str, int], ...]:
    # Sorted here: the database would sort by its own collation.
    return tuple(sorted(zip(row["skills"], row["levels"], strict=True)))


def _widening(row: asyncpg.Record) -> tuple[Widening, ...]:
    steps = zip(row["steps"], row["phones"], row["reaches"], strict=True)
    return tuple(
        Widening(after_ms=after_ms, phones=phones, reach=Reach(reach))
        for after_ms, phones, reach in steps
    )


def _menu(row: asyncpg.Record) -> Menu:
    choices = zip(row["keys"], row["leads"], row["targets"], strict=True)
    return Menu(
        id=MenuId(row["id"]),
        prompt=row["prompt"],
        # Sorted here: the database would sort by its own collation.
        choices=tuple(sorted((key, Choice(Then(then), target)) for key, then, target in choices)),
        otherwise=Choice(Then(row["otherwise"]), row["otherwise_target"]),
        answer_ms=row["answer_ms"],
        tries_max=row["tries_max"],
    )


def _reached(menus: dict[str, Menu], first: str | None) -> tuple[Menu, ...]:
    """Return the first menu and all that its keys lead to, however far."""
    if first is None:
        return ()
    found = {first: menus[first]}
    ahead = [menus[first]]
    while ahead:
        menu = ahead.pop()
        for choice in (*(choice for _, choice in menu.choices), menu.otherwise):
            if choice.then is Then.MENU and choice.target not in found:
                found[choice.target] = menus[choice.target]
                ahead.append(menus[choice.target])
    return tuple(found.values())


def _rules(row: asyncpg.Record) -> AgentRules:
    return AgentRules(
        wrap_up_extension_ms=row["wrap_up_extension_ms"],
        wrap_up_ms_max=row["wrap_up_ms_max"],
        test_ring_ms=row["test_ring_ms"],
        test_rings_max=row["test_rings_max"],
        ready_min=row["ready_min"],
        consent=tuple(row["consent"]),
    )


def _treatment(row: asyncpg.Record) -> Treatment:
    plain = {name: row[name] for name in Treatment.__struct_fields__}
    return Treatment(**{**plain, "rating": row["rating"] and RatingScale(row["rating"])})


def _relaxation(row: asyncpg.Record) -> tuple[Relaxation, ...]:
    needs: dict[int, list[SkillNeed]] = {after_ms: [] for after_ms in row["relaxed_after"]}
    for packed in row["relaxed_needs"]:
        after_ms, level_min, skill = packed.split(" ")
        needs[int(after_ms)].append(SkillNeed(skill, int(level_min)))
    # Sorted here: the database would sort by its own collation.
    return tuple(
        Relaxation(after_ms=after_ms, needs=tuple(sorted(some, key=lambda need: need.skill)))
        for after_ms, some in needs.items()
    )


_QUEUE_FIELDS = (
    "id",
    "priority",
    "promise_ms",
    "ring_ms",
    "ring_ms_min",
    "incident_ms",
    "pick_up_ms",
    "wrap_up_ms",
    "short_answer_ms",
    "refusal_delay_ms",
    "misses_max",
    "acknowledgement",
    "weight",
    "precedence_ms",
    "overflow_ms",
    "sticky_ms",
    "prefer_wait_ms",
    "outside_ring_ms",
)


async def _read_trunks(connection: Connection) -> dict[TrunkId, Trunk]:
    return {
        TrunkId(row["id"]): Trunk(
            id=TrunkId(row["id"]),
            provider=row["provider"],
            addresses=tuple(row["addresses"]),
            rules=NumberRules(area_code=row["area_code"]),
            trusts_asserted=row["trusts_asserted"],
            outbound_caller_ids=tuple(row["outbound_caller_ids"]),
            areas=tuple(row["areas"]),
            in_service=row["state"] == "in_service",
            host=row["host"],
            port=row["port"],
            priority=row["priority"],
            dial_form=None if row["dial_form"] is None else DialForm(row["dial_form"]),
            account=_account_of(row),
        )
        for row in await connection.fetch(sql("directory_trunks"))
    }


def _account_of(row: asyncpg.Record) -> Account | None:
    if row["account_user"] is None:
        return None
    return Account(
        user=row["account_user"],
        number=row["account_number"],
        domain=row["account_domain"],
        registers=row["registers"],
        password=row["password"],
    )


async def _read_phones(connection: Connection) -> dict[PhoneId, Phone]:
    return {
        PhoneId(row["id"]): Phone(
            id=PhoneId(row["id"]), seat=SeatId(row["seat"]), password=row["password"]
        )
        for row in await connection.fetch(sql("directory_phones"))
    }


async def _read_callers(connection: Connection) -> Callers:
    organisations = {
        row["id"]: Contact(ContactKind(row["kind"]), row["phone"])
        for row in await connection.fetch(sql("directory_organisations"))
    }
    codes: dict[str, list[DeviceCode]] = {}
    for row in await connection.fetch(sql("directory_terminal_models")):
        code = DeviceCode(
            digits=row["digits"],
            meaning=DeviceMeaning(row["meaning"]),
            task=row["task"],
            within_ms=row["within_ms"],
        )
        codes.setdefault(row["model"], []).append(code)
    models = list(codes)
    around: dict[str, int] = {}
    packed: dict[str, str] = {}
    cursor = await connection.cursor(sql("directory_callers"))
    while rows := await cursor.fetch(CALLERS_PER_FETCH):
        for row in rows:
            packed[row["number"]] = _packed(row, around, models)
    kinds = tuple(ContactKind)
    return Callers(
        packed,
        [
            tuple(
                sorted(
                    (organisations[one] for one in ids.split() if one in organisations),
                    key=lambda contact: kinds.index(contact.kind),
                )
            )
            for ids in around
        ],
        # Sorted here: the database would sort by its own collation.
        [tuple(sorted(some, key=lambda code: code.digits)) for some in codes.values()],
    )


def _packed(row: asyncpg.Record, around: dict[str, int], models: Sequence[str]) -> str:
    """Return one number's text; ``around`` counts the different sets of organisations, ``models``
    are the models of terminals that send codes."""
    parts = [row["terminal"], row["elders"]]
    if row["precedence"]:
        parts.append(f"+{row['precedence']}")
    parts += (f"~{language}" for language in dict.fromkeys(row["languages"].split()))
    if row["area"] is not None:
        parts.append(f"!{row['area']}")
    parts += (f"={phone}" for phone in dict.fromkeys(row["relatives"].split()))
    parts += (f"%{phone}" for phone in dict.fromkeys(row["helpers"].split()))
    if row["organisations"]:
        parts.append(f"@{around.setdefault(row['organisations'], len(around))}")
    if row["model"] in models:
        parts.append(f"#{models.index(row['model'])}")
    return " ".join(filter(None, parts))
