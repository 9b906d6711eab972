"""The directory is read as one picture, noticed when it changes, and survives PostgreSQL."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from pathlib import Path

import asyncpg
import pytest
import yaml

from acd.adapters.postgres.callers import CALLERS_PER_FETCH
from acd.adapters.postgres.database import Pool
from acd.adapters.postgres.directory import Directory, read, watch
from acd.adapters.postgres.errors import DatabaseRefused
from acd.core.directory import (
    AgentRules,
    Callback,
    ContactKind,
    DeviceCode,
    DeviceMeaning,
    EmergencyRules,
    EntryKind,
    Hours,
    Reach,
    Role,
    SeatMode,
    Selection,
    SkillNeed,
    Widening,
)
from acd.core.directory_diff import diff
from acd.core.events import AgentDefined, QueueDefined, SeatDefined
from acd.core.ids import AgentId, EntryId, PhoneId, QueueId, SeatId, TrunkId
from acd.core.numbers import NumberRules
from acd.demo.directory import text
from acd.runtime.directory.load import load

Readings = AsyncGenerator[Directory, None]

PATIENCE_S = 60


@pytest.fixture
async def demo(pool: Pool, tmp_path: Path) -> None:
    path = tmp_path / "demo.yaml"
    path.write_text(text(terminals=20), encoding="utf-8")
    await load(path, pool)


async def one(pool: Pool) -> Directory:
    async with pool.acquire() as connection:
        return await read(connection)


async def test_a_queue_has_hours_on_working_days_and_on_days_off(
    pool: Pool, tmp_path: Path
) -> None:
    """W34: appointments are made within them; where nothing is said, at any time."""
    written = yaml.safe_load(text(terminals=20))
    path = tmp_path / "hours.yaml"
    for said, read_back in (
        ({"working_days": "08:30-17:00"}, Hours(working_days=(510, 1_020), days_off=None)),
        ({"days_off": "09:00-24:00"}, Hours(working_days=None, days_off=(540, 1_440))),
        (None, None),
    ):
        written["queues"][1]["hours"] = said
        path.write_text(yaml.safe_dump(written, allow_unicode=True), encoding="utf-8")
        await load(path, pool)
        queues = (await one(pool)).staffing.queues
        assert queues[QueueId("enquiry")].hours == read_back
        assert queues[QueueId("emergency")].hours is None


@pytest.mark.usefixtures("demo")
async def test_everything_a_decision_needs_is_there(pool: Pool) -> None:
    directory = await one(pool)
    staffing = directory.staffing
    emergency = staffing.queues[QueueId("emergency")]
    assert emergency.promise_ms == 10_000
    assert emergency.ring_ms == 6_500
    assert (emergency.ring_ms_min, emergency.incident_ms) == (6_500, 60_000)
    assert emergency.widening == (
        Widening(after_ms=0, phones=1, reach=Reach.READY),
        Widening(after_ms=4_000, phones=2, reach=Reach.READY),
        Widening(after_ms=7_000, phones=3, reach=Reach.WRAP_UP),
        Widening(after_ms=10_000, phones=5, reach=Reach.BREAK),
    )
    assert emergency.callback == Callback()
    assert emergency.emergency == EmergencyRules(ask_contact_ms=300_000)
    enquiry = staffing.queues[QueueId("enquiry")]
    assert enquiry.callback == Callback(within_ms=1_800_000, first_ms=30_000, attempts_max=4)
    assert emergency.rules == AgentRules(consent=("supervisor",))
    assert staffing.agents[AgentId("8090")].role is Role.SUPERVISOR
    assert staffing.agents[AgentId("8001")].role is Role.AGENT
    assert {seat.mode for seat in staffing.seats.values()} == {SeatMode.RING}
    assert emergency.selection is Selection.HIGHEST_SKILL
    assert emergency.needs == (SkillNeed("emergency", 1),)
    assert {key: entry.kind for key, entry in staffing.entries.items()} == {
        EntryId("95001"): EntryKind.EMERGENCY,
        EntryId("95002"): EntryKind.ENQUIRY,
        EntryId("95003"): EntryKind.ENQUIRY,
        EntryId("95009"): EntryKind.SYNTHETIC,
    }
    assert staffing.agents[AgentId("8003")].skills == (("dialect:shanghai", 8), ("emergency", 8))
    assert staffing.seats[SeatId("s8001")].phones == ("a8001", "a8001-2")
    assert staffing.seats[SeatId("s8099")].agent == "8099"
    for kept in (staffing.queues, staffing.entries, staffing.agents, staffing.seats):
        assert list(kept) == sorted(kept)


async def test_how_often_who_is_on_hold_hears_of_it_is_the_queues(
    pool: Pool, tmp_path: Path
) -> None:
    """C08: every ten seconds where nothing is said."""
    written = yaml.safe_load(text(terminals=20))
    written["queues"][1]["treatment"]["hold_notice_ms"] = 25_000
    path = tmp_path / "slower.yaml"
    path.write_text(yaml.safe_dump(written, allow_unicode=True), encoding="utf-8")
    await load(path, pool)
    queues = (await one(pool)).staffing.queues
    assert queues[QueueId("enquiry")].treatment.hold_notice_ms == 25_000
    assert queues[QueueId("emergency")].treatment.hold_notice_ms == 10_000


@pytest.mark.usefixtures("demo")
async def test_trunks_phones_and_callers_are_there_for_the_borders(pool: Pool) -> None:
    directory = await one(pool)
    carrier = directory.trunks[TrunkId("carrier-b")]
    assert carrier.addresses == ("127.128.0.0/9",)
    assert carrier.rules == NumberRules(area_code="021")
    assert carrier.trusts_asserted
    assert carrier.in_service
    phone = directory.phones[PhoneId("a8002-2")]
    assert phone.seat == "s8002"
    assert len(phone.password) >= 16
    assert phone.password not in repr(phone)

    couple = directory.callers.find("02160000010")
    assert couple is not None
    assert (couple.terminal, couple.elders) == ("02160000010", ("e0010", "e0010b"))
    alone = directory.callers.find("02160000011")
    assert alone is not None
    assert alone.elders == ("e0011",)
    assert directory.callers.find("8003") is None
    assert directory.callers.find(None) is None


@pytest.mark.usefixtures("demo")
async def test_whom_to_call_is_known_before_anybody_asks(pool: Pool) -> None:
    """U03, E06: relatives by grade, first telephones before second ones; then the helper and the
    organisations around the elder; each number once, normalised, and never the caller's own."""
    await pool.execute(
        "UPDATE contacts SET phones = '{+8613900000001,02160000011}' "
        "WHERE elder = 'e0011' AND grade = 2"
    )
    found = (await one(pool)).callers.find("02160000011")
    assert found is not None
    assert found.area == "shifan-west"
    assert [(contact.kind, contact.number) for contact in found.contacts] == [
        (ContactKind.RELATIVE, "02100000111"),
        (ContactKind.RELATIVE, "13900000001"),
        (ContactKind.RELATIVE, "02100000113"),
        (ContactKind.HELPER, "02107000011"),
        (ContactKind.COMMITTEE, "02109000004"),
        (ContactKind.SERVICE_CENTRE, "02109000006"),
        (ContactKind.PROPERTY, "02109000007"),
        (ContactKind.DISTRICT_OFFICE, "02109000010"),
    ]
    couple = (await one(pool)).callers.find("02160000010")
    assert couple is not None
    # First whoever is nearest to either of them.
    assert [contact.number for contact in couple.contacts[:4]] == [
        "02100000101",
        "02100000106",
        "02100000102",
        "02100000107",
    ]
    await pool.execute("DELETE FROM contacts; UPDATE elders SET helper_phone = NULL")
    await pool.execute("UPDATE organisations SET phone = NULL")
    nobody = (await one(pool)).callers.find("02160000011")
    assert nobody is not None
    assert nobody.contacts == ()


