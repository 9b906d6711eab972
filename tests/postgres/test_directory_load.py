"""A directory file is loaded whole or not at all, and says exactly what is wrong with it."""

import asyncio
import json
import stat
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from acd.adapters.postgres.database import Pool
from acd.adapters.postgres.directory import Account, read
from acd.adapters.postgres.directory_write import Change
from acd.adapters.postgres.errors import DatabaseRefused
from acd.demo.directory import document, text
from acd.runtime.credentials import ConfigurationError
from acd.runtime.directory.check import DirectoryInvalid
from acd.runtime.directory.load import export_credentials, keep_trunk_password, load

DEMO = document(terminals=10)


async def try_load(pool: Pool, folder: Path, content: object) -> dict[str, Change]:
    path = folder / "line.yaml"
    # JSON is YAML, and quicker to write.
    plain = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
    path.write_text(plain, encoding="utf-8")
    return await load(path, pool)


async def counts(pool: Pool) -> dict[str, int]:
    names = [
        name
        for (name,) in await pool.fetch(
            "SELECT DISTINCT event_object_table FROM information_schema.triggers"
        )
    ]
    return {name: await pool.fetchval(f"SELECT count(*) FROM {name}") for name in sorted(names)}


async def test_the_demo_is_the_public_contract(pool: Pool, tmp_path: Path) -> None:
    await try_load(pool, tmp_path, text())
    kinds = await pool.fetch("SELECT id::text, kind FROM entries")
    assert {tuple(row) for row in kinds} == {
        ("95001", "emergency"),
        ("95002", "enquiry"),
        ("95003", "enquiry"),
        ("95009", "synthetic"),
    }
    phones = [phone for (phone,) in await pool.fetch("SELECT id::text FROM seat_phones ORDER BY 1")]
    agents = [*range(8001, 8021), 8099, 8090]
    assert phones == sorted([*(f"a{agent}" for agent in agents), "a8001-2", "a8002-2"])
    skills = await pool.fetch("SELECT agent::text, skill::text, level FROM agent_skills")
    assert {agent for agent, skill, _ in skills if skill == "emergency"} == set(
        map(str, agents[:10])
    )
    assert all(5 <= level <= 10 for _, skill, level in skills if skill == "emergency")
    assert {a for a, skill, _ in skills if skill == "enquiry"} == set(map(str, agents[10:20]))
    assert {a for a, skill, _ in skills if skill == "dialect:shanghai"} == {"8003", "8013"}
    assert {a for a, skill, _ in skills if skill == "synthetic"} == {"8099"}
    supervisors = await pool.fetch("SELECT id::text FROM agents WHERE role = 'supervisor'")
    assert [name for (name,) in supervisors] == ["8090"]
    numbers = await pool.fetch("SELECT number::text FROM terminal_numbers ORDER BY 1")
    assert [number for (number,) in numbers] == [
        str(n).zfill(11) for n in range(2160000001, 2160000201)
    ]
    unserved = "SELECT count(*) FROM terminals WHERE id NOT IN (SELECT terminal FROM elders)"
    assert await pool.fetchval(unserved) == 0
    grades = "SELECT DISTINCT array_agg(grade ORDER BY grade) FROM contacts GROUP BY elder"
    assert [tuple(grades) for (grades,) in await pool.fetch(grades)] == [(1, 2, 3)]
    couples = "SELECT count(*) FROM (SELECT FROM elders GROUP BY terminal HAVING count(*) = 2) c"
    assert await pool.fetchval(couples) >= 1
    assert await pool.fetchval("SELECT count(*) FROM rescue_numbers WHERE kind = 'real'") == 0
    networks = await pool.fetch("SELECT trunk::text, network::text FROM trunk_addresses")
    assert {tuple(row) for row in networks} == {
        ("carrier-a", "127.0.0.0/9"),
        ("carrier-b", "127.128.0.0/9"),
    }
    assert len(await pool.fetch("SELECT DISTINCT kind FROM organisations")) == 4


async def test_every_field_of_an_elder_arrives(pool: Pool, tmp_path: Path) -> None:
    """All 17 fields of L1, none of them empty."""
    wanted = deepcopy(DEMO)
    elder: dict[str, Any] = wanted["elders"][4]
    assert elder["id"] == "e0005"
    elder["needs"]["religious_needs"] = "素食"
    elder["habits"] |= {
        "pets": "一只猫",
        "absences": [{"since": "2026-02-10", "until": "2026-02-20", "reason": "探亲"}],
        "life_events": ["2025年丧偶"],
    }
    await try_load(pool, tmp_path, wanted)
    row = dict(await pool.fetchrow("SELECT * FROM elders WHERE id = 'e0005'") or ())
    assert [name for name, value in row.items() if value in (None, [], "[]", "")] == []
    assert json.loads(row["absences"]) == elder["habits"]["absences"]
    assert json.loads(row["medication"])[0]["times"] == ["07:30:00", "17:30:00"]
    assert row["gate_code"] == "0035"


