"""The journal of all this session's calls, run through the core again: the same answers to the last
byte, whatever the order of Python's sets and hashes (K04)."""

import asyncio
import shutil
from pathlib import Path
from random import Random

from acd.core import invariants
from acd.core.switch import Core
from acd.runtime.journal import replay
from tests.switch.judging import DIGEST_LETTERS, HASH_SEEDS, replayed
from tests.switch.live import Switch


async def calls_in_the_journal(switch: Switch) -> None:
    """Some calls, so that this file may run alone: one answered, one abandoned."""
    agent = await switch.ready_agent("8005")
    call = await (await switch.terminal()).call("95001")
    await agent.takes_the_call()
    await call.answered()
    call.hang_up()
    await agent.wait("wrap_up")
    call = await (await switch.terminal()).call("95001")
    await switch.one_waits()
    call.cancel()
    await switch.records(2)


async def test_the_journal_replays_to_the_same_digest_under_every_hash_seed(
    switch: Switch, tmp_path: Path
) -> None:
    """K04: a copy taken while the service writes; the end of the copy may be torn, which a replay
    says and survives."""
    await calls_in_the_journal(switch)
    # One a start of the service; the longest has the calls of most files.
    journal = max(switch.service.journals(), key=lambda path: path.stat().st_size)
    copy = tmp_path / journal.name
    shutil.copy(journal, copy)
    digests = await asyncio.to_thread(replayed, switch.service, copy)
    assert set(digests) == set(HASH_SEEDS)
    assert len(set(digests.values())) == 1, digests
    assert len(digests["0"]) == DIGEST_LETTERS, digests


async def test_no_invariant_was_broken_between_any_two_steps(
    switch: Switch, tmp_path: Path
) -> None:
    """K04: the same journal once more, with every invariant looked at after every step."""
    await calls_in_the_journal(switch)
    for journal in switch.service.journals():
        copy = tmp_path / journal.name
        shutil.copy(journal, copy)
        cores: list[Core] = []
        broken: list[str] = []

        def make(header, cores=cores):  # type: ignore[no-untyped-def]
            cores.append(Core(epoch=header.epoch, dice=Random(header.epoch)))
            return cores[-1]

        def look(frame, effects, cores=cores, broken=broken):  # type: ignore[no-untyped-def]
            found = invariants.check_touched(cores[-1].state)
            broken.extend(f"{frame.seq}: {one}" for one in found)

        result = replay(copy, make, look)
        assert result.events > 0
        assert result.defects == 0
        assert result.diverged_at is None
        assert broken == []
        assert invariants.check_all(cores[-1].state) == []


async def test_everybody_who_was_weighed_is_told(switch: Switch) -> None:
    """K04: `acd explain CALL --full` tells who stood behind the winner, from the journal of the
    service that is still writing it; a call of another life has none, and is refused so."""
    agents = [await switch.ready_agent(one) for one in ("8003", "8004", "8005", "8011")]
    await agents[2].ask("pause", reason="meal")
    call = await (await switch.terminal()).call("95001")
    await agents[0].takes_the_call()
    call.hang_up()
    row = await switch.record()
    told = await asyncio.to_thread(switch.service.command, "explain", row["call_id"], "--full")
    assert told.returncode == 0, told.stderr
    lines = [line.strip() for line in told.stdout.splitlines()]
    at = next(n for n, line in enumerate(lines) if "Agent 8003 was rung" in line)
    chosen, behind, *others = lines[at + 1 :]
    assert chosen.startswith("1. 8003: chosen, idle for ")  # speaks the caller's dialect
    assert behind.startswith("2. 8004: free, level 9, idle for ")
    assert "– 8005: paused" in others
    assert "– 8006: logged out" in others
    assert not any(line.startswith("– 8011") for line in others)  # lacks the skill
    await switch.sql(
        "INSERT INTO call (call_id, arrived_at) VALUES ('999999-1', $1)", row["arrived_at"]
    )
    try:
        none = await asyncio.to_thread(switch.service.command, "explain", "999999-1", "--full")
    finally:
        await switch.sql("DELETE FROM call WHERE call_id = '999999-1'")
    assert none.returncode == 2
    assert "The journal of call 999999-1 is not in" in none.stderr
