"""A new directory or nodes' file is tried, and taken back by itself when the switch is not ready
under it; what stands for other reasons stays."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest
from msgspec.structs import replace

from acd.adapters.postgres.directory import Directory, Trunk
from acd.adapters.postgres.directory_write import StillUsed
from acd.adapters.postgres.errors import DatabaseAway
from acd.core.events import ConfigurationRefused, Event
from acd.core.facts import ConfigurationTakenBack
from acd.core.ids import TrunkId
from acd.core.switch import Core
from acd.runtime import nodes
from acd.runtime.configuration_trial import Trial, Verdict, lost
from acd.runtime.directory.trial import DirectoryTrial
from acd.runtime.metrics.counted import Metrics
from tests.runtime.test_nodes import GOOD, settings
from tests.runtime.test_staffing import directory

REFUSED = "SIP accounts could not be written: Asterisk refuses."


@pytest.mark.parametrize(
    ("looks", "verdict"),
    [
        # seconds, faults, whether anything can be told
        ([(1, [], True)], Verdict.GOOD),
        ([(1, ["x"], True), (29, ["x"], True)], Verdict.OPEN),
        ([(1, ["x"], True), (30, ["x"], True)], Verdict.BAD),
        ([(1, ["x"], True), (29, [], True), (90, ["x"], True)], Verdict.GOOD),
        ([(30, ["x"], True), (31, [], True)], Verdict.BAD),
        ([(600, ["x"], False)], Verdict.OPEN),
        ([(600, [], False)], Verdict.OPEN),
        ([(20, ["x"], True), (600, ["x"], False), (609, ["x"], True)], Verdict.OPEN),
        ([(20, ["x"], True), (600, ["x"], False), (610, ["x"], True)], Verdict.BAD),
    ],
)
def test_a_trial_counts_only_while_something_can_be_told(
    looks: Sequence[tuple[int, list[str], bool]], verdict: Verdict
) -> None:
    trial = Trial(patience_ms=30_000, now_ms=0)
    for at_s, faults, can_tell in looks:
        trial.look(at_s * 1000, faults, can_tell=can_tell)
    assert trial.verdict is verdict


def trunk(*, in_service: bool) -> dict[TrunkId, Trunk]:
    known = dict.fromkeys(Trunk.__struct_fields__)
    known |= {"id": TrunkId("t1"), "addresses": (), "in_service": in_service}
    return {TrunkId("t1"): Trunk(**known)}  # type: ignore[arg-type]  # only what is looked at


def test_what_calls_need_may_not_go() -> None:
    """One who never had a trunk, such as a house in its first week, is not told of one."""
    bare = directory("8001")
    whole = replace(bare, trunks=trunk(in_service=True))
    drained = replace(bare, trunks=trunk(in_service=False))
    assert lost(None, bare) == []
    assert lost(bare, bare) == lost(bare, whole) == lost(whole, whole) == []
    assert lost(whole, bare) == lost(whole, drained)
    assert lost(whole, bare) == ["No trunk is in service any more, so no call can come."]
    numbers = replace(bare.staffing, entries={"95001": None})
    assert lost(replace(bare, staffing=numbers), bare) == ["No number is answered any more."]


class House:
    """A directory's trial with everything around it made believe."""

    def __init__(self) -> None:
        self.now_ms = 0
        self.current: Directory = directory("8001")
        self.refusal: str | None = None
        self.can_tell = True
        self.good: list[int] = []
        self.back_to: int | Exception | None = 7
        self.asked_back = 0
        self.put: list[Event] = []
        self.trial = DirectoryTrial(
            current=lambda: self.current,
            refusal=lambda: self.refusal,
            can_tell=lambda: self.can_tell,
            good_now=self._remember,
            take_back=self._back,
            put=self.put.append,
            patience_s=30,
            now_ms=lambda: self.now_ms,
        )

    async def _remember(self, revision: int) -> None:
        self.good.append(revision)

    async def _back(self) -> int | None:
        self.asked_back += 1
        if isinstance(self.back_to, Exception):
            raise self.back_to
        return self.back_to

    def change(self) -> None:
        self.current = replace(self.current, revision=self.current.revision + 1)

    async def looks(self, seconds: int) -> None:
        for _ in range(seconds):
            await self.trial.look()
            self.now_ms += 1000