@pytest.mark.usefixtures("demo")
async def test_what_a_terminal_may_say_of_itself_is_known_by_its_model(pool: Pool) -> None:
    """T27: its model's codes, and after a change the new ones; a model that is not listed sends
    none."""
    found = (await one(pool)).callers.find("02160000011")
    assert found is not None
    low = DeviceCode(digits="#91", meaning=DeviceMeaning.LOW_BATTERY, task="更换电池")
    assert found.device_codes[0] == low
    assert [code.digits for code in found.device_codes] == ["#91", "#92", "#93", "#94", "#95"]
    before = (await one(pool)).callers_revision
    await pool.execute("DELETE FROM terminal_model_codes WHERE digits <> '#93'")
    changed = await one(pool)
    assert changed.callers_revision > before
    found = changed.callers.find("02160000011")
    assert found is not None
    assert found.device_codes == (DeviceCode(digits="#93", meaning=DeviceMeaning.TEST),)
    await pool.execute("UPDATE terminals SET model = '一键通 三型' WHERE id = '02160000011'")
    found = (await one(pool)).callers.find("02160000011")
    assert found is not None
    assert found.device_codes == ()


@pytest.mark.usefixtures("demo")
async def test_a_terminal_that_was_removed_is_nobody_s(pool: Pool) -> None:
    await pool.execute("UPDATE terminals SET state = 'removed' WHERE id = '02160000011'")
    assert (await one(pool)).callers.find("02160000011") is None


