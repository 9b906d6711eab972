"""Loads a directory file: whole, once, and again without harm.

What the file governs it replaces: an entry that is not in it any more is removed.  Phones' SIP
passwords are never in a file; each phone gets one when it first appears and keeps it.
"""

import asyncio
import getpass
import os
from collections.abc import Iterator
from pathlib import Path

import msgspec

from acd.adapters.postgres.database import Pool
from acd.adapters.postgres.directory_tables import TABLES
from acd.adapters.postgres.directory_write import (
    Change,
    Ids,
    Row,
    StillUsed,
    new_password,
    replace,
)
from acd.adapters.postgres.errors import translated
from acd.adapters.postgres.statements import sql
from acd.runtime.credentials import ConfigurationError, write_phone_passwords
from acd.runtime.directory.check import (
    DirectoryInvalid,
    cross_check,
    missing_sections,
    parse,
)
from acd.runtime.directory.elder_section import Elder
from acd.runtime.directory.file import DirectoryFile
from acd.runtime.directory.problems import Problem
from acd.runtime.directory.queue_section import Queue

PASSWORD_CHARS_MAX = 128


async def load(path: Path, pool: Pool) -> dict[str, Change]:
    """Load the file in one transaction and return what changed per section.

    Raises DirectoryInvalid, which names file, path and value, and DatabaseRefused and
    DatabaseAway; nothing has changed then.
    """
    # A large file takes seconds to read, and calls go on meanwhile.
    document = await asyncio.to_thread(parse, path)

    def check(elsewhere: Ids) -> None:
        problems = cross_check(document, elsewhere)
        if problems:
            raise DirectoryInvalid(path, problems)

    rows = await asyncio.to_thread(tables, document)
    try:
        return await replace(
            pool,
            rows,
            check_against=missing_sections(document),
            check=check,
            by=whoever_we_are(),
            why=f"loaded {path.name}",
        )
    except StillUsed as error:
        # Only what the database keeps for sections outside the file can still name it.
        sentence = f"leaves out what is still used by a section that is not in the file: {error}"
        raise DirectoryInvalid(path, [Problem("", None, sentence)]) from error


def whoever_we_are() -> str:
    """Return the account that we run as, for the list of versions."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # an account without a name, as in a container
        return str(os.getuid())


async def export_credentials(pool: Pool, path: Path) -> dict[str, str]:
    """Write every phone's SIP password to ``path`` (mode 600, ``{"a8001": "…"}``), and return
    them.  Raises DatabaseRefused, DatabaseAway, OSError."""
    with translated("PostgreSQL"):
        rows = await pool.fetch(sql("directory_phones"))
    passwords: dict[str, str] = {row["id"]: row["password"] for row in rows}
    write_phone_passwords(path, passwords)
    return passwords


async def keep_trunk_password(pool: Pool, trunk: str, password: str) -> None:
    """Keep a trunk's password at its operator.  Raises ConfigurationError with a sentence when it
    cannot be one, DatabaseRefused, DatabaseAway."""
    if not password or len(password) > PASSWORD_CHARS_MAX or not password.isprintable():
        raise ConfigurationError(
            f"A trunk's password has 1 to {PASSWORD_CHARS_MAX} printable characters."
        )
    with translated("PostgreSQL"):
        kept = await pool.fetchval(sql("trunk_password_upsert"), trunk, password)
    if kept is None:
        raise ConfigurationError(
            f"No trunk {trunk!r} with an account (outbound.account) is in the directory."
        )


def tables(document: DirectoryFile) -> dict[str, list[Row]]:
    """Return the rows of every table whose section the file has."""
    rows: dict[str, list[Row]] = {
        table.name: [] for table in TABLES if getattr(document, table.section) is not None
    }
    for name, row in _rows(document):
        rows[name].append(row)
    return rows


_COLUMNS = {table.name: table.columns for table in TABLES}


def _rows(document: DirectoryFile) -> Iterator[tuple[str, Row]]:
    """Yield (table, row); the columns' order is that of TABLES."""
    for one in document.organisations or ():
        yield "organisations", (one.id, one.kind, one.name, one.phone, one.contact, one.address)
    for area in document.areas or ():
        yield "areas", (area.id, area.name)
        for service in ("police", "fire", "medical"):
            rescue = getattr(area, service)
            yield "rescue_numbers", (area.id, service, rescue.number, rescue.kind)
    yield from _trunk_rows(document)
    for skill in document.skills or ():
        yield "skills", (skill.id, skill.name)
    for queue in document.queues or ():
        yield from _queue_rows(queue)
    for menu in document.menus or ():
        other = menu.otherwise
        yield (
            "menus",
            (menu.id, menu.prompt, other.then, other.target, menu.answer_ms, menu.tries_max),
        )
        for key, choice in menu.choices.items():
            yield "menu_choices", (menu.id, key, choice.then, choice.target)
    for entry in document.entries or ():
        yield (
            "entries",
            (entry.id, entry.name, entry.kind, entry.queue, entry.agent, entry.menu),
        )
    for agent in document.agents or ():
        yield "agents", (agent.id, agent.name, agent.role, agent.group)
        for name, level in agent.skills.items():
            yield "agent_skills", (agent.id, name, level)
    for seat in document.seats or ():
        yield "seats", (seat.id, seat.agent, seat.mode)
        for position, phone in enumerate(seat.phones, 1):
            yield "seat_phones", (phone, seat.id, position, new_password())
    for duty in document.duty_phones or ():
        yield "duty_phones", (duty.id, duty.name, duty.number)
        for name in duty.queues:
            yield "duty_phone_queues", (duty.id, name)
    for model in document.terminal_models or ():
        yield "terminal_models", (model.id,)
        for digits, code in model.codes.items():
            yield (
                "terminal_model_codes",
                (model.id, digits, code.meaning, code.task or "", code.within_ms),
            )
    yield from _terminal_rows(document)
    for elder in document.elders or ():
        yield "elders", _elder_row(elder)
        for contact in elder.contacts:
            yield (
                "contacts",
                (
                    elder.id,
                    contact.grade,
                    contact.name,
                    contact.relation,
                    contact.phones,
                    contact.distance_m,
                    contact.has_key,
                ),
            )


