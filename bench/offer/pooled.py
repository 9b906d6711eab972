"""The least that distributes calls by ARI: our adapter, a list of free agents, nothing else.

What the full service adds to this is what its rules and records cost.
"""

import asyncio
import itertools
from collections import Counter, deque

from acd.adapters.asterisk import AsteriskNode
from acd.core.commands import AnswerLeg, Command, HangUp, JoinRoom, OpenRoom, Release, RingPhone
from acd.core.events import CodeDialled, CommandFailed, Event, LegAnswered, LegGone, SwitchConnected
from acd.core.ids import CallId, LegId, Node, OfferId, PhoneId, RoomId
from acd.runtime.ports import ChannelArrived, LinkChanged

_numbers = itertools.count(1)


class Pool:
    """A ``SwitchInbox`` that acts at once.  One permanent room per agent."""

    def __init__(self, node: Node, phones: list[PhoneId]) -> None:
        self.switch: AsteriskNode | None = None
        self.counts: Counter[str] = Counter()
        self.failures: list[CommandFailed] = []
        self.connected = asyncio.Event()
        self._ended = asyncio.Event()
        self._node = node
        self._free = deque(phones)
        self._waiting: deque[ChannelArrived] = deque()
        self._phone: dict[LegId, PhoneId] = {}
        self._partner: dict[LegId, LegId] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def until_idle(self) -> None:
        """Wait until no phone is in use, so that no call reaches into the next round."""
        async with asyncio.timeout(30):
            while self._phone or self._tasks:
                self._ended.clear()
                await self._ended.wait()

    def room(self, phone: PhoneId) -> RoomId:
        return RoomId(f"{self._node}:hl-room-{phone}")

    async def open_rooms(self) -> None:
        assert self.switch is not None
        for phone in list(self._free):
            await self.switch.perform(OpenRoom(CallId(phone), self.room(phone)))

    def count(self, what: str, key: str) -> None:
        del key
        self.counts[what] += 1

    def put(self, event: Event | ChannelArrived | CodeDialled | LinkChanged) -> None:
        match event:
            case ChannelArrived():
                self._waiting.append(event)
                self._offer()
            case LegAnswered(leg) if leg in self._partner:
                caller, phone = self._partner[leg], self._phone[leg]
                call = CallId(leg)
                self._do(AnswerLeg(call, caller), JoinRoom(call, self.room(phone), (caller, leg)))
            case LegGone(leg):
                phone_now = self._phone.pop(leg, None)
                self._ended.set()
                partner = self._partner.pop(leg, None)
                if phone_now is not None:
                    self._free.append(phone_now)
                    self._offer()
                if partner is not None:
                    self._partner.pop(partner, None)
                    if partner in self._phone:
                        self._do(
                            HangUp(
                                call=CallId(leg),
                                leg=partner,
                                reason=Release.NORMAL,
                                phone=self._phone[partner],
                            )
                        )
            case SwitchConnected():
                self.connected.set()
            case CommandFailed():
                self.failures.append(event)
            case _:
                pass

    def _offer(self) -> None:
        while self._waiting and self._free:
            arrived, phone = self._waiting.popleft(), self._free.popleft()
            leg = LegId(f"{self._node}:hl-bench-{next(_numbers)}")
            self._phone[leg] = phone
            self._partner[leg], self._partner[arrived.leg] = arrived.leg, leg
            self._do(
                RingPhone(
                    call=CallId(leg),
                    phone=phone,
                    leg=leg,
                    offer=OfferId("o"),
                    ring_ms=15_000,
                    caller=arrived.from_user,
                )
            )

    def _do(self, *commands: Command) -> None:
        for command in commands:
            assert self.switch is not None
            task = asyncio.create_task(self.switch.perform(command))
            self._tasks.add(task)
            task.add_done_callback(self._done)

    def _done(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        self._ended.set()
