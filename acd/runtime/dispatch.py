"""Commands on their way to Asterisk: in order per call and per phone, otherwise side by side.

An INVITE must never overtake the CANCEL to the same phone, nor a move into a room the making of
that room.  So a command waits for every earlier command that shares one of its keys, and for
nothing else: a slow answer for one call delays no other call.  When its keys are idle a command
is started at once, in the very step that decided it: ``perform`` sends what it can in the call
itself, and only the answer is waited for by a task.

What happens at the limits: at ``parallel_max`` commands under way the next wait in order of
decision, whatever their call.  A command that has no answer after ``ANSWER_S`` is given up and
comes back as ``CommandFailed``, so that no phone and no call can be blocked for good.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

from acd.adapters.deadlines import Deadlines
from acd.adapters.done import DONE
from acd.core.commands import (
    CallPhone,
    CheckTrunk,
    Command,
    HangUp,
    JoinRoom,
    KeepCaller,
    KeepMemo,
    OpenHoldingRoom,
    RingPhone,
)
from acd.core.events import CommandFailed, Event
from acd.runtime.logs import logger

log = logger(__name__)

ANSWER_S = 15.0
"""Well above the Asterisk adapter's own limit for one request, which normally strikes first."""

Key = tuple[str, str]

# Looked up by its type, of which none has another under it: a call has ten commands.
_KEYS: dict[type, Callable[[Any], tuple[Key, ...]]] = {
    RingPhone: lambda command: (("call", command.call), ("phone", command.phone)),
    CallPhone: lambda command: (("call", command.call), ("phone", command.phone)),
    OpenHoldingRoom: lambda command: (("room", command.room),),
    CheckTrunk: lambda command: (("trunk", command.trunk),),
    KeepMemo: lambda command: (("memo", command.call),),
    KeepCaller: lambda command: (("memo", command.call),),
}


def keys_of(command: Command) -> tuple[Key, ...]:
    """Return what a command is ordered by: its call, its phone, or a shared room it makes."""
    keys = _KEYS.get(type(command))
    if keys is not None:
        return keys(command)
    if isinstance(command, HangUp) and command.phone is not None:
        return ("call", command.call), ("phone", command.phone)
    return (("call", command.call),)  # type: ignore[return-value]  # a trunk alone has no call


def behind_of(command: Command) -> Key | None:
    """Return a key that a command only waits for, without making others wait for it.

    A holding room is shared by many calls: each move into it waits until it is made, but the
    moves do not wait for one another.
    """
    return ("room", command.room) if type(command) is JoinRoom else None


class _Entry:
    __slots__ = ("behind", "command", "followers", "keys", "late")

    def __init__(self, command: Command, keys: tuple[Key, ...]) -> None:
        self.command = command
        self.keys = keys
        self.behind = 0
        """How many commands are still before this one."""
        self.followers: list[_Entry] = []
        self.late = False
        """Whether it has been given up."""