# ── changes ─────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
async def watching(demo: None, database_url: str) -> AsyncIterator[Readings]:
    del demo
    iterator = watch(database_url)
    yield iterator
    await iterator.aclose()


async def following(iterator: Readings) -> Directory:
    async with asyncio.timeout(PATIENCE_S):
        return await anext(iterator)


async def test_a_change_by_anybody_is_noticed(pool: Pool, watching: Readings) -> None:
    before = await following(watching)
    await pool.execute("UPDATE queues SET promise_ms = 25000 WHERE id = 'enquiry'")
    after = await following(watching)
    assert after.revision > before.revision
    (change,) = diff(before.staffing, after.staffing)
    assert isinstance(change, QueueDefined)
    assert (change.queue.id, change.queue.promise_ms) == ("enquiry", 25_000)
    # What has not changed was not read again.
    assert after.callers is before.callers


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE contacts SET phones = '{13900000009}' WHERE elder = 'e0001' AND grade = 1",
        "UPDATE organisations SET phone = '13900000009' WHERE kind = 'committee'",
    ],
)
async def test_a_change_of_whom_to_call_is_noticed(
    pool: Pool, watching: Readings, statement: str
) -> None:
    await following(watching)
    await pool.execute(statement)
    found = (await following(watching)).callers.find("02160000001")
    assert found is not None
    assert "13900000009" in [contact.number for contact in found.contacts]


async def test_a_change_of_callers_leaves_the_staffing_alone(
    pool: Pool, watching: Readings
) -> None:
    before = await following(watching)
    await pool.execute("INSERT INTO terminal_numbers VALUES ('13900000000', '02160000001')")
    after = await following(watching)
    assert after.staffing is before.staffing
    assert before.callers.find("13900000000") is None
    assert after.callers.find("13900000000") == after.callers.find("02160000001")


async def test_a_trunks_password_is_a_change(pool: Pool, watching: Readings) -> None:
    await following(watching)
    await pool.execute("INSERT INTO trunk_passwords VALUES ('carrier-a', 'new')")
    first = await following(watching)
    await pool.execute("UPDATE trunk_passwords SET password = 'newer'")
    assert (await following(watching)).revision > first.revision


async def test_changes_of_one_transaction_come_together(pool: Pool, watching: Readings) -> None:
    before = await following(watching)
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("INSERT INTO agents VALUES ('8021', '新坐席')")
        await connection.execute("INSERT INTO agent_skills VALUES ('8021', 'emergency', 7)")
    after = await following(watching)
    assert [type(change) for change in diff(before.staffing, after.staffing)] == [AgentDefined]
    assert after.staffing.agents[AgentId("8021")].skills == (("emergency", 7),)


async def test_a_statement_that_changes_nothing_is_no_change(pool: Pool, demo: None) -> None:
    before = (await one(pool)).revision
    await pool.execute("UPDATE agents SET name = 'nobody' WHERE id = 'nobody'")
    await pool.execute("DELETE FROM seats WHERE id = 'nobody'")
    assert (await one(pool)).revision == before


async def test_a_rolled_back_change_is_no_change(pool: Pool, demo: None) -> None:
    before = (await one(pool)).revision
    async with pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute("UPDATE agents SET name = '改名' WHERE id = '8001'")
        await transaction.rollback()
    assert (await one(pool)).revision == before


async def test_after_a_lost_link_what_changed_meanwhile_is_read(
    pool: Pool, watching: Readings
) -> None:
    before = await following(watching)
    async with pool.acquire() as connection, connection.transaction():
        # Both in one transaction: the watcher is cut off before it could hear of the change.
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND query ~ 'LISTEN|COMMIT' "
            "AND pid <> pg_backend_pid()"
        )
        await connection.execute("UPDATE agents SET name = '改名' WHERE id = '8001'")
    after = await following(watching)
    assert after.staffing.agents[AgentId("8001")].name == "改名"
    assert after.callers is before.callers
    await pool.execute("UPDATE agents SET name = '再改' WHERE id = '8001'")
    assert (await following(watching)).staffing.agents[AgentId("8001")].name == "再改"


