"""The elder's record is at hand while help is called (E04, E08, E13, E20, E30, U11, U13), and what
an emergency has shown goes into it (E12, E17, E38)."""

from pathlib import Path

import pytest
import yaml

from acd.adapters.postgres.database import Pool
from acd.adapters.postgres.directory import read
from acd.adapters.postgres.records import PostgresRecords
from acd.demo.directory import text
from acd.runtime.api.elders import elder_view
from acd.runtime.directory.load import load


@pytest.fixture
async def demo(pool: Pool, tmp_path: Path) -> None:
    path = tmp_path / "demo.yaml"
    path.write_text(text(terminals=20), encoding="utf-8")
    await load(path, pool)


@pytest.mark.usefixtures("demo")
async def test_from_the_number_alone_to_place_way_in_condition_and_contacts(pool: Pool) -> None:
    """E04, E08, E13, E20: nobody has to speak for it.  What the terminal's number says is who it
    is; their record says where, how to come in, what is the matter with them and whom to call."""
    async with pool.acquire() as connection:
        caller = (await read(connection)).callers.find("02160000011")
    assert caller is not None
    (elder,) = caller.elders
    found = await PostgresRecords(pool).elder(elder)
    assert found is not None
    view = elder_view(found)
    assert (view.district, view.room) == ("示范区", "604室")
    assert view.entrance is not None
    assert view.estate is not None
    assert view.entrance.startswith(view.estate)
    assert (view.gate_code, view.route, view.lift) == (
        "0077",
        "进大门后第二个路口右转，救护车可到楼下",
        False,
    )
    assert view.latitude is not None
    assert view.longitude is not None
    assert (len(view.history), len(view.medication), view.blood_group) == (2, 1, "AB")
    assert [one.grade for one in view.contacts] == sorted(one.grade for one in view.contacts)
    assert view.contacts[0].phones == ["02100000111"]
    assert {one.kind for one in view.organisations} == {
        "committee",
        "service_centre",
        "property",
        "district_office",
    }
    assert await PostgresRecords(pool).elder("e9999") is None


@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize("status", ["stopped", "returned"])
async def test_who_is_not_in_use_is_known_and_gets_emergency_service_only(
    pool: Pool, status: str
) -> None:
    """E30, C25: the number means the same elder, contacts and area as before, so an emergency is
    served like any other; that nothing else is theirs the agent reads in the record."""
    records = PostgresRecords(pool)

    async def seen() -> tuple[object, bool]:
        async with pool.acquire() as connection:
            caller = (await read(connection)).callers.find("02160000011")
        found = await records.elder("e0011")
        assert found is not None
        return caller, elder_view(found).emergency_only

    before, only = await seen()
    assert not only
    await pool.execute("UPDATE elders SET status = $1 WHERE id = 'e0011'", status)
    assert await seen() == (before, True)


NUMBER, ELDER = "02160000011", "e0011"
CONTACTS = [
    {
        "grade": 1, "name": "李某", "relation": "女儿", "phones": ["13900000077"],
        "distance_m": None, "has_key": True,
    }
]  # fmt: skip


async def called(pool: Pool) -> list[str]:
    """Whom a running switch would call for whoever calls from the number."""
    async with pool.acquire() as connection:
        found = (await read(connection)).callers.find(NUMBER)
    assert found is not None
    return [one.number for one in found.contacts if one.kind == "relative"]


async def loaded_again(pool: Pool, folder: Path, **changes: object) -> None:
    """The directory's file comes once more, with something else of the elder in it."""
    written = yaml.safe_load(text(terminals=20))
    (elder,) = (one for one in written["elders"] if one["id"] == ELDER)
    for section, fields in changes.items():
        if isinstance(fields, dict):
            elder[section].update(fields)
        else:
            elder[section] = fields
    path = folder / "again.yaml"
    path.write_text(yaml.safe_dump(written, allow_unicode=True), encoding="utf-8")
    await load(path, pool)


