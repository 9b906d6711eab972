"""The directory as one consistent picture, read anew whenever it changes.

``staffing`` goes into the core as events; trunks, phones and callers are used at the borders.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress

import asyncpg
import msgspec
import structlog

from acd.adapters.postgres.callers import Callers, read_callers
from acd.adapters.postgres.database import Connection, connect
from acd.adapters.postgres.errors import DatabaseAway, translated
from acd.adapters.postgres.staffing import read_staffing
from acd.adapters.postgres.statements import sql
from acd.core.directory import Trunk as LineTrunk
from acd.core.directory_diff import Staffing
from acd.core.ids import AreaId, PhoneId, SeatId, TrunkId
from acd.core.numbers import DialForm, NumberRules

log = structlog.get_logger(__name__)

CHANNEL = "huling_directory"
HEARTBEAT_S = 15.0
"""A link that died without a word is noticed after this."""
BACKOFF_FIRST_S = 0.2
BACKOFF_MAX_S = 5.0


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
    lines: int | None = None
    """How many calls the operator carries at once; None: nobody has said."""


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
            lines = await read_staffing(connection, _dialled_over(trunks))
            phones = await _read_phones(connection)
        if previous is not None and previous.callers_revision == callers:
            known = previous.callers
        else:
            known = await read_callers(connection)
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
            lines=row["lines"],
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