async def test_a_database_that_says_no_is_not_asked_for_ever(empty_url: str) -> None:
    iterator = watch(empty_url)
    with pytest.raises(DatabaseRefused, match="run `acd db migrate`"):
        await following(iterator)


# ── size ────────────────────────────────────────────────────────────────────────────────────


MANY = """
    INSERT INTO terminals (id, state)
    SELECT 't' || n, 'in_use' FROM generate_series(1, 20000) n;
    INSERT INTO terminal_numbers
    SELECT '0216' || lpad(n::text, 7, '0'), 't' || n FROM generate_series(1, 20000) n;
    INSERT INTO elders (id, name, sex, born, district, street, phones, terminal, living, category,
                        status, history, allergies, medication, languages, absences, life_events)
    SELECT 'e' || n, '某人', 'female', '1940-01-01', '示范区', '示范街道', '{}', 't' || n,
           'alone', 'self_paid', 'in_use', '{}', '{}', '[]', '{}', '[]', '{}'
    FROM generate_series(1, 20000) n
"""


async def test_a_large_directory_is_read_in_pieces(pool: Pool, database_url: str) -> None:
    """No call waits while the directory is read: the loop comes round after every piece."""
    await pool.execute(MANY, timeout=60)
    connection = await asyncpg.connect(database_url)
    beats = 0

    async def heart() -> None:
        nonlocal beats
        while True:
            await asyncio.sleep(0)
            beats += 1

    beating = asyncio.create_task(heart())
    directory = await read(connection)
    beating.cancel()
    await connection.close()
    assert len(directory.callers) == 20_000
    found = directory.callers.find("02160012345")
    assert found is not None
    assert (found.terminal, found.elders) == ("t12345", ("e12345",))
    assert beats >= 20_000 / CALLERS_PER_FETCH


@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize(
    ("statement", "complaint"),
    [
        ("DELETE FROM queue_widening WHERE after_ms = 0", "has no widening step at 0 ms"),
        (
            "UPDATE queue_widening SET phones = 1 WHERE queue = 'emergency' AND after_ms = 10000",
            "takes back what the one before gave",
        ),
        (
            "UPDATE queue_widening SET reach = 'ready' WHERE queue = 'emergency' "
            "AND after_ms = 10000",
            "takes back what the one before gave",
        ),
        ("UPDATE queue_widening SET reach = 'moon'", "queue_widening_reach_check"),
        ("UPDATE queues SET ring_ms_min = ring_ms + 1", "queues_check"),
        ("UPDATE queues SET incident_ms = promise_ms - 1", "queues_check"),
        ("UPDATE queues SET wrap_up_ms_max = wrap_up_ms - 1", "queues_check"),
        ("UPDATE seats SET mode = 'shout'", "seats_mode_check"),
        ("UPDATE agents SET role = 'boss'", "agents_role_check"),
    ],
)
async def test_plain_sql_cannot_make_an_impossible_queue(
    pool: Pool, statement: str, complaint: str
) -> None:
    """The core relies on it: every queue has a first step, and only ever goes further."""
    with pytest.raises(asyncpg.CheckViolationError, match=complaint):
        await pool.execute(statement)


@pytest.mark.usefixtures("demo")
async def test_a_step_added_by_plain_sql_is_a_change(pool: Pool) -> None:
    before = await one(pool)
    await pool.execute("INSERT INTO queue_widening VALUES ('enquiry', 15000, 3, 'wrap_up')")
    after = await one(pool)
    (change,) = diff(before.staffing, after.staffing)
    assert isinstance(change, QueueDefined)
    assert change.queue.widening[-1] == Widening(after_ms=15_000, phones=3, reach=Reach.WRAP_UP)


@pytest.mark.usefixtures("demo")
async def test_a_seats_mode_and_a_queues_rules_may_change_at_any_time(pool: Pool) -> None:
    """Each is an ordinary change of the directory: no restart, no call notices."""
    before = await one(pool)
    await pool.execute("UPDATE seats SET mode = 'nailed_up' WHERE id = 's8003'")
    await pool.execute(
        "UPDATE queues SET ready_min = 0, consent = '{meal}', test_rings_max = 2 "
        "WHERE id = 'emergency'"
    )
    queue, seat = diff(before.staffing, (await one(pool)).staffing)
    assert isinstance(queue, QueueDefined) and isinstance(seat, SeatDefined)
    assert queue.queue.rules == AgentRules(ready_min=0, consent=("meal",), test_rings_max=2)
    assert (seat.seat.id, seat.seat.mode) == ("s8003", SeatMode.NAILED_UP)
