"""Replaces parts of the directory, all in one transaction or not at all."""

from collections.abc import Callable, Iterable, Mapping, Sequence

import asyncpg
import msgspec

from acd.adapters.postgres.database import Connection, Pool
from acd.adapters.postgres.errors import translated
from acd.adapters.postgres.statements import sql

Row = tuple[object, ...]

LOAD_TIMEOUT_S = 600.0
"""One statement of a load; 200,000 elders take some ten seconds."""


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """What of a table a file governs.  ``kept`` columns are written once and never replaced."""

    name: str
    section: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    kept: tuple[str, ...] = ()


class StillUsed(Exception):
    """Something that the file does not have any more is named by what the file leaves alone."""


class Change(msgspec.Struct, frozen=True):
    """How many rows of a section were written anew or differently, and how many removed."""

    written: int
    removed: int


TABLES = (
    Table(
        name="organisations",
        section="organisations",
        columns=("id", "kind", "name", "phone", "contact", "address"),
        key=("id",),
    ),
    Table(name="areas", section="areas", columns=("id", "name"), key=("id",)),
    Table(
        name="rescue_numbers",
        section="areas",
        columns=("area", "service", "number", "kind"),
        key=("area", "service"),
    ),
    Table(
        name="trunks",
        section="trunks",
        columns=(
            "id",
            "provider",
            "area_code",
            "trusts_asserted",
            "outbound_caller_ids",
            "state",
            "host",
            "port",
            "priority",
            "dial_form",
        ),
        key=("id",),
    ),
    Table(name="trunk_addresses", section="trunks", columns=("trunk", "network"), key=("network",)),
    Table(name="trunk_areas", section="trunks", columns=("trunk", "area"), key=("trunk", "area")),
    Table(name="skills", section="skills", columns=("id", "name"), key=("id",)),
    Table(
        name="queues",
        section="queues",
        columns=(
            "id",
            "name",
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
            "selection",
            "acknowledgement",
            "wrap_up_extension_ms",
            "wrap_up_ms_max",
            "test_ring_ms",
            "test_rings_max",
            "ready_min",
            "consent",
            "weight",
            "precedence_ms",
            "overflow_ms",
            "sticky",
            "sticky_ms",
            "prefer_wait_ms",
            "outside_ring_ms",
        ),
        key=("id",),
    ),
    Table(
        name="queue_treatments",
        section="queues",
        columns=(
            "queue",
            "greets",
            "recording_notice",
            "comfort",
            "comfort_every_ms",
            "tells_position",
            "tells_agent",
            "callback_from_ms",
            "reply_within_ms",
            "rating",
        ),
        key=("queue",),
    ),
    Table(
        name="queue_callbacks",
        section="queues",
        columns=(
            "queue",
            "within_ms",
            "first_ms",
            "spacing_ms",
            "attempts_max",
            "escalation_ms",
            "short_ms",
        ),
        key=("queue",),
    ),
    Table(
        name="queue_emergencies",
        section="queues",
        columns=(
            "queue",
            "ask_medical_ms",
            "ask_car_ms",
            "call_elder_ms",
            "ask_contact_ms",
            "report_hour",
            "revisit_days",
        ),
        key=("queue",),
    ),
    Table(
        name="queue_needs",
        section="queues",
        columns=("queue", "skill", "level_min"),
        key=("queue", "skill"),
    ),
    Table(
        name="queue_widening",
        section="queues",
        columns=("queue", "after_ms", "phones", "reach"),
        key=("queue", "after_ms"),
    ),
    Table(
        name="queue_relaxation",
        section="queues",
        columns=("queue", "after_ms"),
        key=("queue", "after_ms"),
    ),
    Table(
        name="queue_relaxation_needs",
        section="queues",
        columns=("queue", "after_ms", "skill", "level_min"),
        key=("queue", "after_ms", "skill"),
    ),
    Table(
        name="queue_overflow",
        section="queues",
        columns=("queue", "position", "helper"),
        key=("queue", "position"),
    ),
    Table(
        name="queue_preferences",
        section="queues",
        columns=("queue", "skill"),
        key=("queue", "skill"),
    ),
    Table(
        name="menus",
        section="menus",
        columns=("id", "prompt", "otherwise", "otherwise_target", "answer_ms", "tries_max"),
        key=("id",),
    ),
    Table(
        name="menu_choices",
        section="menus",
        columns=("menu", "key", "leads_to", "target"),
        key=("menu", "key"),
    ),
    Table(
        name="entries",
        section="entries",
        columns=("id", "name", "kind", "queue", "agent", "menu"),
        key=("id",),
    ),
    Table(name="agents", section="agents", columns=("id", "name", "role"), key=("id",)),
    Table(
        name="agent_skills",
        section="agents",
        columns=("agent", "skill", "level"),
        key=("agent", "skill"),
    ),
    Table(name="seats", section="seats", columns=("id", "agent", "mode"), key=("id",)),
    Table(
        name="seat_phones",
        section="seats",
        columns=("id", "seat", "position", "password"),
        key=("id",),
        kept=("password",),
    ),
    Table(name="duty_phones", section="duty_phones", columns=("id", "name", "number"), key=("id",)),
    Table(
        name="duty_phone_queues",
        section="duty_phones",
        columns=("duty_phone", "queue"),
        key=("duty_phone", "queue"),
    ),
    Table(name="terminal_models", section="terminal_models", columns=("id",), key=("id",)),
    Table(
        name="terminal_model_codes",
        section="terminal_models",
        columns=("model", "digits", "meaning", "task", "within_ms"),
        key=("model", "digits"),
    ),
    Table(
        name="terminals",
        section="terminals",
        columns=(
            "id",
            "device",
            "model",
            "network_licence",
            "certificate",
            "installed",
            "state",
            "precedence",
            "area",
        ),
        key=("id",),
    ),
    Table(
        name="terminal_numbers",
        section="terminals",
        columns=("number", "terminal"),
        key=("number",),
    ),
    Table(
        name="elders",
        section="elders",
        columns=(
            "id",
            "name",
            "sex",
            "born",
            "identity_card",
            "district",
            "street",
            "estate",
            "building",
            "room",
            "phones",
            "terminal",
            "living",
            "category",
            "status",
            "precedence",
            "committee",
            "property",
            "service_centre",
            "district_office",
            "helper_name",
            "helper_phone",
            "entrance",
            "gate_code",
            "key_place",
            "route",
            "lift",
            "latitude",
            "longitude",
            "blood_group",
            "rhesus",
            "history",
            "allergies",
            "medication",
            "mobility",
            "hearing",
            "speech",
            "cognition",
            "hospital",
            "insurance",
            "languages",
            "ethnic_group",
            "religious_needs",
            "care_call_time",
            "pets",
            "absences",
            "life_events",
            "notes",
        ),
        key=("id",),
    ),
    Table(
        name="contacts",
        section="elders",
        columns=("elder", "grade", "name", "relation", "phones", "distance_m", "has_key"),
        key=("elder", "grade"),
    ),
)
"""In the order of their foreign keys.  Columns are named, so that a column added by a later
migration with a default does not stop an older file."""

