"""What is noted on callers' channels: that they are kept, and the memo; a moment later, and only
the newest.

Nobody waits for a note, and a new caller's would come just when Asterisk and we are busy with the
ring to the agent.  So notes wait for ``LINGER_SECONDS``: that lets the ring go first, and what
becomes of a call within it (an agent answers, and is with the caller) is one memo and not two.  It
is less than facts wait for PostgreSQL: what a row says, the channel has said before.

Notes go by AMI, which sets a variable at once; to ARI's request a channel that plays something
attends when that is over.  A caller's first two, that they are kept and the memo, are one action.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from acd.adapters.asterisk.ami_client import NO_ANSWER
from acd.adapters.asterisk.ari_client import AriClient
from acd.adapters.asterisk.errors import AsteriskError, AsteriskRefused, AsteriskUnreachable
from acd.adapters.asterisk.perform import Outlet, failure
from acd.adapters.asterisk.phones import PhoneLink
from acd.adapters.asterisk.translate import MEMO_VARIABLE
from acd.core.commands import KeepCaller, KeepMemo
from acd.core.ids import LegId, local_part
from acd.core.memo import to_text

LINGER_SECONDS = 0.02
"""Far below the three seconds after which a caller who is not kept is the dialplan's."""

TIME_LIMIT = "TIMEOUT(absolute)"
"""Set by the dialplan, to 3 s, before it gives us a caller; 0 is none."""

KEEP_SECONDS = 1.0
"""So long AMI may take to end it before ARI is asked."""

Note = KeepCaller | KeepMemo


class Notes:
    """Those that wait, and those under way."""

    def __init__(
        self,
        *,
        phones: PhoneLink,
        ari: AriClient,
        outlet: Outlet,
        is_here: Callable[[Note], bool],
        link_down: Callable[[], str],
    ) -> None:
        """``is_here`` tells whether a note's channel is in the application: until then it waits.
        ``link_down`` says why there is no link, or nothing."""
        self._phones = phones
        self._ari = ari
        self._outlet = outlet
        self._is_here = is_here
        self._link_down = link_down
        self._waiting: dict[tuple[type, LegId], Note] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def put(self, note: Note) -> None:
        """Take a note; it takes the place of an older one of its kind.  One that names what is
        being said does not wait: whoever takes over in that moment could not move the caller until
        it has been said."""
        self._waiting[type(note), note.leg] = note
        if isinstance(note, KeepMemo) and note.memo.playback is not None:
            self._write_now()
        self._wait()

    @property
    def waiting(self) -> int:
        """How many have not been sent yet."""
        return len(self._waiting)

    def forget(self, leg: LegId) -> None:
        """The channel is gone."""
        for kind in (KeepCaller, KeepMemo):
            self._waiting.pop((kind, leg), None)

    async def stop(self) -> None:
        """Write what waits, and nothing after it."""
        self._write_now()
        if self._timer is not None:
            self._timer.cancel()
        self._waiting.clear()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=KEEP_SECONDS)
        for task in self._tasks:
            task.cancel()

    def _wait(self) -> None:
        if self._timer is None and self._waiting:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(LINGER_SECONDS, self._due)

    def _due(self) -> None:
        self._timer = None
        self._write_now()
        self._wait()

    def _write_now(self) -> None:
        ready: dict[LegId, list[Note]] = {}
        for note in self._waiting.values():
            if self._is_here(note):
                ready.setdefault(note.leg, []).append(note)
        for notes in ready.values():
            for note in notes:
                del self._waiting[type(note), note.leg]
            task = asyncio.get_running_loop().create_task(self._written(notes))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _written(self, notes: list[Note]) -> Coroutine[Any, Any, None]:
        """Write what a channel is to be told: one note, or one of each kind."""
        if why := self._link_down():
            return self._not_written(notes, why)
        keep = next((note for note in notes if isinstance(note, KeepCaller)), None)
        memo = next((note for note in notes if isinstance(note, KeepMemo)), None)
        if keep is None:
            assert memo is not None
            return self._keep_memo(memo)
        return self._keep(keep) if memo is None else self._keep_both(keep, memo)

    async def _not_written(self, notes: list[Note], why: str) -> None:
        for note in notes:
            self._outlet.failed(failure(note, f"No link to Asterisk: {why}"))

    async def _keep_memo(self, note: KeepMemo) -> None:
        try:
            await self._phones.set_variable(local_part(note.leg), MEMO_VARIABLE, to_text(note.memo))
        except AsteriskError as error:
            self._outlet.failed(failure(note, str(error)))

    async def _keep(self, note: KeepCaller) -> None:
        # As long as AMI answers: after a variable set by ARI the channel's own thread may read the
        # database no more (stasis/control.c of 22.10: app_control_set_channel_var), and the
        # fallback, should the caller ever get there, would ring nobody.
        try:
            async with asyncio.timeout(KEEP_SECONDS):
                await self._phones.set_variable(local_part(note.leg), TIME_LIMIT, "0")
        except (AsteriskUnreachable, TimeoutError):
            await self._keep_by_ari(note)
        except AsteriskRefused:
            self._outlet.missing(note.leg)  # no such channel

    async def _keep_both(self, keep: KeepCaller, memo: KeepMemo) -> None:
        values = {MEMO_VARIABLE: to_text(memo.memo), TIME_LIMIT: "0"}
        try:
            async with asyncio.timeout(KEEP_SECONDS):
                await self._phones.set_variables(local_part(keep.leg), values)
        except (AsteriskUnreachable, TimeoutError) as error:
            self._outlet.failed(failure(memo, str(error) or NO_ANSWER))
            await self._keep_by_ari(keep)
        except AsteriskRefused as refused:
            self._outlet.missing(keep.leg)  # no such channel
            self._outlet.failed(failure(memo, str(refused)))

    async def _keep_by_ari(self, note: KeepCaller) -> None:
        try:
            await self._ari.set_variable(local_part(note.leg), TIME_LIMIT, "0")
        except AsteriskError as error:
            self._outlet.failed(failure(note, str(error)))
