"""Commands on their way into one Asterisk: by ARI or by AMI, once their leg is here."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from acd.adapters.asterisk.ari_client import AriClient
from acd.adapters.asterisk.ari_link import AriLink
from acd.adapters.asterisk.errors import AsteriskError, AsteriskRefused
from acd.adapters.asterisk.heard import SwitchInbox
from acd.adapters.asterisk.newcomers import Newcomers
from acd.adapters.asterisk.notes import Notes
from acd.adapters.asterisk.perform import Outlet, failure, perform
from acd.adapters.asterisk.phones import PhoneLink
from acd.adapters.done import DONE
from acd.core.commands import (
    AnswerRefer,
    CheckTrunk,
    Command,
    DialNumber,
    Hush,
    KeepCaller,
    KeepMemo,
    RecordSide,
    RingPhone,
    StopSide,
)
from acd.core.events import RecordingStarted
from acd.core.ids import LegId, local_part

_SIDES = (RecordSide, StopSide)
_NOTES = (KeepCaller, KeepMemo)
_NOT_BY_ARI = frozenset({CheckTrunk, Hush, *_SIDES, *_NOTES})


class Performer:
    """Takes commands while the link is up, and knows when none is under way."""

    def __init__(
        self,
        *,
        ari: AriClient,
        link: AriLink,
        phones: PhoneLink,
        newcomers: Newcomers,
        notes: Notes,
        inbox: SwitchInbox,
        outlet: Outlet,
        spawn: Callable[[Coroutine[None, None, None], str], object],
        recording: bool,
    ) -> None:
        """``recording``: whether legs that we dial, and sides, are recorded."""
        self._ari = ari
        self._link = link
        self._phones = phones
        self._newcomers = newcomers
        self._notes = notes
        self._inbox = inbox
        self._outlet = outlet
        self._spawn = spawn
        self._recording = recording
        self._under_way = 0
        self._all_done: asyncio.Future[None] | None = None

    def perform(self, command: Command) -> Awaitable[None]:
        """See ``AsteriskNode.perform``."""
        if not self._link.up:
            return self._not_performed(command)
        if type(command) is RingPhone:
            # Of a leg of its own, for which no caller's channel is waited.
            self._under_way += 1
            return self._performed(perform(command, self._ari, self._outlet), None)
        if type(command) in _NOT_BY_ARI:
            if isinstance(command, CheckTrunk):
                return self._check_trunk(command)
            if isinstance(command, Hush):
                return self._hush(command)
            if isinstance(command, _SIDES):
                return self._side(command)
            if isinstance(command, _NOTES):
                self._notes.put(command)
                return DONE
        gates = self._newcomers.gates(command)
        work = self._when_here(command, gates) if gates else self._work(command)
        self._under_way += 1
        return self._performed(work, command.leg if type(command) is DialNumber else None)

    async def quiet(self) -> None:
        """Return when no command is under way (none begins while the link is down)."""
        if self._under_way:
            if self._all_done is None:
                self._all_done = asyncio.get_running_loop().create_future()
            await asyncio.shield(self._all_done)

    def _work(self, command: Command) -> Coroutine[Any, Any, None]:
        if type(command) is AnswerRefer:
            return self._answer_refer(command)
        return perform(command, self._ari, self._outlet)

    async def _when_here(self, command: Command, gates: list[asyncio.Future[None]]) -> None:
        await asyncio.wait(gates)
        await (self._work(command) if self._link.up else self._not_performed(command))

    async def _not_performed(self, command: Command) -> None:
        self._outlet.failed(failure(command, f"No link to Asterisk: {self._link.reason}"))

    async def _performed(self, work: Coroutine[Any, Any, None], leg: LegId | None) -> None:
        """``leg`` is one that shall be recorded once it is there."""
        try:
            await work
            if leg is not None and self._recording:
                self._spawn(self._record(leg, f"{local_part(leg)}.raw"), "recording")
        finally:
            self._under_way -= 1
            if self._under_way == 0 and self._all_done is not None:
                self._all_done.set_result(None)
                self._all_done = None

    async def _check_trunk(self, command: CheckTrunk) -> None:
        try:
            await self._phones.qualify(command.trunk)
        except AsteriskError as error:
            self._outlet.failed(failure(command, str(error)))

    async def _hush(self, command: Hush) -> None:
        try:
            await self._phones.hush(local_part(command.leg))
        except AsteriskRefused as refused:
            self._inbox.count("nobody there to hush", str(refused))  # its end is told by ARI
        except AsteriskError as error:
            self._outlet.failed(failure(command, str(error)))

    async def _answer_refer(self, command: AnswerRefer) -> None:
        # Asterisk tells of a REFER before it has taken it in, and an answer in between ends it
        # with all its calls (decision 18).
        try:
            await self._phones.settle(local_part(command.leg))
        except AsteriskRefused:
            pass  # no such channel: ARI says so too, and it is told there
        except AsteriskError as error:
            self._outlet.failed(failure(command, str(error)))
            return
        await perform(command, self._ari, self._outlet)

    async def _side(self, command: RecordSide | StopSide) -> None:
        if not self._recording:
            return
        if isinstance(command, RecordSide):
            await self._record(command.leg, command.file)
            return
        try:
            await self._phones.stop_recording(local_part(command.leg))
        except AsteriskError as error:
            # The leg has gone, and its recording with it; or it never began.
            self._inbox.count("side recording not ended", str(error))

    async def _record(self, leg: LegId, file: str) -> None:
        """Record from the first sound on, which may be the network's own (T21)."""
        try:
            await self._phones.record(local_part(leg), file)
        except AsteriskError as error:
            # Gone already (a refusal comes within milliseconds), or AMI is away: the call goes on.
            self._inbox.count("leg not recorded", str(error))
            return
        self._inbox.put(RecordingStarted(leg, file))