def _span(span: tuple[int, int] | None) -> tuple[int | None, int | None]:
    return (None, None) if span is None else span


def _queue_rows(queue: Queue) -> Iterator[tuple[str, Row]]:
    yield (
        "queues",
        (
            queue.id,
            queue.name,
            queue.priority,
            queue.promise_ms,
            queue.ring_ms,
            queue.ring_ms_min,
            queue.incident_ms,
            queue.pick_up_ms,
            queue.wrap_up_ms,
            queue.short_answer_ms,
            queue.refusal_delay_ms,
            queue.misses_max,
            queue.selection,
            queue.acknowledgement,
            queue.wrap_up_extension_ms,
            queue.wrap_up_ms_max,
            queue.test_ring_ms,
            queue.test_rings_max,
            queue.ready_min,
            queue.consent,
            queue.weight,
            queue.precedence_ms,
            queue.overflow_ms,
            queue.sticky,
            queue.sticky_ms,
            queue.prefer_wait_ms,
            queue.outside_ring_ms,
            *(_span(None if queue.hours is None else queue.hours.working_days)),
            *(_span(None if queue.hours is None else queue.hours.days_off)),
        ),
    )
    parts = (
        ("queue_treatments", queue.treatment),
        ("queue_callbacks", queue.callback),
        ("queue_emergencies", queue.emergency),
    )
    for name, part in parts:
        # The file calls these as the table does.
        _, *fields = _COLUMNS[name]
        yield name, (queue.id, *(getattr(part, field) for field in fields))
    for name, level_min in queue.needs.items():
        yield "queue_needs", (queue.id, name, level_min)
    for step in queue.widening:
        yield "queue_widening", (queue.id, step.after_ms, step.phones, step.reach)
    yield from _dispatch_rows(queue)


def _dispatch_rows(queue: Queue) -> Iterator[tuple[str, Row]]:
    for step in queue.relaxation:
        yield "queue_relaxation", (queue.id, step.after_ms)
        for name, level_min in step.needs.items():
            yield "queue_relaxation_needs", (queue.id, step.after_ms, name, level_min)
    for position, helper in enumerate(queue.overflow, 1):
        yield "queue_overflow", (queue.id, position, helper)
    for name in queue.prefers:
        yield "queue_preferences", (queue.id, name)


def _trunk_rows(document: DirectoryFile) -> Iterator[tuple[str, Row]]:
    for trunk in document.trunks or ():
        outbound = trunk.outbound
        account = None if outbound is None else outbound.account
        yield (
            "trunks",
            (
                trunk.id,
                trunk.provider,
                trunk.area_code,
                trunk.trusts_asserted,
                trunk.outbound_caller_ids,
                trunk.state,
                outbound and outbound.host,
                outbound and outbound.port,
                outbound and outbound.priority,
                outbound and outbound.dial,
                account and account.user,
                account and account.address_number,
                outbound and account and (account.domain or str(outbound.host)),
                account and account.registers,
                trunk.lines,
            ),
        )
        for network in trunk.addresses:
            yield "trunk_addresses", (trunk.id, network)
        for area in trunk.areas:
            yield "trunk_areas", (trunk.id, area)


def _terminal_rows(document: DirectoryFile) -> Iterator[tuple[str, Row]]:
    for terminal in document.terminals or ():
        yield (
            "terminals",
            (
                terminal.id,
                terminal.device,
                terminal.model,
                terminal.network_licence,
                terminal.certificate,
                terminal.installed,
                terminal.state,
                terminal.precedence,
                terminal.area,
            ),
        )
        for number in terminal.numbers:
            yield "terminal_numbers", (number, terminal.id)


def _elder_row(elder: Elder) -> Row:
    address, health, needs, habits = elder.address, elder.health, elder.needs, elder.habits
    helper, way, ability = elder.helper, elder.way_in, health.ability
    return (
        elder.id,
        elder.name,
        elder.sex,
        elder.born,
        elder.identity_card,
        address.district,
        address.street,
        address.estate,
        address.building,
        address.room,
        elder.phones,
        elder.terminal,
        elder.living,
        elder.category,
        elder.status,
        elder.precedence,
        elder.committee,
        elder.property,
        elder.service_centre,
        elder.district_office,
        helper and helper.name,
        helper and helper.phone,
        way and way.entrance,
        way and way.gate_code,
        way and way.key_place,
        way and way.route,
        way and way.lift,
        way and way.latitude,
        way and way.longitude,
        health.blood_group,
        health.rhesus,
        health.history,
        health.allergies,
        _json([medicine.model_dump(mode="json") for medicine in health.medication]),
        ability and ability.mobility,
        ability and ability.hearing,
        ability and ability.speech,
        ability and ability.cognition,
        health.hospital,
        health.insurance,
        needs.languages,
        needs.ethnic_group,
        needs.religious_needs,
        habits.care_call_time,
        habits.pets,
        _json([absence.model_dump(mode="json") for absence in habits.absences]),
        habits.life_events,
        habits.notes,
    )


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