class Dispatcher:
    """Starts commands in their order.

    ``perform`` begins to carry one out, returns what is to be awaited (``DONE`` when that is
    nothing), and raises nothing; ``report`` takes the failure of one that raised or was given up
    all the same.
    """

    def __init__(
        self,
        perform: Callable[[Command], Awaitable[None]],
        report: Callable[[Event], None],
        *,
        parallel_max: int,
        answer_s: float = ANSWER_S,
    ) -> None:
        self._perform = perform
        self._report = report
        self._parallel_max = parallel_max
        self._answer_s = answer_s
        self._last: dict[Key, _Entry] = {}
        self._ready: deque[_Entry] = deque()
        self._tasks: dict[_Entry, asyncio.Task[None]] = {}
        # asyncio.timeout costs more than starting a command.
        self._deadlines = Deadlines(answer_s, _give_up)
        self._running = 0
        self._blocked = 0
        self._starting = False
        self._idle: asyncio.Future[None] | None = None
        """Whoever waits until nothing is under way."""
        self.defects = 0
        """How many commands raised what their adapter should have handled."""

    @property
    def waiting(self) -> int:
        """Commands not yet started."""
        return self._blocked + len(self._ready)

    @property
    def under_way(self) -> int:
        """Commands started and not yet answered."""
        return self._running

    def submit(self, command: Command) -> None:
        """Take a command; it is started now if nothing earlier is in its way."""
        entry = _Entry(command, keys_of(command))
        if self._is_free(entry):
            for key in entry.keys:
                self._last[key] = entry
            self._starting = True
            try:
                self._running += 1
                self._start(entry)
            finally:
                self._starting = False
            if self._ready or self._idle is not None:
                self._start_ready()
            return
        before: _Entry | None = None
        for key in entry.keys:
            # Two keys may have the same last command; to wait for it once is enough.
            if (other := self._last.get(key)) is not None and other is not before:
                before = other
                self._put_behind(entry, other)
            self._last[key] = entry
        room = behind_of(command)
        if room is not None and (other := self._last.get(room)) is not None:
            self._put_behind(entry, other)
        if entry.behind:
            self._blocked += 1
        else:
            self._ready.append(entry)
            self._start_ready()

    def _is_free(self, entry: _Entry) -> bool:
        """Tell whether a command waits for nothing, as nearly each does."""
        if self._starting or self._ready or self._running >= self._parallel_max:
            return False
        last = self._last
        if not last:
            return True
        for key in entry.keys:
            if key in last:
                return False
        return behind_of(entry.command) not in last

    async def drain(self) -> None:
        """Wait until every command taken so far is done."""
        while self._running or self._ready:
            if self._idle is None:
                self._idle = asyncio.get_running_loop().create_future()
            await asyncio.shield(self._idle)

    def _put_behind(self, entry: _Entry, before: _Entry) -> None:
        before.followers.append(entry)
        entry.behind += 1

    def _start_ready(self) -> None:
        # A command may end while it is being started, which makes others ready: they are started
        # by this loop too, not by a deeper one.
        if self._starting:
            return
        self._starting = True
        try:
            while self._ready and self._running < self._parallel_max:
                self._running += 1
                self._start(self._ready.popleft())
        finally:
            self._starting = False
        if self._idle is not None and not self._running and not self._ready:
            self._idle.set_result(None)
            self._idle = None

    def _start(self, entry: _Entry) -> None:
        try:
            work = self._perform(entry.command)
        except Exception as error:
            self._raised(entry.command, error)
            self._finish(entry)
            return
        if work is DONE:
            self._finish(entry)
            return
        task = asyncio.get_running_loop().create_task(self._run(entry, work))
        self._tasks[entry] = task  # the loop itself holds tasks only weakly

    async def _run(self, entry: _Entry, work: Awaitable[None]) -> None:
        # Not before: after a standstill its time may be over, and a task that is cancelled before
        # it has begun ends nothing.
        self._deadlines.add(self._tasks[entry], entry)
        try:
            await work
        except asyncio.CancelledError:
            if not entry.late:
                raise
            self._failed(entry.command, f"no answer within {self._answer_s:.0f} s")
        except Exception as error:
            self._raised(entry.command, error)
        finally:
            del self._tasks[entry]
            self._finish(entry)

    def _raised(self, command: Command, error: Exception) -> None:
        self.defects += 1
        log.error(
            "A command raised in its adapter.",
            command=type(command).__name__,
            call_id=command.call,
            exc_info=error,
        )
        self._failed(command, f"{type(error).__name__}: {error}")

    def _failed(self, command: Command, reason: str) -> None:
        self._report(
            CommandFailed(
                command=type(command).__name__,
                call=command.call,
                leg=getattr(command, "leg", None),
                room=getattr(command, "room", None),
                reason=reason,
            )
        )

    def _finish(self, entry: _Entry) -> None:
        for key in entry.keys:
            if self._last.get(key) is entry:
                del self._last[key]
        for follower in entry.followers:
            follower.behind -= 1
            if not follower.behind:
                self._blocked -= 1
                self._ready.append(follower)
        self._running -= 1
        if self._ready or self._idle is not None:
            self._start_ready()


def _give_up(task: "asyncio.Future[None]", entry: _Entry) -> None:
    entry.late = True
    task.cancel()
