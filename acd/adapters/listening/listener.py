"""The service's side: one process for all legs, restarted when it ends, missed by nobody.

What happens at the limits: a leg more than ``legs_max`` is refused with a sentence and goes
unjudged; its call goes on, and an agent hears it.  While the process is away nothing is judged and
nothing fails: what shall be listened to is said again as soon as it is back.
"""

import asyncio
import sys
from collections.abc import Awaitable
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import msgspec
import structlog

from acd.adapters.done import DONE
from acd.adapters.listening.messages import (
    LINE_BYTES_MAX,
    Gives,
    Gone,
    Listen,
    Noticed,
    Order,
    Ready,
    Report,
    Setup,
    Stop,
)
from acd.core.commands import ListenTo, StopListening
from acd.core.decoding import UNREADABLE
from acd.core.events import CallerHeard, CommandFailed
from acd.core.ids import LegId, Node, leg_id, local_part, node_of

_log = structlog.get_logger(__name__)

COMMAND = (sys.executable, "-m", "acd.listening")
HOME = Path(__file__).parents[3]
END_SECONDS = 3.0
"""To take its copies out of Asterisk."""
RESTART_SECONDS = (0.2, 0.5, 1.0, 2.0, 5.0, 15.0)
LASTING_SECONDS = 60.0
"""A process that has lived so long is started again at once."""

_decode = msgspec.json.Decoder(Report).decode
_encode = msgspec.json.Encoder().encode


class Inbox(Protocol):
    """Where what is heard goes.  Never blocks, never fails."""

    def put(self, event: CallerHeard | CommandFailed) -> None: ...

    def count(self, what: str, key: str) -> None: ...


class Listener:
    """Has legs of one node listened to."""

    def __init__(
        self,
        setup: Setup,
        inbox: Inbox,
        *,
        node: Node,
        legs_max: int,
        command: tuple[str, ...] = COMMAND,
    ) -> None:
        self._setup = setup
        self._inbox = inbox
        self._node = node
        self._legs_max = legs_max
        self._command = command
        self._wanted: dict[LegId, None] = {}
        self._process: asyncio.subprocess.Process | None = None
        self._ready = False
        self._task: asyncio.Task[None] | None = None
        self.starts = 0
        """How often the process was started: more than once tells of its ends."""

    @property
    def ready(self) -> bool:
        """Whether somebody listens."""
        return self._ready

    @property
    def legs(self) -> int:
        """How many legs shall be listened to."""
        return len(self._wanted)

    @property
    def pid(self) -> int | None:
        """The process, for whoever measures it; None while there is none."""
        return None if self._process is None else self._process.pid

    def kill(self) -> bool:
        """End the process without a word, to have a fresh one; False when there is none."""
        if self._process is None:
            return False
        self._process.kill()
        return True

    def start(self) -> None:
        """Begin, and keep a process running until ``stop``."""
        self._task = asyncio.create_task(self._keep(), name="listener")

    async def stop(self) -> None:
        """End the process; it takes its copies out of Asterisk."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    def _refuse(self, command: ListenTo, reason: str) -> None:
        self._inbox.put(
            CommandFailed(
                command="ListenTo",
                call=command.call,
                leg=command.leg,
                room=None,
                reason=reason,
            )
        )

    def perform(self, command: ListenTo | StopListening) -> Awaitable[None]:
        """Take one command.  Nothing is left to be awaited."""
        leg = command.leg
        if isinstance(command, StopListening):
            if self._wanted.pop(leg, command) is None:
                self._say(Stop(local_part(leg)))
        elif leg in self._wanted:
            self._inbox.count("listened to already", leg)
        elif node_of(leg) != self._node:
            self._refuse(command, f"Legs are listened to on node {self._node} alone.")
        elif len(self._wanted) >= self._legs_max:
            self._refuse(
                command,
                f"{self._legs_max} legs are listened to already (HULING_LISTENING_LEGS_MAX).",
            )
        else:
            self._wanted[leg] = None
            self._say(Listen(local_part(leg)))
        return DONE

    def gone(self, leg: LegId) -> None:
        """A leg has ended: its snoops end with it, and what stands behind them is taken away."""
        if self._wanted.pop(leg, leg) is None:
            self._say(Stop(local_part(leg)))

    def _say(self, order: Order) -> None:
        # A pipe holds 64 KB, some thousand orders; a process that does not take them in is found
        # by its silence, and what is wanted is said again to the next.
        if self._ready and self._process is not None and self._process.stdin is not None:
            self._process.stdin.write(_encode(order) + b"\n")

    async def _keep(self) -> None:
        loop = asyncio.get_running_loop()
        failures = 0
        while True:
            begun = loop.time()
            try:
                why = await self._one_life()
            except OSError as error:
                why = str(error)
            if loop.time() - begun >= LASTING_SECONDS:
                failures = 0
            _log.warning("The process that listens to callers has ended.", why=why)
            await asyncio.sleep(RESTART_SECONDS[min(failures, len(RESTART_SECONDS) - 1)])
            failures += 1

    async def _one_life(self) -> str:
        """Start the process and take in what it says; return why it has ended."""
        self.starts += 1
        process = await asyncio.create_subprocess_exec(
            *self._command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            cwd=HOME,
            limit=LINE_BYTES_MAX,
        )
        assert process.stdin is not None and process.stdout is not None
        self._process = process
        try:
            process.stdin.write(_encode(self._setup) + b"\n")
            while line := await process.stdout.readline():
                self._take(_decode(line))
            return f"exit code {await process.wait()}"
        except (*UNREADABLE, ValueError, ConnectionError) as error:
            return f"not understood: {error}"
        finally:
            self._ready = False
            self._process = None
            await _ended(process)

    def _take(self, report: Report) -> None:
        match report:
            case Ready():
                self._ready = True
                for leg in self._wanted:
                    self._say(Listen(local_part(leg)))
            case Gives(channel, heard):
                leg = leg_id(self._node, channel)
                if leg in self._wanted:
                    self._inbox.put(CallerHeard(leg, heard))
            case Gone(channel):
                self.gone(leg_id(self._node, channel))
            case Noticed(what, key):
                self._inbox.count(what, key)


async def _ended(process: asyncio.subprocess.Process) -> None:
    """Let a process go: its input is closed, and it has some seconds; none when we are to end in
    the middle of that."""
    assert process.stdin is not None
    process.stdin.close()
    with suppress(TimeoutError):
        try:
            async with asyncio.timeout(END_SECONDS):
                await process.wait()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
