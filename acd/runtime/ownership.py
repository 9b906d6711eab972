"""Whether the switch is still ours: asked each second, and at once after a standstill.

Two say so.  PostgreSQL has the lease, which is renewed here; Asterisk has the mark of whoever
connected last.  Both must agree that it is ours; PostgreSQL's silence alone changes nothing, since
the callers are in Asterisk.  Asterisk's silence ends the renewals: whoever reaches it shall have
the lease.
"""

import asyncio

from acd.adapters.asterisk import AsteriskError, AsteriskNodes, Gate, GateState
from acd.adapters.postgres.errors import DatabaseAway, DatabaseRefused
from acd.adapters.postgres.lease import PostgresLease
from acd.runtime.clock import Clock
from acd.runtime.logs import logger
from acd.runtime.tasks import ended

log = logger(__name__)

RENEW_S = 1.0
LEASE_S = 3.0
"""Two renewals may be late or lost; whoever waits takes over after this."""

BEAT_S = 0.1
ANSWER_S = 1.0
"""Asterisk answers this question in a millisecond; a second is a standstill of its own."""

AGAIN_S = 0.2
"""While nothing may be sent, it is asked more often."""


class Ownership:
    """Keeps the lease and the gate of one life of the service."""

    def __init__(
        self, lease: PostgresLease, gate: Gate, node: AsteriskNodes, clock: Clock, *, epoch: int
    ) -> None:
        """The lease has just been taken."""
        self._lease = lease
        self._gate = gate
        self._node = node
        self._clock = clock
        self._epoch = epoch
        self._is_away = False
        self._closed = asyncio.Event()
        self._beat: asyncio.TimerHandle | None = None
        self._keeping: asyncio.Task[None] | None = None
        self.lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Done when the switch is another's."""
        gate.on_change(self._gate_changed)

    def start(self) -> None:
        """Begin to act."""
        self._gate.confirm()
        self._tick()
        self._keeping = asyncio.create_task(self._keep(), name="ownership")

    async def stop(self) -> None:
        """Renew no more, and give the lease back: whoever waits for it need not wait longer."""
        if self._beat is not None:
            self._beat.cancel()
        if self._keeping is not None:
            await ended([self._keeping])
        if self._gate.state is not GateState.LOST:
            try:
                await self._lease.release(self._epoch, now_ms=self._clock.now_ms())
            except (DatabaseAway, DatabaseRefused) as error:
                log.warning("The lease could not be given back; it runs out.", why=str(error))

    def _gate_changed(self, state: GateState) -> None:
        if state is GateState.CLOSED:
            log.warning("This service stood still; asking whether the switch is still its own.")
            self._closed.set()
        elif state is GateState.LOST and not self.lost.done():
            log.warning("The switch is another service's now.", why=self._gate.why)
            self.lost.set_result(None)

    def _tick(self) -> None:
        self._gate.beat()
        self._beat = asyncio.get_running_loop().call_later(BEAT_S, self._tick)

    async def _keep(self) -> None:
        while True:
            pause_s = AGAIN_S if self._gate.state is GateState.CLOSED else RENEW_S
            try:
                async with asyncio.timeout(pause_s):
                    await self._closed.wait()
            except TimeoutError:
                pass  # nothing has happened, which is what one waits for
            self._closed.clear()
            try:
                await self._ask()
            except Exception:
                # A fault of ours must show, and must not be for good: without the next question
                # there is no lease, no sign of life, and no way out of a standstill.
                log.exception("Whose the switch is could not be found out; asked again.")

    async def _ask(self) -> None:
        try:
            async with asyncio.timeout(ANSWER_S):
                # With a sign of life, before the gate can open: whoever sees none knows that
                # nobody commands.
                ours = await self._node.renew()
        except (AsteriskError, TimeoutError):
            return  # its link says why; not renewed, so that whoever reaches it may have it
        if not ours:
            self._gate.lose("Another service has written its mark into Asterisk.")
        elif not await self._renewed():
            self._gate.lose("Another service has taken the lease.")
        else:
            self._gate.confirm()

    async def _renewed(self) -> bool:
        """False only when PostgreSQL says that another has the lease."""
        try:
            held = await self._lease.renew(self._epoch, now_ms=self._clock.now_ms())
        except (DatabaseAway, DatabaseRefused) as error:
            if not self._is_away:
                log.warning("The lease is not renewed; going on while Asterisk is ours.",
                            why=str(error))  # fmt: skip
            self._is_away = True
            return True
        self._is_away = False
        return held