@pytest.mark.usefixtures("demo")
async def test_who_went_through_the_whole_record_last_stands_on_it(pool: Pool) -> None:
    """W46: with when, in which call, and which contacts there were; nobody has at first."""
    records = PostgresRecords(pool)
    before = await records.elder(ELDER)
    assert before is not None
    assert before.verified is None
    grades = tuple(one.grade for one in before.contacts)
    await records.note_verified(ELDER, agent="8001", call=None, contacts=grades)
    await records.note_verified(ELDER, agent="8002", call="1-7", contacts=grades)
    found = await records.elder(ELDER)
    assert found is not None
    last = elder_view(found).verified
    assert last is not None
    assert (last.agent, last.call, tuple(last.contacts)) == ("8002", "1-7", grades)
    assert await pool.fetchval("SELECT count(*) FROM elder_verifications") == 2


@pytest.mark.usefixtures("demo")
async def test_what_an_agent_notes_holds_until_the_directory_says_something_new(
    pool: Pool, tmp_path: Path
) -> None:
    """E12, E17, E38: with who and when.  A load in which nobody has heard of it undoes nothing; one
    that has a new word of the field, the same one or another, is the word that holds."""
    records = PostgresRecords(pool)
    words = {"gate_code": "9911", "allergies": ["青霉素"], "lift": None}
    assert await records.note_elder(ELDER, words, agent="8001", case="1-c1")
    assert await records.note_elder(ELDER, {"gate_code": "9912"}, agent="8002", case=None)
    await loaded_again(pool, tmp_path, habits={"notes": "晚上听不清"})
    found = await records.elder(ELDER)
    assert found is not None
    assert (found.gate_code, found.allergies, found.lift) == ("9912", ("青霉素",), None)
    assert (found.notes, found.entrance is None) == ("晚上听不清", False)
    assert [(one.field, one.agent, one.case) for one in found.noted] == [
        ("allergies", "8001", "1-c1"),
        ("gate_code", "8002", None),
        ("lift", "8001", "1-c1"),
    ]
    assert (await records.elder("e0012")) is not None
    await loaded_again(pool, tmp_path, way_in={"gate_code": "4711"})
    found = await records.elder(ELDER)
    assert found is not None
    assert (found.gate_code, [one.field for one in found.noted]) == ("4711", ["allergies", "lift"])


@pytest.mark.usefixtures("demo")
async def test_a_contact_whom_an_agent_notes_is_called_at_once(pool: Pool, tmp_path: Path) -> None:
    """E17, E46, T35: a running switch reads them as it reads any change of the directory, and a
    load that says nothing new of them leaves them."""
    records = PostgresRecords(pool)
    before = await called(pool)
    revision = "SELECT revision FROM directory_revisions WHERE part = 'callers'"
    was = await pool.fetchval(revision)
    await records.note_elder(ELDER, {"gate_code": "9911"}, agent="8001", case=None)
    assert await pool.fetchval(revision) == was, "nobody has to read all callers for a gate code"
    await records.note_elder(ELDER, {"contacts": CONTACTS}, agent="8001", case=None)
    assert await pool.fetchval(revision) > was
    assert await called(pool) == ["13900000077"] != before
    await loaded_again(pool, tmp_path)
    assert await called(pool) == ["13900000077"]
    found = await records.elder(ELDER)
    assert found is not None
    assert [one.phones for one in found.contacts] == [("13900000077",)]
    await loaded_again(pool, tmp_path, contacts=CONTACTS[:1])
    found = await records.elder(ELDER)
    assert found is not None
    assert await called(pool) == ["13900000077"]
    assert [one.field for one in found.noted] == ["gate_code"], "the file has the contact now"


@pytest.mark.usefixtures("demo")
async def test_of_an_elder_who_is_not_there_nothing_is_noted(pool: Pool) -> None:
    assert not await PostgresRecords(pool).note_elder("e9999", {"lift": True}, agent="8", case=None)
    assert await pool.fetchval("SELECT count(*) FROM elder_changes") == 0
