"""Callers whom AMI announces before the dialplan has brought their channels to us.

Asterisk tells of a new channel a millisecond before the dialplan has run and ``StasisStart`` comes.
An agent's phone need not wait for that: the call is told to the core at once, and only what
concerns the caller's own channel waits until it is in our application (decision 20).

Whatever is not plain waits for ``StasisStart``, which tells everything: a number that is no entry
of ours, a caller without a digit (the dialplan reads From then), a word that is old because one of
us had been asleep, and every call while either link is away.
"""

import asyncio
import re
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine

import structlog

from acd.adapters.asterisk.ami_client import AmiEvent
from acd.adapters.asterisk.errors import AsteriskError
from acd.adapters.asterisk.heard import ChannelArrived
from acd.adapters.asterisk.translate import endpoint_of
from acd.core.commands import Command, JoinRoom
from acd.core.ids import OUR_PREFIX, LegId, Node, local_part

USER_SUFFIX = "-callers"
"""Behind the name of our AMI user: the one that hears of new callers and of nothing else."""

AGE_S_MAX = 0.25
"""An older announcement is of a channel that may be anywhere by now.  Where Asterisk's clock is
another than ours by more than this, no call is announced, and all come with ``StasisStart``."""

ENTRY_SECONDS = 1.0
"""A channel that has not come to us by then is looked for; it takes a millisecond as a rule."""

LOOKS_MAX = 5
"""So often a channel that is still there is waited for again.  After that the dialplan has brought
it somewhere else, and it is not ours."""

ENTERED_KEPT = 4096
"""Channels remembered that came before their announcement."""

_log = structlog.get_logger(__name__)

_HAS_DIGIT = re.compile(r"[0-9]")


class Newcomers:
    """Who has been announced and is not here yet."""

    def __init__(
        self,
        node: Node,
        *,
        expects: Callable[[ChannelArrived], bool],
        exists: Callable[[str], Awaitable[bool]],
        lost: Callable[[LegId], None],
        spawn: Callable[[Coroutine[None, None, None], str], asyncio.Task[None]],
        recording: bool,
    ) -> None:
        """``expects`` tells whether a channel will be a call to one of our entries; ``exists`` asks
        Asterisk for a channel; ``lost`` is told of one that was announced and has not come;
        ``spawn`` keeps a task, and ends it with the node.  ``recording`` says whether the dialplan
        is set to record callers."""
        self._node = node
        self._expects = expects
        self._exists = exists
        self._lost = lost
        self._spawn = spawn
        self._recording = recording
        self._gates: dict[LegId, asyncio.Future[None] | None] = {}
        """A future where somebody waits."""
        self._looks: dict[LegId, asyncio.Task[None]] = {}
        self._late: deque[tuple[float, LegId]] = deque()
        """When each is to be looked for, in the order in which they were announced."""
        self._timer: asyncio.TimerHandle | None = None
        self._entered: dict[LegId, None] = {}

    @property
    def legs(self) -> tuple[LegId, ...]:
        """Those announced and not here yet."""
        return tuple(self._gates)

    def announced(self, event: AmiEvent, *, now_s: float) -> ChannelArrived | None:
        """Return the call that a ``Newchannel`` brings, if it can be told already.  ``now_s`` is
        epoch seconds."""
        channel = str(event.get("Uniqueid", ""))
        leg = LegId(f"{self._node}:{channel}")
        caller = str(event.get("CallerIDNum", ""))
        if not channel or channel.startswith(OUR_PREFIX) or not _HAS_DIGIT.search(caller):
            return None
        if leg in self._entered or leg in self._gates:
            return None
        age_s = _age_s(event, now_s)
        if age_s > AGE_S_MAX:
            return None
        arrived = ChannelArrived(
            leg=leg,
            arrived_ms=round((now_s - age_s) * 1000),
            endpoint=endpoint_of(str(event.get("Channel", ""))),
            dialled=str(event.get("Exten", "")),
            caller=caller,
            recording=None,
            recording_follows=self._recording,
        )
        if not self._expects(arrived):
            return None
        self._gates[leg] = None
        return arrived

    def look_out_for(self, leg: LegId) -> None:
        """Look for one who was announced, if they do not come; called when they have been told."""
        loop = asyncio.get_running_loop()
        self._late.append((loop.time() + ENTRY_SECONDS, leg))
        if self._timer is None:
            self._timer = loop.call_later(ENTRY_SECONDS, self._due)

    def entered(self, leg: LegId) -> bool:
        """A caller's channel is in our application, or has been; tell whether it had been
        announced and was still waited for."""
        if leg not in self._entered:
            if len(self._entered) >= ENTERED_KEPT:
                del self._entered[next(iter(self._entered))]
            self._entered[leg] = None
        return self._let_in(leg)

    def has_entered(self, leg: LegId) -> bool:
        """Tell whether a caller has been in our application."""
        return leg in self._entered

    def gates(self, command: Command) -> list[asyncio.Future[None]]:
        """Return what a command waits for; nothing when all its legs are here."""
        if not self._gates:
            return []
        legs = command.legs if isinstance(command, JoinRoom) else (getattr(command, "leg", None),)
        return [self._gate(leg) for leg in legs if leg in self._gates]

    def _gate(self, leg: LegId) -> asyncio.Future[None]:
        gate = self._gates[leg]
        if gate is None:
            gate = self._gates[leg] = asyncio.get_running_loop().create_future()
        return gate

    def forget(self) -> list[LegId]:
        """The link has gone down; return who is on their way, or anywhere else by now."""
        legs = list(self._gates)
        for leg in legs:
            self._let_in(leg)
        return legs

    def _let_in(self, leg: LegId) -> bool:
        if leg not in self._gates:
            return False
        gate = self._gates.pop(leg)
        if (look := self._looks.pop(leg, None)) is not None:
            look.cancel()
        if gate is not None:
            gate.set_result(None)
        return True

    def _due(self) -> None:
        self._timer = None
        loop = asyncio.get_running_loop()
        late = self._late
        while late and (late[0][1] not in self._gates or late[0][0] <= loop.time()):
            _, leg = late.popleft()
            if leg in self._gates and leg not in self._looks:
                self._looks[leg] = self._spawn(self._look_for(leg), f"look for {leg}")
        if late:
            self._timer = loop.call_later(late[0][0] - loop.time(), self._due)

    async def _look_for(self, leg: LegId) -> None:
        for _ in range(LOOKS_MAX):
            try:
                if not await self._exists(local_part(leg)):
                    # Its way through us may be told on the websocket in this moment.
                    await asyncio.sleep(ENTRY_SECONDS)
                    break
            except AsteriskError as error:
                # The link is going down, which ends this; or Asterisk is slow, and so is the call.
                _log.info("An announced caller could not be looked for", reason=str(error))
            await asyncio.sleep(ENTRY_SECONDS)
        del self._looks[leg]
        self._let_in(leg)
        self._lost(leg)


def _age_s(event: AmiEvent, now_s: float) -> float:
    """Return how old a word of AMI's is; infinite when it does not say, or is of the future."""
    try:
        age_s = now_s - float(event["Timestamp"])
    except (KeyError, TypeError, ValueError):
        return float("inf")
    return max(age_s, 0.0) if age_s > -AGE_S_MAX else float("inf")
