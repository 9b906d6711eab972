"""One elder as an emergency needs them: where they are, health, whom to call (E04, E08)."""

from collections.abc import Mapping
from datetime import date, datetime

import msgspec

from acd.adapters.postgres.database import Pool
from acd.adapters.postgres.errors import translated
from acd.adapters.postgres.statements import sql


class Medicine(msgspec.Struct, frozen=True, kw_only=True):
    """What is taken, and when (L1-14)."""

    name: str
    dose: str | None = None
    times: tuple[str, ...] = ()


class ElderContact(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody close (L1-8); grade 1 is called first."""

    grade: int
    name: str
    relation: str
    phones: tuple[str, ...]
    distance_m: int | None
    has_key: bool


class Organisation(msgspec.Struct, frozen=True, kw_only=True):
    """Who is around the elder (L1-9)."""

    kind: str
    name: str
    phone: str | None


class Noted(msgspec.Struct, frozen=True, kw_only=True):
    """A field that an agent's word says, and not the directory's file."""

    field: str
    agent: str
    at: datetime
    case: str | None


class Verified(msgspec.Struct, frozen=True, kw_only=True):
    """Who went through the whole record and each contact, whose grades these are (W46)."""

    at: datetime
    agent: str
    call: str | None
    contacts: tuple[int, ...]


class Elder(msgspec.Struct, frozen=True, kw_only=True):
    """The fields of L1 that somebody needs who sends help; degrees are WGS 84."""

    id: str
    name: str
    sex: str
    born: date
    living: str
    status: str
    district: str
    street: str
    estate: str | None
    building: str | None
    room: str | None
    phones: tuple[str, ...]
    terminal: str | None
    entrance: str | None
    gate_code: str | None
    key_place: str | None
    route: str | None
    lift: bool | None
    latitude: float | None
    longitude: float | None
    blood_group: str | None
    rhesus: str | None
    history: tuple[str, ...]
    allergies: tuple[str, ...]
    medication: tuple[Medicine, ...]
    mobility: str | None
    hearing: str | None
    speech: str | None
    cognition: str | None
    hospital: str | None
    insurance: str | None
    languages: tuple[str, ...]
    pets: str | None
    notes: str | None
    helper_name: str | None
    helper_phone: str | None
    contacts: tuple[ElderContact, ...]
    organisations: tuple[Organisation, ...]
    noted: tuple[Noted, ...] = ()
    verified: Verified | None = None


async def read_elder(pool: Pool, place: str, elder: str) -> Elder | None:
    """Return an elder of the directory, or None.  ``place`` names the database in errors.  Raises
    DatabaseAway, DatabaseRefused."""
    with translated(place):
        body = await pool.fetchval(sql("elder_find"), elder)
    return None if body is None else msgspec.json.decode(body, type=Elder)


async def note_elder(
    pool: Pool,
    place: str,
    elder: str,
    words: Mapping[str, object],
    *,
    agent: str,
    case: str | None,
) -> bool:
    """Note what an agent has learnt of an elder: ``words`` by the names of Elder's fields.  False
    when there is no such elder; when this returns it is on the disk.  Raises DatabaseAway,
    DatabaseRefused."""
    text = msgspec.json.encode(words).decode()
    with translated(place):
        added: int = await pool.fetchval(sql("elder_note"), elder, text, agent, case)
    return added > 0


async def note_verified(
    pool: Pool, place: str, elder: str, *, agent: str, call: str | None, contacts: tuple[int, ...]
) -> None:
    """Note that an agent went through an elder's record and the contacts of these grades.  Raises
    DatabaseAway, DatabaseRefused."""
    with translated(place):
        await pool.execute(sql("elder_verified"), elder, agent, call, contacts)
