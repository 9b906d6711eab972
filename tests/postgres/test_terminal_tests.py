"""What the record says of a terminal's tests, and of a device that was swapped (W48, U12)."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
import yaml

from acd.adapters.postgres.callers import Caller
from acd.adapters.postgres.database import Pool
from acd.adapters.postgres.directory import read
from acd.adapters.postgres.records import PostgresRecords
from acd.adapters.postgres.terminals import Terminal
from acd.core.directory import DeviceTest
from acd.core.facts import AfterwordNoted, CallDisposed, CallOffered, Fact, Response, TerminalTested
from acd.core.ids import AgentId, CallId, TerminalId
from acd.demo.directory import text
from acd.runtime.directory.load import load
from tests.postgres.test_records import life, ms, numbered

TERMINAL, NUMBER, NEW, ELDER = "02160000003", "02160000003", "02169990001", "e0003"
FIRST = datetime(2026, 3, 14, 2, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
async def _directory(pool: Pool, tmp_path: Path) -> None:
    await written(pool, tmp_path)


async def written(pool: Pool, folder: Path, **terminal: object) -> None:
    """The directory's file comes, with something else of the terminal in it."""
    directory = yaml.safe_load(text(terminals=6))
    (found,) = (one for one in directory["terminals"] if one["id"] == TERMINAL)
    found.update(terminal)
    path = folder / "demo.yaml"
    path.write_text(yaml.safe_dump(directory, allow_unicode=True), encoding="utf-8")
    await load(path, pool)


def of(call: str, at: datetime, *, number: str = NUMBER) -> list[Fact]:
    """A call from the terminal, or from a number of which nobody knows."""
    offered, *rest = life(call, at, terminal=TERMINAL)
    assert isinstance(offered, CallOffered)
    if number != NUMBER:
        offered = msgspec.structs.replace(offered, caller=number, terminal=None, elders=())
    return [offered, *rest]


def a_trial(call: str, at: datetime, kind: DeviceTest, new_number: str | None = None) -> Fact:
    return TerminalTested(
        at_ms=ms(at) + 80_000, call=CallId(call), arrived_ms=ms(at),
        terminal=TerminalId(TERMINAL), agent=AgentId("8001"), kind=kind, staff="M-17",
        new_number=new_number,
    )  # fmt: skip


def said(call: str, at: datetime, disposition: str, after_ms: int) -> Fact:
    return CallDisposed(
        at_ms=ms(at) + after_ms, call=CallId(call), arrived_ms=ms(at), agent=AgentId("8003"),
        code="07", disposition=disposition,
    )  # fmt: skip


async def write(pool: Pool, *batches: Sequence[Fact]) -> None:
    records, seq = PostgresRecords(pool), 1
    for batch in batches:
        await records.write(1, numbered(batch, seq))
        seq += len(batch)


async def shown(pool: Pool) -> Terminal:
    found = await PostgresRecords(pool).terminal(TERMINAL)
    assert found is not None
    return found


async def whose(pool: Pool, number: str) -> Caller | None:
    """Whom a running switch knows behind a number."""
    async with pool.acquire() as connection:
        return (await read(connection)).callers.find(number)


async def test_when_a_terminal_was_tested_and_by_whom_is_known(pool: Pool) -> None:
    """A call is a test by the agent's last word: in the conversation, in the notes, or afterwards
    with who made it.  What turns out to be none is none."""
    assert ((await shown(pool)).tests, (await shown(pool)).last_call) == ((), None)
    days = [FIRST + timedelta(days=n) for n in range(4)]
    noted = AfterwordNoted(
        at_ms=ms(days[1]) + 71_000, call=CallId("c1"), arrived_ms=ms(days[1]),
        agent=AgentId("8003"), response=Response.RESPONDED, disposition="test",
    )  # fmt: skip
    await write(
        pool,
        [*of("c0", days[0]), said("c0", days[0], "test", 20_000)],
        [*of("c1", days[1]), noted],
        of("c2", days[2]),
        [a_trial("c2", days[2], DeviceTest.MAINTENANCE)],
        [*of("c3", days[3]), said("c3", days[3], "test", 20_000)],
        [said("c3", days[3], "help sent", 30_000)],
    )
    found = await shown(pool)
    assert [(one.call, one.kind, one.staff) for one in found.tests] == [
        ("c2", "maintenance", "M-17"),
        ("c1", None, None),
        ("c0", None, None),
    ]
    assert (found.last_call, found.elders, found.numbers) == (days[3], (ELDER,), (NUMBER,))
    calls = {one.call_id: one.disposition for one in await PostgresRecords(pool).calls()}
    assert calls == {"c0": "test", "c1": "test", "c2": "test", "c3": "help sent"}
    history = await PostgresRecords(pool).call("c2")
    assert history is not None
    assert [one.kind for one in history.happenings] == ["TerminalTested"]
    assert await PostgresRecords(pool).terminal("none") is None


async def test_a_swapped_device_has_its_elder_at_once_and_until_the_directory_has_it(
    pool: Pool, tmp_path: Path
) -> None:
    """The next press of the new device is the elder's: place, contacts, file.  A load that has not
    heard of it undoes nothing; once the file has the number, it is the file's."""
    old = await whose(pool, NUMBER)
    revision = "SELECT revision FROM directory_revisions WHERE part = 'callers'"
    was = await pool.fetchval(revision)
    assert await whose(pool, NEW) is None
    facts = [*of("c1", FIRST, number=NEW), a_trial("c1", FIRST, DeviceTest.MAINTENANCE, NEW)]
    await write(pool, facts)
    assert await pool.fetchval(revision) > was, "a running switch reads it"
    assert (await whose(pool, NEW)) == old
    found = await shown(pool)
    assert (found.numbers, [one.call for one in found.tests]) == ((NUMBER, NEW), ["c1"])
    assert [(one.number, one.agent, one.staff) for one in found.noted] == [(NEW, "8001", "M-17")]
    await written(pool, tmp_path, certificate="3C-9")
    assert (await whose(pool, NEW)) == old
    await written(pool, tmp_path, numbers=[NEW], device="D-2")
    assert (await whose(pool, NEW), await whose(pool, NUMBER)) == (old, None)
    found = await shown(pool)
    assert (found.numbers, found.noted, found.device) == ((NEW,), (), "D-2")
    assert (await PostgresRecords(pool).elder(ELDER)) is not None


async def test_a_number_that_the_file_gives_to_another_terminal_is_that_ones(pool: Pool) -> None:
    """No agent's word takes a number from the directory, and a terminal that is gone has none."""
    await write(pool, [a_trial("c1", FIRST, DeviceTest.MAINTENANCE, "02160000004")])
    caller = await whose(pool, "02160000004")
    assert caller is not None
    assert caller.terminal == "02160000004"
    await write(pool, [a_trial("c2", FIRST, DeviceTest.MAINTENANCE, NEW)])
    await pool.execute("DELETE FROM noted_numbers WHERE terminal <> $1", TERMINAL)
    await pool.execute("UPDATE noted_numbers SET terminal = 'gone' WHERE number = $1", NEW)
    assert await whose(pool, NEW) is None