async def test_a_directory_that_asterisk_refuses_is_taken_back_once() -> None:
    house = House()
    await house.looks(5)
    assert (house.good, house.asked_back) == ([1], 0)
    house.change()
    house.refusal = REFUSED
    await house.looks(30)
    assert (house.asked_back, house.put) == (0, [])
    await house.looks(60)
    assert house.asked_back == 1
    assert house.put == [ConfigurationRefused(what="directory", why=REFUSED, to_version=7)]
    assert house.good == [1]


async def test_what_comes_right_in_time_is_good() -> None:
    house = House()
    house.refusal = REFUSED
    await house.looks(20)
    house.refusal = None
    await house.looks(100)
    assert (house.good, house.asked_back) == ([1], 0)


async def test_an_asterisk_that_is_away_is_not_the_directorys_fault() -> None:
    house = House()
    house.refusal, house.can_tell = REFUSED, False
    await house.looks(500)
    assert (house.asked_back, house.put) == (0, [])


async def test_a_way_back_that_does_not_help_is_gone_once() -> None:
    """Else two directories would take turns every half minute for as long as Asterisk is ill."""
    house = House()
    await house.looks(1)
    house.refusal = REFUSED
    for _ in range(4):
        house.change()
        await house.looks(100)
    assert house.asked_back == 1
    house.refusal = None
    house.change()
    await house.looks(2)
    house.refusal = REFUSED
    house.change()
    await house.looks(100)
    assert house.asked_back == 2, "good in between: what comes then is a change like the first"


@pytest.mark.parametrize("none", [None, StillUsed("seat s1 is named by a duty phone")])
async def test_where_there_is_no_way_back_nothing_is_said_to_have_happened(
    none: Exception | None,
) -> None:
    house = House()
    house.refusal, house.back_to = REFUSED, none
    await house.looks(100)
    assert (house.asked_back, house.put) == (1, [])


async def test_a_database_that_is_away_does_not_lose_the_verdict() -> None:
    house = House()
    away = DatabaseAway("PostgreSQL cannot be reached.")

    async def remember(revision: int) -> None:
        if away in waiting:
            waiting.remove(away)
            raise away
        house.good.append(revision)

    waiting = [away]
    house.trial._good_now = remember
    with pytest.raises(DatabaseAway):
        await house.trial.look()
    await house.looks(2)
    assert house.good == [1]


def test_that_it_happened_is_a_fact_and_a_metric() -> None:
    from random import Random

    core, metrics = Core(epoch=1, dice=Random(1), strict=True), Metrics()
    (fact,) = core.step(5, ConfigurationRefused(what="directory", why=REFUSED, to_version=7))
    assert fact == ConfigurationTakenBack(at_ms=5, what="directory", why=REFUSED, to_version=7)
    metrics.past.add(fact)
    shown = metrics.exposition().decode()
    assert 'huling_configuration_taken_back_total{what="directory"} 1' in shown
    assert 'huling_configuration_taken_back_total{what="nodes"} 0' in shown


@pytest.mark.parametrize("reachable", [True, False])
async def test_nodes_that_cannot_be_commanded_are_left_for_those_of_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reachable: bool
) -> None:
    monkeypatch.setattr(nodes, "LOOK_S", 0.001)
    # Its time is over with the first look.
    monkeypatch.setattr(nodes, "Trial", lambda now_ms, **_: Trial(patience_ms=0, now_ms=now_ms))
    known = settings(tmp_path, GOOD)
    assert known.nodes is not None
    told: asyncio.Queue[int | str] = asyncio.Queue()
    used = 2

    async def changed(found: nodes.Nodes) -> None:
        nonlocal used
        used = len(found.all)
        told.put_nowait(used)

    following = asyncio.create_task(
        nodes.follow(
            known.nodes,
            known,
            changed,
            is_served=lambda: reachable or used == 2,
            taken_back=told.put_nowait,
        )
    )
    await asyncio.sleep(0)  # it has read the file of before
    async with asyncio.timeout(60):
        known.nodes.write_text(GOOD.strip().splitlines()[0])
        heard = [await told.get() for _ in range(1 if reachable else 3)]
        # What was taken back is no reason to refuse another change.
        known.nodes.write_text(GOOD.replace("8088", "8090"))
        heard.append(await told.get())
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)
    assert heard == ([1, 2] if reachable else [1, 2, nodes.UNSERVED, 2])
