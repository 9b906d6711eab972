"""What of the directory the core is told: who answers which calls, by which rules."""

from itertools import starmap

import asyncpg

from acd.adapters.postgres.database import Connection
from acd.adapters.postgres.statements import sql
from acd.core.directory import (
    Agent,
    AgentRules,
    Area,
    Callback,
    EmergencyRules,
    Entry,
    EntryKind,
    Hours,
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
    Trunk,
    Widening,
)
from acd.core.directory_diff import Staffing
from acd.core.ids import AgentId, AreaId, EntryId, MenuId, PhoneId, QueueId, SeatId, TrunkId
from acd.core.scripts import Choice, Menu, RatingScale, Then, Treatment


async def read_staffing(connection: Connection, trunks: dict[TrunkId, Trunk]) -> Staffing:
    """Return it; ``trunks`` are those that outside numbers can be dialled over.

    Raises asyncpg.PostgresError and OSError.
    """
    rows = await connection.fetch(sql("directory_queues"))
    queues = {QueueId(row["id"]): _queue(row) for row in rows}
    return Staffing(
        queues=dict(sorted(queues.items())),
        entries=dict(sorted((await _read_entries(connection)).items())),
        agents=dict(sorted((await _read_agents(connection)).items())),
        seats=dict(sorted((await _read_seats(connection)).items())),
        areas=dict(sorted((await _read_areas(connection)).items())),
        trunks=dict(sorted(trunks.items())),
    )


async def _read_entries(connection: Connection) -> dict[EntryId, Entry]:
    menus = {row["id"]: _menu(row) for row in await connection.fetch(sql("directory_menus"))}
    return {
        EntryId(row["id"]): Entry(
            id=EntryId(row["id"]),
            kind=EntryKind(row["kind"]),
            queue=QueueId(row["queue"]),
            agent=row["agent"],
            menus=_reached(menus, row["menu"]),
        )
        for row in await connection.fetch(sql("directory_entries"))
    }


async def _read_agents(connection: Connection) -> dict[AgentId, Agent]:
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
    return agents


async def _read_seats(connection: Connection) -> dict[SeatId, Seat]:
    return {
        SeatId(row["id"]): Seat(
            id=SeatId(row["id"]),
            phones=tuple(map(PhoneId, row["phones"])),
            agent=row["agent"],
            mode=SeatMode(row["mode"]),
        )
        for row in await connection.fetch(sql("directory_seats"))
    }


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


def _queue(row: asyncpg.Record) -> Queue:
    return Queue(
        **{name: row[name] for name in _QUEUE_FIELDS},
        selection=Selection(row["selection"]),
        needs=tuple(starmap(SkillNeed, _skills(row))),
        widening=_widening(row),
        rules=_rules(row),
        callback=Callback(**{name: row[name] for name in Callback.__struct_fields__}),
        emergency=EmergencyRules(**{name: row[name] for name in EmergencyRules.__struct_fields__}),
        treatment=_treatment(row),
        overflow=tuple(map(QueueId, row["overflow"])),
        prefers=tuple(row["prefers"]),
        sticky=tuple(map(Sticky, row["sticky"])),
        relaxation=_relaxation(row),
        hours=_hours(row),
    )


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


def _hours(row: asyncpg.Record) -> Hours | None:
    working = (row["working_from_min"], row["working_until_min"])
    off = (row["off_from_min"], row["off_until_min"])
    if working[0] is None and off[0] is None:
        return None
    return Hours(
        working_days=None if working[0] is None else working,
        days_off=None if off[0] is None else off,
    )


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
