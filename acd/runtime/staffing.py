"""The directory at work: read, watched, and carried to whoever needs it.

A change takes effect without a restart.  It reaches the core as events like any other, so no live
call notices; the intake looks in the new reading from the next call on; and Asterisk gets the
phones' and trunks' SIP accounts, in a task of its own because that may take a while.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from pathlib import Path

from acd.adapters.asterisk import AsteriskError, AsteriskNodes
from acd.adapters.asterisk import Login as SipLogin
from acd.adapters.asterisk import Phone as SipPhone
from acd.adapters.asterisk import Trunk as SipTrunk
from acd.adapters.postgres.directory import Directory, Trunk, watch
from acd.adapters.postgres.errors import DatabaseRefused
from acd.core import directory_diff
from acd.core.events import Event
from acd.core.ids import AgentId, PhoneId
from acd.runtime.credentials import (
    ConfigurationError,
    read_phone_passwords,
    write_phone_passwords,
)
from acd.runtime.health import Health
from acd.runtime.intake import Intake
from acd.runtime.logs import logger

log = logger(__name__)

SIP_PORT = 5060

NOTICED_S = 0.2
"""Until it is known everywhere that a link has gone away."""

NO_PASSWORD = "none"
"""Stands for one that has not been given yet: Asterisk takes no account with an empty one."""

AGAIN_S = 5.0
"""Pause before something refused is tried again; a person has to put it right meanwhile."""


class Staffing:
    """Follows the directory in PostgreSQL."""

    def __init__(
        self,
        dsn: str,
        *,
        put: Callable[[Event], None],
        intake: Intake,
        node: AsteriskNodes,
        health: Health,
        credentials_path: Path,
        expect: Callable[[directory_diff.Staffing], None],
        secure_but: str | None = None,
    ) -> None:
        """``expect`` hears of every reading, before its first call.  ``secure_but``, when given,
        has all phones speak TLS and SRTP but that agent's, the robot of the service's own calls."""
        self._secure_but = secure_but
        self._dsn = dsn
        self._put = put
        self._intake = intake
        self._node = node
        self._health = health
        self._credentials_path = credentials_path
        self._expect = expect
        self._current: Directory | None = None
        self._changed = asyncio.Event()
        self._accounts_revision: int | None = None
        self._refusal = "The phones' SIP accounts have not been written to Asterisk."
        self.read = asyncio.Event()
        """Set once the first reading has been handed to the core."""

    async def follow(self) -> None:
        """Read the directory and take over every change, for ever.

        Raises DatabaseRefused before the first reading; later it is tried again.
        """
        while True:
            try:
                async with aclosing(_readings(self._dsn)) as readings:
                    async for directory in readings:
                        await self._take_over(directory)
            except DatabaseRefused as error:
                if not self.read.is_set():
                    raise
                log.error("The directory cannot be read; the last one stays.", why=str(error))
            await asyncio.sleep(AGAIN_S)

    def current(self) -> Directory:
        """The last reading; there must have been one."""
        assert self._current is not None
        return self._current

    def refusal(self) -> str | None:
        """Why the accounts of the last reading are not in Asterisk, None when they are."""
        if self._accounts_revision == self.current().staffing_revision:
            return None
        return self._refusal

    def write_again(self) -> None:
        """The nodes have changed: write the SIP accounts anew."""
        self._changed.set()

    async def keep_accounts(self) -> None:
        """Write SIP accounts to Asterisk whenever the directory has changed, for ever."""
        while True:
            await self._changed.wait()
            await self._health.switch_up.wait()
            self._changed.clear()
            directory = self.current()
            try:
                trunks, phones = sip_accounts(directory, self._secure_but)
                changes = await self._node.sync_accounts(trunks, phones)
            except (AsteriskError, ValueError) as error:
                log.error("SIP accounts could not be written; trying again.", why=str(error))
                self._refusal = f"SIP accounts could not be written: {error}"
                self._changed.set()
                await asyncio.sleep(AGAIN_S)
                continue
            if changes is None:
                # The link went away just now; the node writes them when it is back, and we hear
                # of errors only by asking again.
                self._changed.set()
                await asyncio.sleep(NOTICED_S)
                continue
            if changes.written or changes.deleted:
                log.info(
                    "SIP accounts have been written.",
                    written=len(changes.written),
                    deleted=len(changes.deleted),
                )
            self._health.accounts_written = True
            self._accounts_revision = directory.staffing_revision

    async def _take_over(self, directory: Directory) -> None:
        before = self._current
        changes = directory_diff.diff(
            directory_diff.NOBODY if before is None else before.staffing, directory.staffing
        )
        for change in changes:
            self._put(change)
        self._intake.use(directory)
        self._expect(directory.staffing)
        self._current = directory
        log.info(
            "The directory has been read.",
            revision=directory.revision,
            changes=len(changes),
            agents=len(directory.staffing.agents),
            queues=len(directory.staffing.queues),
            numbers=len(directory.callers),
        )
        self._health.directory_read = True
        self.read.set()
        if before is None or before.staffing_revision != directory.staffing_revision:
            self._changed.set()
            await self._write_credentials(directory)

    async def _write_credentials(self, directory: Directory) -> None:
        passwords = {str(phone.id): phone.password for phone in directory.phones.values()}
        try:
            await asyncio.to_thread(_replace, self._credentials_path, passwords)
        except (OSError, ConfigurationError) as error:
            # Nobody's call depends on the file: it is for people who set up phones.
            log.warning("The file of the phones' passwords was not written.", why=str(error))


async def _readings(dsn: str) -> AsyncGenerator[Directory, None]:
    async for directory in watch(dsn):
        yield directory


def _replace(path: Path, passwords: dict[str, str]) -> None:
    if read_phone_passwords(path) != passwords:
        write_phone_passwords(path, passwords)


def sip_accounts(
    directory: Directory, secure_but: str | None
) -> tuple[Sequence[SipTrunk], Sequence[SipPhone]]:
    """Return the accounts of trunks in service and of all phones."""
    trunks = [
        SipTrunk(
            name=trunk.id,
            addresses=trunk.addresses,
            trusts_asserted=trunk.trusts_asserted,
            host=trunk.host,
            port=trunk.port or SIP_PORT,
            login=_login(trunk),
        )
        for trunk in directory.trunks.values()
        if trunk.in_service
    ]
    phones = [
        SipPhone(
            name=phone.id,
            password=phone.password,
            display=_display(directory, phone.id),
            secure=secure_but is not None and _agent_at(directory, phone.id) != secure_but,
        )
        for phone in directory.phones.values()
    ]
    return trunks, phones


def _login(trunk: Trunk) -> SipLogin | None:
    """Return how a trunk logs in.  Without its password it tries all the same, and the operator's
    refusal is what an alert tells of."""
    account = trunk.account
    if account is None:
        return None
    if account.password is None:
        log.error(
            "A trunk has no password: give it with `acd directory trunk-password`.", trunk=trunk.id
        )
    return SipLogin(
        user=account.user,
        password=account.password or NO_PASSWORD,
        number=account.number,
        domain=account.domain,
        registers=account.registers,
    )


def _agent_at(directory: Directory, phone: PhoneId) -> AgentId | None:
    seat = directory.staffing.seats.get(directory.phones[phone].seat)
    return None if seat is None else seat.agent


def _display(directory: Directory, phone: PhoneId) -> str:
    """Return whose phone it is, for other phones to show."""
    agent = _agent_at(directory, phone)
    known = None if agent is None else directory.staffing.agents.get(agent)
    return str(phone) if known is None else known.name
