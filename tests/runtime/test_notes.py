"""Notes on callers' channels: a moment later, only the newest, and none is lost in silence."""

import asyncio
from collections.abc import Mapping
from typing import Any, cast

from msgspec import structs

from acd.adapters.asterisk import notes
from acd.adapters.asterisk.ari_client import AriClient
from acd.adapters.asterisk.errors import AsteriskRefused, AsteriskUnreachable
from acd.adapters.asterisk.notes import Notes
from acd.adapters.asterisk.phones import PhoneLink
from acd.core.commands import KeepCaller, KeepMemo
from acd.core.directory import EntryKind
from acd.core.events import CommandFailed
from acd.core.ids import AgentId, CallId, LegId, PhoneId, PlaybackId, QueueId, TrunkId
from acd.core.memo import Memo, from_text
from acd.runtime.records import LINGER_S

CALL = CallId("1-1")
LEG = LegId("n1:n1-17.1")
OTHER = LegId("n1:n1-17.2")
Written = tuple[str, str, str, str]
"""By whom, channel, variable, value."""


def memo(leg: LegId = LEG, agent: str | None = None) -> KeepMemo:
    found = Memo(
        call=CALL,
        arrived_ms=1,
        kind=EntryKind.ENQUIRY,
        queue=QueueId("enquiry"),
        agent=None if agent is None else AgentId(agent),
    )
    return KeepMemo(CALL, leg, found)


class World:
    """AMI, ARI and whoever hears of what went wrong."""

    def __init__(self) -> None:
        self.written: asyncio.Queue[Written] = asyncio.Queue()
        self.told: asyncio.Queue[CommandFailed | LegId] = asyncio.Queue()
        self.away = {LEG: False, OTHER: False}
        self.link = ""
        self.refusal: Exception | None = None
        self.notes = Notes(
            phones=cast(PhoneLink, _Side("ami", self)),
            ari=cast(AriClient, _Side("ari", self)),
            outlet=self,
            is_here=lambda note: not self.away[note.leg],
            link_down=lambda: self.link,
        )

    def failed(self, event: CommandFailed) -> None:
        self.told.put_nowait(event)

    def missing(self, leg: LegId) -> None:
        self.told.put_nowait(leg)

    def reach(self, phone: PhoneId) -> str:
        raise AssertionError(f"nobody rings {phone} for a note")

    def address_of(self, trunk: TrunkId) -> str:
        raise AssertionError(f"nobody dials over {trunk} for a note")

    def count(self, what: str, key: str) -> None:
        raise AssertionError((what, key))


class _Side:
    def __init__(self, name: str, world: World) -> None:
        self._name = name
        self._world = world

    async def set_variable(self, channel: str, variable: str, value: str) -> None:
        if self._name == "ami" and self._world.refusal is not None:
            raise self._world.refusal
        self._world.written.put_nowait((self._name, channel, variable, value))

    async def set_variables(self, channel: str, values: Mapping[str, str]) -> None:
        await self.set_variable(channel, " ".join(values), " ".join(values.values()))


async def test_the_newest_memo_goes_and_the_caller_is_kept() -> None:
    world = World()
    for note in (KeepCaller(CALL, LEG), memo(), memo(agent="8001"), memo(OTHER)):
        world.notes.put(note)
    assert world.written.empty(), "the ring goes first"
    first, second = [await world.written.get() for _ in range(2)]
    assert first[:3] == ("ami", "n1-17.1", "HULING_MEMO TIMEOUT(absolute)"), "in one action"
    written, _, limit = first[3].rpartition(" ")
    newest = from_text(written)
    assert newest is not None and (newest.agent, limit) == ("8001", "0")
    assert (second[1], second[2]) == ("n1-17.2", "HULING_MEMO")
    assert world.written.empty() and world.told.empty()


async def test_a_note_waits_for_its_channel_and_ends_with_it() -> None:
    """One who is on their way holds nobody else up; one who is gone needs no note."""
    world = World()
    world.away[LEG] = True
    world.notes.put(memo())
    world.notes.put(memo(OTHER))
    assert (await world.written.get())[1] == "n1-17.2"
    world.away[LEG] = False
    assert (await world.written.get())[1] == "n1-17.1"
    world.notes.put(memo())
    world.notes.put(KeepCaller(CALL, LEG))
    world.notes.forget(LEG)
    world.notes.put(memo(OTHER))
    assert (await world.written.get())[1] == "n1-17.2"
    assert world.written.empty()


async def test_what_is_being_said_is_noted_at_once() -> None:
    """A later life could not move the caller before it has been said (T18)."""
    world = World()
    said = memo()
    said = structs.replace(said, memo=structs.replace(said.memo, playback=PlaybackId("n1:hl-p1-1")))
    world.notes.put(memo(OTHER))
    assert world.notes.waiting == 1
    world.notes.put(said)
    assert world.notes.waiting == 0
    both = {(await world.written.get())[1] for _ in range(2)}
    assert both == {"n1-17.1", "n1-17.2"}


async def test_what_cannot_be_written_is_told() -> None:
    world = World()
    world.link = "Asterisk closed the websocket."
    world.notes.put(memo())
    told = await world.told.get()
    assert isinstance(told, CommandFailed) and told.command == "KeepMemo"
    assert "closed the websocket" in told.reason
    world.link = ""
    world.refusal = AsteriskRefused(400, "Setvar: No such channel")
    world.notes.put(KeepCaller(CALL, LEG))
    assert await world.told.get() == LEG
    assert world.written.empty()

    world.notes.put(KeepCaller(CALL, LEG))
    world.notes.put(memo())
    assert await world.told.get() == LEG
    told = await world.told.get()
    assert isinstance(told, CommandFailed) and told.command == "KeepMemo"
    assert world.written.empty()


async def test_a_caller_is_kept_by_ari_when_ami_is_away() -> None:
    world = World()
    world.refusal = AsteriskUnreachable("There is no AMI link.")
    world.notes.put(KeepCaller(CALL, LEG))
    assert await world.written.get() == ("ari", "n1-17.1", "TIMEOUT(absolute)", "0")
    world.notes.put(memo())
    told: Any = await world.told.get()
    assert told.command == "KeepMemo"
    for note in (KeepCaller(CALL, LEG), memo()):
        world.notes.put(note)
    assert await world.written.get() == ("ari", "n1-17.1", "TIMEOUT(absolute)", "0")
    told = await world.told.get()
    assert told.command == "KeepMemo" and "no AMI link" in told.reason


async def test_an_end_in_order_loses_none() -> None:
    world = World()
    world.notes.put(memo())
    await world.notes.stop()
    assert world.written.get_nowait()[1] == "n1-17.1"


def test_a_note_does_not_linger_longer_than_a_fact() -> None:
    """What a row says, the channel has said before: a restart would else know less than it."""
    assert notes.LINGER_SECONDS < LINGER_S
