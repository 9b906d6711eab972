"""Who helps, who is preferred and who is reached outside, from the file to the core's values."""

import json
from pathlib import Path

from acd.adapters.postgres.database import Pool
from acd.adapters.postgres.directory import read
from acd.core.directory import Outside, Relaxation, SkillNeed
from acd.core.ids import AgentId, EntryId, QueueId
from acd.demo.directory import document
from acd.runtime.directory.load import load


async def test_a_policy_comes_out_as_it_went_in(pool: Pool, tmp_path: Path) -> None:
    """Relaxation, overflow, preferences, duty phones and precedence; a caller's language is found
    by the name of a skill, and again when that changes."""
    content = document(terminals=20)
    content["queues"][0] |= {
        "selection": "ring_all",
        "weight": 3,
        "precedence_ms": 7_000,
        "needs": {"dialect:shanghai": 8, "emergency": 5},
        "relaxation": [{"after_ms": 4_000, "needs": {"emergency": 1}}],
        "overflow": ["synthetic", "enquiry"],
        "overflow_ms": 9_000,
        "sticky": ["last"],
        "sticky_ms": 60_000,
    }
    content["queues"][0]["widening"][-1]["reach"] = "outside"
    content["entries"][1]["agent"] = "8011"
    content["duty_phones"] = [
        {"id": "d1", "name": "值班", "number": "02109900001", "queues": ["enquiry", "emergency"]}
    ]
    content["elders"][0] |= {"precedence": 2}
    content["terminals"][1] |= {"precedence": 1}
    path = tmp_path / "line.yaml"
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    await load(path, pool)
    async with pool.acquire() as connection:
        directory = await read(connection)
    queue = directory.staffing.queues[QueueId("emergency")]
    assert queue.relaxation == (Relaxation(after_ms=4_000, needs=(SkillNeed("emergency", 1),)),)
    assert (queue.selection, queue.weight, queue.precedence_ms) == ("ring_all", 3, 7_000)
    assert (queue.overflow, queue.overflow_ms) == (("synthetic", "enquiry"), 9_000)
    assert (queue.prefers, queue.sticky, queue.sticky_ms) == (
        ("dialect:shanghai",),
        ("last",),
        60_000,
    )
    assert directory.staffing.entries[EntryId("95002")].agent == "8011"
    assert directory.staffing.agents[AgentId("d1")].outside == Outside(
        "02109900001", (QueueId("emergency"), QueueId("enquiry"))
    )
    first, second = (directory.callers.find(f"0216000000{n}") for n in (1, 2))
    assert first is not None and second is not None
    assert (first.precedence, second.precedence) == (2, 1)
    assert (first.languages, second.languages) == (("dialect:shanghai",), ())
    await pool.execute("UPDATE skills SET name = '吴语' WHERE id = 'dialect:shanghai'")
    async with pool.acquire() as connection:
        again = await read(connection, directory)
    renamed = again.callers.find("02160000001")
    assert renamed is not None and renamed.languages == ()