async def test_loading_again_changes_nothing(pool: Pool, tmp_path: Path) -> None:
    first = await try_load(pool, tmp_path, DEMO)
    assert first["queues"] == Change(written=25, removed=0)
    revision = await pool.fetchval("SELECT max(revision) FROM directory_revisions")
    passwords = await pool.fetch("SELECT id, password FROM seat_phones ORDER BY id")
    again = await try_load(pool, tmp_path, DEMO)
    assert set(again.values()) == {Change(written=0, removed=0)}
    assert await pool.fetchval("SELECT max(revision) FROM directory_revisions") == revision
    assert await pool.fetch("SELECT id, password FROM seat_phones ORDER BY id") == passwords


async def test_what_is_not_in_the_file_any_more_is_removed(pool: Pool, tmp_path: Path) -> None:
    await try_load(pool, tmp_path, DEMO)
    changed = deepcopy(DEMO)
    changed["agents"] = [one for one in changed["agents"] if one["id"] != "8020"]
    changed["seats"] = [one for one in changed["seats"] if one["agent"] != "8020"]
    changed["queues"][1]["promise_ms"] = 15_000
    # A seat gets the phones of another in the other order, which no row-by-row rule would allow.
    changed["seats"][0]["phones"].reverse()
    report = await try_load(pool, tmp_path, changed)
    assert report["agents"] == Change(written=0, removed=2)
    assert report["seats"] == Change(written=2, removed=2)
    assert report["queues"] == Change(written=1, removed=0)
    assert await pool.fetchval("SELECT promise_ms FROM queues WHERE id = 'enquiry'") == 15_000


async def test_a_section_that_is_absent_is_left_alone(pool: Pool, tmp_path: Path) -> None:
    await try_load(pool, tmp_path, DEMO)
    before = await counts(pool)
    entries = [
        *DEMO["entries"],
        {"id": 95004, "name": "夜间", "kind": "enquiry", "queue": "enquiry"},
    ]
    await try_load(pool, tmp_path, {"entries": entries})
    assert await counts(pool) == before | {"entries": 5}


async def test_what_the_database_keeps_counts_as_being_there(pool: Pool, tmp_path: Path) -> None:
    await try_load(pool, tmp_path, DEMO)
    entry = {"id": "95004", "name": "夜间", "kind": "enquiry", "queue": "night"}
    with pytest.raises(DirectoryInvalid) as caught:
        await try_load(pool, tmp_path, {"entries": [DEMO["entries"][0], entry]})
    assert str(caught.value).endswith("entries[1].queue is 'night': is not among the queues")
    alone = DEMO["queues"][0] | {"overflow": []}
    with pytest.raises(DirectoryInvalid, match="still used by a section that is not in the file"):
        await try_load(pool, tmp_path, {"queues": [alone], "skills": DEMO["skills"]})
    assert await pool.fetchval("SELECT count(*) FROM queues") == 3


async def test_two_loads_at_once_are_one_after_the_other(pool: Pool, tmp_path: Path) -> None:
    folders = [tmp_path / str(n) for n in range(3)]
    for folder in folders:
        folder.mkdir()
    reports = await asyncio.gather(*(try_load(pool, folder, DEMO) for folder in folders))
    assert sorted(report["agents"].written for report in reports) == [0, 0, 45]


# ── passwords ───────────────────────────────────────────────────────────────────────────────


async def test_credentials_are_exported_for_their_owner_only(pool: Pool, tmp_path: Path) -> None:
    await try_load(pool, tmp_path, DEMO)
    path = tmp_path / "run" / "credentials.json"
    passwords = await export_credentials(pool, path)
    assert json.loads(path.read_text()) == passwords
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert {"a8001", "a8001-2", "a8099"} <= set(passwords)
    assert len(set(passwords.values())) == len(passwords) == 24


async def test_a_password_cannot_come_from_a_file(pool: Pool, tmp_path: Path) -> None:
    wrong = deepcopy(DEMO)
    wrong["seats"][0]["password"] = "1234"
    with pytest.raises(
        DirectoryInvalid, match=r"seats\[0\].password is '1234': is not a known key"
    ):
        await try_load(pool, tmp_path, wrong)


