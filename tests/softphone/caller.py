"""A one-key terminal (SIPp and a tone of its own) that calls while a test goes on.

The proof's toolkit turns a loop of its own and blocks; here it does so in a thread.
"""

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from acd.proof.stage import Stage, Tools
from acd.proof.terminals import TerminalCall, Terminals
from acd.proof.tone import TONES_HZ, Heard
from tests.switch.live import LOOK_S, Switch

WAIT_S = 60.0
CALL_S_MAX = 240.0
END_S = 60.0

T = TypeVar("T")


class Caller:
    """One call: begun by ``async with``, hung up at its end if it is still going on."""

    def __init__(self, switch: Switch, folder: Path, number: str, entry: str) -> None:
        self.number, self.entry = number, entry
        self.call: TerminalCall
        self._tools = Tools(switch.sipp, folder, switch.proof_switch)
        self._orders: deque[Callable[[Terminals], None]] = deque()
        self._begun = threading.Event()
        self._stopped = threading.Event()
        self._turning: asyncio.Future[None] | None = None

    async def __aenter__(self) -> Self:
        self._turning = asyncio.ensure_future(asyncio.to_thread(self._turn))
        await self._wait(lambda: self._begun.is_set() and self.call.invite_ms, "the INVITE")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._turning is not None
        try:
            if self._begun.is_set() and not self.call.done:
                await self.hang_up()
        finally:
            self._stopped.set()
            await self._turning

    def _turn(self) -> None:
        with Stage() as stage:
            terminals = Terminals(
                stage, self._tools, [self.number], called=self.entry, rate=10.0, name="caller"
            )
            (self.call,) = terminals.calls
            self._begun.set()

            def over() -> bool:
                while self._orders:
                    self._orders.popleft()(terminals)
                return terminals.ended or self._stopped.is_set()

            stage.run(over, CALL_S_MAX)

    async def answered(self) -> float:
        """Wait for the switch's 200; epoch ms."""
        return await self._wait(lambda: self.call.answered_ms, "the switch's 200")

    async def hears(self, tone_hz: int, seconds: float = 1.0) -> None:
        """Wait until this tone has been heard so long."""

        def heard() -> bool:
            # One candidate only: this is asked often.
            recording = self.call.recording
            return recording is not None and (
                recording.heard((tone_hz,)).seconds_of(tone_hz) >= seconds
            )

        await self._wait(heard, f"the caller to hear {tone_hz} Hz for {seconds:g} s")

    async def hang_up(self) -> None:
        """End the call, or give up before the answer."""
        if self.call.answered_ms is None:
            self._orders.append(lambda terminals: terminals.cancel(self.call))
        else:
            self._orders.append(lambda terminals: terminals.hang_up(self.call))
        await self.over(END_S)

    async def over(self, seconds: float = WAIT_S) -> None:
        """Wait until it has ended, whoever ends it."""
        await self._wait(lambda: self.call.done, "the terminal's call to end", seconds)

    def first_heard_ms(self, tone_hz: int) -> float:
        """When this tone was first heard, epoch ms."""
        return self._heard_so_far().tones[tone_hz].first_ms

    def foreign_hz(self, tone_hz: int) -> list[int]:
        """Tones heard that are neither the caller's own nor this one."""
        return self._heard_so_far().foreign((tone_hz, self.call.tone_hz))

    def _heard_so_far(self) -> Heard:
        recording = self.call.recording
        return Heard() if recording is None else recording.heard(TONES_HZ)

    async def _wait(self, look: Callable[[], T | None], what: str, seconds: float = WAIT_S) -> T:
        end = time.monotonic() + seconds
        while not (found := look()):
            assert time.monotonic() < end, f"waited {seconds:g} s in vain for {what}: {self.call}"
            assert self._turning is not None
            if self._turning.done():
                self._turning.result()
                assert look(), f"the terminal has ended, which waited for {what}: {self.call}"
            await asyncio.sleep(LOOK_S)
        return found