Ids = Mapping[str, set[str]]


async def replace(
    pool: Pool,
    rows: Mapping[str, Iterable[Row]],
    *,
    check_against: Sequence[str],
    check: Callable[[Ids], None],
) -> dict[str, Change]:
    """Make each table in ``rows`` (by its name in TABLES) hold exactly those rows.

    ``check`` is called first, in the transaction, with the ids that the database has in the
    sections ``check_against``; what it raises is passed on, and nothing has changed.  Raises
    StillUsed, DatabaseRefused and DatabaseAway likewise.  Returns the change per section.
    """
    with translated("PostgreSQL"):
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute(sql("directory_lock"), timeout=LOAD_TIMEOUT_S)
            check(await _ids(connection, check_against))
            changes = await _replace(connection, rows)
            try:
                await connection.execute(sql("directory_verify"), timeout=LOAD_TIMEOUT_S)
            except asyncpg.IntegrityConstraintViolationError as error:
                raise StillUsed(f"{error.detail or error} (table {error.table_name})") from error
    return changes


async def _ids(connection: Connection, sections: Sequence[str]) -> dict[str, set[str]]:
    ids: dict[str, set[str]] = {section: set() for section in sections}
    for section, one in await connection.fetch(sql("directory_ids"), list(sections)):
        ids[section].add(one)
    return ids


async def _replace(connection: Connection, rows: Mapping[str, Iterable[Row]]) -> dict[str, Change]:
    governed = [table for table in TABLES if table.name in rows]
    written = dict.fromkeys((table.section for table in governed), 0)
    removed = dict(written)
    for table in governed:
        await connection.execute(_for(table, "directory_stage"))
        await connection.copy_records_to_table(
            f"staged_{table.name}",
            records=rows[table.name],
            columns=table.columns,
            timeout=LOAD_TIMEOUT_S,
        )
    for table in reversed(governed):
        removed[table.section] += await _run(connection, _for(table, "directory_remove"))
    for table in governed:
        only_key = set(table.columns) == {*table.key, *table.kept}
        name = "directory_merge_keys" if only_key else "directory_merge"
        written[table.section] += await _run(connection, _for(table, name))
    return {section: Change(written[section], removed[section]) for section in written}


async def _run(connection: Connection, statement: str) -> int:
    # "INSERT 0 3", "DELETE 3": PostgreSQL's own count of changed rows.
    command = await connection.execute(statement, timeout=LOAD_TIMEOUT_S)
    return int(command.rpartition(" ")[2])


def _for(table: Table, name: str) -> str:
    """Return a statement for one table.  Every name in it comes from TABLES, none from a file."""
    changing = [c for c in table.columns if c not in table.key and c not in table.kept]
    return sql(name).format(
        table=table.name,
        columns=", ".join(table.columns),
        key=", ".join(table.key),
        same_key=" AND ".join(f"staged.{c} = standing.{c}" for c in table.key),
        changing=", ".join(changing),
        changing_new=", ".join(f"excluded.{c}" for c in changing),
        changing_old=", ".join(f"standing.{c}" for c in changing),
    )