async def test_how_many_lines_a_trunk_has_may_be_said(pool: Pool, tmp_path: Path) -> None:
    """H10: by whoever knows the contract; unknown is no number."""
    content = deepcopy(DEMO)
    content["trunks"][0]["lines"] = 60
    await try_load(pool, tmp_path, content)
    async with pool.acquire() as connection:
        trunks = (await read(connection)).trunks
    assert {key: trunk.lines for key, trunk in trunks.items()} == {
        "carrier-a": 60, "carrier-b": None,
    }  # fmt: skip


async def test_a_trunks_login_is_the_files_and_its_password_is_kept_apart(
    pool: Pool, tmp_path: Path
) -> None:
    """T31: the operator's account; a load, and even a version without the trunk, leaves the
    password alone."""
    content = deepcopy(DEMO)
    login = {"user": "+8602195001@ims.example", "domain": "ims.example"}
    content["trunks"][0]["outbound"]["account"] = login
    content["trunks"][1]["outbound"]["account"] = {"user": "95002", "registers": False}
    await try_load(pool, tmp_path, content)
    with pytest.raises(ConfigurationError, match="No trunk 'carrier-z' with an account"):
        await keep_trunk_password(pool, "carrier-z", "abc")
    for wrong in ("", "x" * 129, "a\tb"):
        with pytest.raises(ConfigurationError, match="has 1 to 128 printable characters"):
            await keep_trunk_password(pool, "carrier-a", wrong)
    await keep_trunk_password(pool, "carrier-a", "before")
    await keep_trunk_password(pool, "carrier-a", "the operator's own")
    await try_load(pool, tmp_path, DEMO)
    assert await accounts(pool) == {"carrier-a": None, "carrier-b": None}
    await try_load(pool, tmp_path, content)
    assert await accounts(pool) == {
        "carrier-a": Account(
            user="+8602195001@ims.example",
            number="+8602195001",
            domain="ims.example",
            registers=True,
            password="the operator's own",
        ),
        "carrier-b": Account(
            user="95002", number="95002", domain="127.130.0.1", registers=False, password=None
        ),
    }


async def accounts(pool: Pool) -> dict[str, Account | None]:
    async with pool.acquire() as connection:
        found = await read(connection)
    return {trunk.id: trunk.account for trunk in found.trunks.values()}


# ── nothing by halves ───────────────────────────────────────────────────────────────────────


def unknown_key(content: dict[str, Any]) -> None:
    content["elders"][-1]["shoe_size"] = 38


def unknown_queue(content: dict[str, Any]) -> None:
    content["entries"][0]["queue"] = "nowhere"


@pytest.mark.parametrize("edit", [unknown_key, unknown_queue])
async def test_of_a_wrong_file_nothing_is_loaded(
    pool: Pool, tmp_path: Path, edit: Callable[[dict[str, Any]], None]
) -> None:
    wrong = deepcopy(DEMO)
    edit(wrong)
    with pytest.raises(DirectoryInvalid):
        await try_load(pool, tmp_path, wrong)
    assert set((await counts(pool)).values()) == {0}


async def test_when_the_database_refuses_the_last_row_nothing_is_loaded(
    pool: Pool, tmp_path: Path
) -> None:
    await pool.execute("ALTER TABLE contacts ADD CHECK (grade < 3)")
    with pytest.raises(DatabaseRefused, match="contacts_grade_check1"):
        await try_load(pool, tmp_path, DEMO)
    assert set((await counts(pool)).values()) == {0}


async def test_numbers_and_times_need_no_quotes(pool: Pool, tmp_path: Path) -> None:
    """YAML alone would read 02160000001 as octal and 12:30 as 750."""
    await try_load(
        pool,
        tmp_path,
        "terminals:\n- {id: 02160000001, numbers: [02160000001]}\n"
        "elders:\n- id: e1\n  name: 某人\n  sex: female\n  born: 1940-02-29\n"
        "  address: {district: 示范区, street: 示范街道}\n  terminal: 02160000001\n"
        "  living: alone\n  category: self_paid\n  helper: ~\n"
        "  habits: {care_call_time: 12:30}\n",
    )
    assert await pool.fetchval("SELECT number FROM terminal_numbers") == "02160000001"
    assert str(await pool.fetchval("SELECT care_call_time FROM elders")) == "12:30:00"
