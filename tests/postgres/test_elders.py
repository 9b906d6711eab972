"""The elder's record is at hand while help is called (E04, E08, E13, E20, E30, U11, U13)."""

from pathlib import Path

import pytest

from acd.adapters.postgres.database import Pool
from acd.adapters.postgres.directory import read
from acd.adapters.postgres.records import PostgresRecords
from acd.demo.directory import text
from acd.runtime.directory_load import load
from acd.runtime.elders import elder_view


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
