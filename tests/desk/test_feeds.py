"""The regulator's feeds: nothing missed, nothing doubled, nobody named, and what has arrived is
kept (L3, G02)."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from msgspec import structs

from acd.adapters.postgres.database import Connection
from acd.adapters.postgres.feeds import PostgresFeeds
from acd.adapters.postgres.records import PostgresRecords, write_rows
from acd.core.directory import DeviceMeaning, DeviceTest, EntryKind
from acd.core.events import Hangup
from acd.core.facts import (
    AgentStateChanged,
    CallRated,
    CaseNoted,
    DeviceReported,
    EmergencyReported,
    Fact,
    LegEnded,
    LegRole,
    ObligationNoted,
    TerminalTested,
)
from acd.core.follow_up.owed import Closing, Obligation, ObligationKind, OwedFor
from acd.core.ids import (
    AgentId,
    AreaId,
    CallId,
    ElderId,
    EntryId,
    LegId,
    ObligationId,
    QueueId,
    SeatId,
    TerminalId,
)
from acd.core.roles import Role
from acd.core.scripts import RatingScale, RatingSource
from acd.core.tables import AgentState, CaseState, ObligationState
from acd.demo.directory import text
from acd.desk.feed_models import FEEDS, Call, Feed
from acd.desk.feeder import Pseudonyms
from acd.runtime.directory.load import load
from tests.desk.office import Office
from tests.postgres.test_records import ARRIVAL, CASE, life, ms, numbered
from tests.tokens import Keys, granted

COLLECTOR, REGULATOR, HOUSE, AGENT, LEADER = (
    {"Authorization": f"Bearer {one}"} for one in ("program", "wang", "house", "8001", "8090")
)
NEXT_DAY = ARRIVAL + timedelta(days=1)
NUMBER = "02160000001"


@pytest.fixture
async def desk(office: Office) -> AsyncIterator[httpx.AsyncClient]:
    tokens = Keys(
        program=granted(Role.COLLECTOR, person="民政局接口"),
        wang=granted(Role.REGULATOR, person="王芳"),
        house=granted(Role.ADMINISTRATOR, person="李敏"),
        **{
            "8001": granted(Role.AGENT, person="8001", agent="8001"),
            "8090": granted(Role.SUPERVISOR, person="8090", agent="8090"),
        },
    )
    async with office.client(tokens=tokens, headers=COLLECTOR) as client:
        yield client


async def taken_up(office: Office, now: datetime = NEXT_DAY) -> None:
    """Everything that is due, as the desk does it every half minute."""
    while await office.feeder(now).look():
        pass


async def read(desk: httpx.AsyncClient, feed: str, after: int = 0, limit: int = 100) -> Any:
    answer = await desk.get(f"/feeds/{feed}", params={"after": after, "limit": limit})
    assert answer.status_code == 200, answer.text
    return answer.json()


def names(page: Any) -> list[tuple[str, int]]:
    return [(one["id"], one["version"]) for one in page["records"]]


def rated(call: str, word: str) -> CallRated:
    return CallRated(
        at_ms=ms(ARRIVAL) + 90_000, call=CallId(call), arrived_ms=ms(ARRIVAL),
        agent=AgentId("8003"), queue=QueueId("emergency"), scale=RatingScale.S0, rating=word,
        source=RatingSource.AGENT, by=AgentId("8003"),
    )  # fmt: skip


async def test_a_record_has_a_version_that_grows_when_it_changes_and_not_otherwise(
    office: Office, desk: httpx.AsyncClient
) -> None:
    """L3: what goes on is no record yet; written again, or told what was known, nothing grows."""
    facts = life()
    await office.records.write(1, numbered(facts[:-3]))
    await taken_up(office)
    assert (await read(desk, "calls"))["records"] == []
    await office.records.write(1, numbered(facts))
    await taken_up(office)
    first = await read(desk, "calls")
    assert names(first) == [("call-1", 1)]
    record = first["records"][0]["record"]
    assert Call.model_validate(record).wrap_up_ms == 5_000
    assert (record["outcome"], record["agent"], record["rating"]) == ("answered", "8003", None)
    await office.records.write(1, numbered(facts))
    await taken_up(office)
    assert names(await read(desk, "calls", first["next"])) == []
    for seq, word in ((50, "满意"), (51, "满意"), (52, "非常满意")):
        await office.records.write(1, [(seq, rated("call-1", word))])
        await taken_up(office)
    second = await read(desk, "calls", first["next"])
    assert names(second) == [("call-1", 3)]
    assert second["records"][0]["record"]["rating"] == "非常满意"
    assert names(await read(desk, "calls")) == [("call-1", 3)]


async def test_what_is_committed_late_is_not_missed(
    office: Office, desk: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An older number that is committed behind a newer one, and an old life's facts that a replay
    writes a week later, come behind what was read before."""
    reached, go = asyncio.Event(), asyncio.Event()

    async def held(connection: Connection, facts: Sequence[Fact]) -> None:
        if CallId("early") in {getattr(one, "call", None) for one in facts}:
            reached.set()
            await go.wait()
        await write_rows(connection, facts)

    monkeypatch.setattr("acd.adapters.postgres.records.write_rows", held)
    early = asyncio.create_task(PostgresRecords(office.pool).write(1, numbered(life("early"))))
    await reached.wait()
    await PostgresRecords(office.pool).write(2, numbered(life("later")))
    await taken_up(office)
    first = await read(desk, "calls")
    assert names(first) == [("later", 1)]
    go.set()
    await early
    await taken_up(office)
    second = await read(desk, "calls", first["next"])
    assert names(second) == [("early", 1)]
    await PostgresRecords(office.pool).write(1, numbered(life("replayed"), first=500))
    await taken_up(office)
    assert names(await read(desk, "calls", second["next"])) == [("replayed", 1)]


async def test_one_desk_at_a_time_gives_out_places(office: Office, desk: httpx.AsyncClient) -> None:
    """A second desk leaves what is due alone until the first one's records are committed, and what
    the first one loses on its way is due again."""
    await office.write(life())

    async def killed() -> None:
        async with PostgresFeeds(office.pool).taking(today="2026-03-15") as taken:
            assert taken is not None
            assert taken.of("calls") == ["call-1"]
            assert await office.feeder(NEXT_DAY).look() == 0
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await killed()
    await taken_up(office)
    assert names(await read(desk, "calls")) == [("call-1", 1)]


async def test_nothing_is_missed_or_doubled_under_writers_at_once(
    office: Office, desk: httpx.AsyncClient
) -> None:
    """Four services write, two desks take up, one program reads along, three records at a time."""
    writing = 4

    async def write(epoch: int) -> None:
        nonlocal writing
        records = PostgresRecords(office.pool)
        for n in range(8):
            facts = numbered(life(f"call-{epoch}-{n}"), first=1 + n * 100)
            for batch in (facts[:7], facts[7:-1], facts[-1:]):
                await records.write(epoch, batch)
        writing -= 1

    async def take_up() -> None:
        while writing:
            await office.feeder(NEXT_DAY).look()
            await asyncio.sleep(0)

    seen: list[tuple[str, int]] = []
    after = 0

    async def follow() -> bool:
        nonlocal after
        page = await read(desk, "calls", after, limit=3)
        seen.extend(names(page))
        after = page["next"]
        return bool(page["records"])

    async def read_along() -> None:
        while writing:
            await follow()

    await asyncio.gather(*map(write, range(1, 5)), take_up(), take_up(), read_along())
    await taken_up(office)
    while await follow():
        pass
    assert len(seen) == len(set(seen))
    newest = dict(seen)
    assert set(newest) == {f"call-{epoch}-{n}" for epoch in range(1, 5) for n in range(8)}
    for one in newest:
        versions = [version for name, version in seen if name == one]
        assert versions == sorted(versions)
    assert newest == dict(names(await read(desk, "calls", limit=1_000)))
    bodies = (await read(desk, "calls", limit=1_000))["records"]
    assert {one["record"]["wrap_up_ms"] for one in bodies} == {5_000}


def owed(**changes: Any) -> Fact:
    """A callback for the call, with words of somebody's in it."""
    one = Obligation(
        id=ObligationId("1-o9"), kind=ObligationKind.CALLBACK, why=OwedFor.ABANDONED,
        state=ObligationState.OWED, queue=QueueId("emergency"), entry=EntryId("95001"),
        entry_kind=EntryKind.EMERGENCY, number=NUMBER, terminal=TerminalId(NUMBER),
        elders=(ElderId("e0001"),), call=CallId("call-1"), since_ms=ms(ARRIVAL),
        created_ms=ms(ARRIVAL), deadline_ms=ms(ARRIVAL) + 600_000, next_ms=None,
        escalate_ms=ms(ARRIVAL) + 300_000, about="女儿 13900000077", case=CASE.id,
    )  # fmt: skip
    return ObligationNoted(
        at_ms=ms(ARRIVAL) + 80_000,
        call=None,
        what="owed",
        obligation=structs.replace(one, **changes),
    )


def noted(what: str, after_ms: int, **changes: Any) -> Fact:
    case = structs.replace(CASE, summary="女儿 13900000077 在路上", **changes)
    return CaseNoted(at_ms=ms(ARRIVAL) + after_ms, call=None, what=what, by=None, case=case)


async def loaded(
    office: Office, folder: Path, change: Callable[[list[Any]], object] = lambda elders: None
) -> None:
    """The demo directory, after a change of its elders."""
    written = yaml.safe_load(text(terminals=3))
    change(written["elders"])
    path = folder / "directory.yaml"
    path.write_text(yaml.safe_dump(written, allow_unicode=True), encoding="utf-8")
    await load(path, office.pool)


async def test_no_number_and_no_name_is_in_any_feed(
    office: Office, desk: httpx.AsyncClient, tmp_path: Path
) -> None:
    """L2: whatever the directory and the facts know of elders, none of it is handed out; and the
    same elder is the same one in every feed."""
    await loaded(office, tmp_path)
    await office.write(
        [*life(), rated("call-1", "满意"), owed(), noted("contact 13900000001 reached", 9_000)]
    )
    await taken_up(office)
    pages = {feed: await read(desk, feed, limit=1_000) for feed in FEEDS}
    assert all(page["records"] for page in pages.values()), pages
    handed = re.sub(r"\b[net]-[0-9a-f]{32}\b", "", str(pages))
    forbidden = await office.pool.fetch(
        "SELECT name FROM elders UNION SELECT name FROM contacts UNION SELECT id FROM elders "
        "UNION SELECT id FROM terminals UNION SELECT device FROM terminals UNION "
        "SELECT unnest(phones) FROM elders UNION SELECT unnest(phones) FROM contacts UNION "
        "SELECT number FROM terminal_numbers UNION SELECT identity_card FROM elders UNION "
        "SELECT born::text FROM elders UNION SELECT name FROM agents"
    )
    said = [one["name"] for one in forbidden if one["name"]]
    assert len(said) > 20
    assert [one for one in (*said, "139000000", "女儿") if one in handed] == []

    def first(feed: str) -> Any:
        return pages[Feed(feed)]["records"][0]["record"]

    (elder,) = first("emergencies")["elders"]
    assert elder in [one["id"] for one in pages[Feed.USERS]["records"]]
    assert first("obligations")["elders"] == [elder]
    assert first("calls")["number"] == first("obligations")["number"] != first("calls")["terminal"]
    assert first("emergencies")["contact_reached_at"] is not None
    assert first("emergencies")["answered_at"] == first("calls")["answered_at"]
    assert first("calls")["case"] == first("emergencies")["case"] == CASE.id


async def test_an_emergency_has_its_times_from_the_call_to_the_report(
    office: Office, desk: httpx.AsyncClient, tmp_path: Path
) -> None:
    """L3: answered, 120 called and reached, help, closed, revisited, reported; each as it comes."""
    await loaded(office, tmp_path)
    medical = await office.pool.fetchrow(
        "SELECT area::text, number::text FROM rescue_numbers WHERE service = 'medical' LIMIT 1"
    )
    assert medical is not None
    area = AreaId(medical["area"])
    to_120 = LegEnded(
        at_ms=ms(ARRIVAL) + 60_000, call=CallId("call-1"), call_arrived_ms=ms(ARRIVAL),
        leg=LegId("n1:call-1-x"), role=LegRole.OUTSIDE, number=medical["number"], agent=None,
        started_ms=ms(ARRIVAL) + 20_000, rang_ms=None, answered_ms=ms(ARRIVAL) + 25_000,
        joined_ms=None, why=Hangup.NORMAL, cause=16,
    )  # fmt: skip
    closed_ms = ms(ARRIVAL) + 900_000
    await office.write(
        [
            *life(), noted("opened", 9_000, area=area), to_120,
            noted("medical reached", 26_000, area=area),
            noted("closed", 900_000, area=area, state=CaseState.CLOSED, outcome="help sent",
                  help_ms=ms(ARRIVAL) + 600_000, closed_ms=closed_ms),
        ]
    )  # fmt: skip
    await taken_up(office)
    first = await read(desk, "emergencies")
    record = first["records"][0]["record"]
    after = {
        name: (datetime.fromisoformat(record[name]) - ARRIVAL).total_seconds()
        for name in (
            "answered_at",
            "medical_dialled_at",
            "medical_reached_at",
            "help_at",
            "closed_at",
        )
    }
    assert list(after.values()) == [9, 20, 26, 600, 900]
    assert (record["outcome"], record["police_dialled_at"]) == ("help sent", None)
    assert (record["revisited_at"], record["reported_at"]) == (None, None)
    reported = EmergencyReported(
        at_ms=ms(ARRIVAL) + 80_000_000, call=CallId("call-1"), case=CASE.id,
        agent=AgentId("8001"), family="女儿", condition="已出院", scale=RatingScale.S0,
        rating="满意", unrated="", remarks="",
    )  # fmt: skip
    await office.write(
        [
            reported,
            owed(why=OwedFor.REVISIT, closing=Closing.DONE, state=ObligationState.DONE,
                 closed_ms=closed_ms),
        ]
    )  # fmt: skip
    await taken_up(office)
    second = await read(desk, "emergencies", first["next"])
    assert names(second) == [(CASE.id, 2)]
    record = second["records"][0]["record"]
    assert (record["rating"], record["revisited_at"]) == ("满意", record["closed_at"])
    assert record["reported_at"] is not None


async def test_what_the_directory_says_of_an_elder_is_a_record(
    office: Office, desk: httpx.AsyncClient, tmp_path: Path
) -> None:
    """L3: a load that changes nothing of it makes no version; one that does makes one, an agent's
    word too; and of who is there no more that alone is left."""
    await loaded(office, tmp_path)
    await taken_up(office)
    page = await read(desk, "users")
    assert {version for _, version in names(page)} == {1}
    name = Pseudonyms(await PostgresFeeds(office.pool).key()).elder("e0001")
    (first,) = [one for one in page["records"] if one["id"] == name]
    assert (first["record"]["born"], first["record"]["status"]) == (1930, "in_use")
    assert first["record"]["terminal"] in {
        one["id"] for one in (await read(desk, "devices"))["records"]
    }

    async def changed(version: int) -> Any:
        nonlocal page
        await taken_up(office)
        page = await read(desk, "users", page["next"])
        assert names(page) == [(name, version)]
        return page["records"][0]["record"]

    await loaded(office, tmp_path, lambda elders: elders[0]["habits"].update(notes="喜欢喝茶"))
    await taken_up(office)
    assert (await read(desk, "users", page["next"]))["records"] == []
    await loaded(office, tmp_path, lambda elders: elders[0].update(living="spouse"))
    assert (await changed(2))["living"] == "spouse"
    assert await office.records.note_elder("e0001", {"living": "alone"}, agent="8001", case=None)
    assert (await changed(3))["living"] == "alone"
    await loaded(office, tmp_path, lambda elders: elders.pop(0))
    gone = await changed(4)
    assert (gone["status"], gone["district"], gone["born"]) == ("removed", None, None)


async def test_what_a_terminal_says_and_needs_is_a_record(
    office: Office, desk: httpx.AsyncClient, tmp_path: Path
) -> None:
    """L3: low battery, test, not heard of for long; a terminal that is gone too."""
    await loaded(office, tmp_path)
    await office.write(life())
    await taken_up(office)
    page = await read(desk, "devices")
    name = Pseudonyms(await PostgresFeeds(office.pool).key()).terminal(NUMBER)

    async def after(*facts: Fact) -> Any:
        nonlocal page
        await office.write(list(facts))
        await taken_up(office)
        page = await read(desk, "devices", page["next"])
        ((one, _),) = names(page)
        assert one == name
        return page["records"][0]["record"]

    told: dict[str, Any] = {
        "call": CallId("call-1"),
        "arrived_ms": ms(ARRIVAL),
        "terminal": TerminalId(NUMBER),
    }
    low = await after(
        DeviceReported(
            at_ms=ms(ARRIVAL) + 5_000, leg=LegId("n1:call-1-c"), agent=None, digits="#91",
            meaning=DeviceMeaning.LOW_BATTERY, **told,
        ),
        owed(why=OwedFor.DEVICE),
    )  # fmt: skip
    assert (low["reported"], low["needs_hands"], low["is_silent"]) == ("low_battery", True, False)
    tested = await after(
        TerminalTested(
            at_ms=ms(ARRIVAL) + 60_000, agent=AgentId("8003"), kind=DeviceTest.USER, staff="",
            new_number=None, **told,
        ),
        owed(id=ObligationId("1-o8"), why=OwedFor.TERMINAL_TEST),
    )  # fmt: skip
    assert (tested["test_kind"], tested["is_silent"]) == ("user", True)
    await loaded(office, tmp_path, lambda elders: elders[0].update(terminal=None))
    await office.pool.execute("DELETE FROM terminal_numbers WHERE terminal = $1", NUMBER)
    await office.pool.execute("DELETE FROM terminals WHERE id = $1", NUMBER)
    assert (await after())["state"] == "gone"


async def test_a_days_figures_are_the_reports_and_come_when_it_is_over(
    office: Office, desk: httpx.AsyncClient
) -> None:
    """K09, L3: not while it goes on; again when something of it is said later."""
    await office.write(life())
    await taken_up(office, ARRIVAL + timedelta(hours=2))
    assert (await read(desk, "days"))["records"] == []
    await taken_up(office)
    first = await read(desk, "days")
    assert names(first) == [("2026-03-14", 1)]
    async with office.client(now=NEXT_DAY) as client:
        report = (await client.get("/reports/day", params={"date": "2026-03-14"})).json()
    figures = first["records"][0]["record"]["figures"]
    assert figures == {name: report["total"][name] for name in figures}
    assert (figures["offered"], figures["answered"], figures["rated"]) == (1, 1, 0)
    agents = await read(desk, "agent-days")
    assert names(agents) == [("2026-03-14:8003", 1)]
    assert agents["records"][0]["record"]["figures"]["talk_ms"] == 60_000
    await office.write([rated("call-1", "满意")])
    await taken_up(office)
    second = await read(desk, "days", first["next"])
    assert names(second) == [("2026-03-14", 2)]
    assert second["records"][0]["record"]["figures"]["rated"] == 1


async def test_what_happens_in_a_days_last_moment_is_that_days(
    office: Office, desk: httpx.AsyncClient
) -> None:
    """Half a second before midnight is not tomorrow."""
    midnight = datetime(2026, 3, 14, 16, tzinfo=UTC)
    ready = AgentStateChanged(
        at_ms=ms(midnight) - 400, agent=AgentId("8003"), seat=SeatId("s8003"), was=AgentState.READY,
        now=AgentState.LOGGED_OUT, reason=None, call=None, from_ms=ms(midnight) - 60_400,
    )  # fmt: skip
    await office.write([ready])
    await taken_up(office, midnight + timedelta(hours=1))
    assert names(await read(desk, "days")) == [("2026-03-14", 1)]
    (agent,) = (await read(desk, "agent-days"))["records"]
    assert agent["record"]["states"] == {"ready": 60_000}


async def test_a_day_that_does_not_add_up_is_told_without_figures(
    office: Office, desk: httpx.AsyncClient
) -> None:
    """K04: as its report, which shows none either."""
    await office.write(life())
    await office.pool.execute("UPDATE call SET wait_ms = -1")
    await taken_up(office)
    (day,) = (await read(desk, "days"))["records"]
    assert day["record"]["figures"] is None
    assert "cannot be" in day["record"]["sentence"]


# ── acknowledgements ────────────────────────────────────────────────────────────────────────


async def say(desk: httpx.AsyncClient, feed: str, *versions: tuple[str, int]) -> httpx.Response:
    body = {"records": [{"id": one, "version": version} for one, version in versions]}
    return await desk.post(f"/feeds/{feed}/acknowledgements", json=body)


async def waiting(desk: httpx.AsyncClient, feed: str) -> int:
    answer = await desk.get("/feeds", headers=HOUSE)
    (found,) = [one for one in answer.json() if one["feed"] == feed]
    return int(found["unacknowledged"])


async def test_an_acknowledgement_is_kept_once_and_the_house_sees_it(
    office: Office, desk: httpx.AsyncClient
) -> None:
    """L3: who, when, which version; said again, by whomever, the first one stands."""
    await office.write([*life("call-1"), *life("call-2")])
    await taken_up(office)
    assert await waiting(desk, "calls") == 2
    for kept in (1, 0):
        answer = await say(desk, "calls", ("call-1", 1), ("call-1", 1))
        assert (answer.status_code, answer.json()) == (200, {"kept": kept})
    again = await desk.post(
        "/feeds/calls/acknowledgements",
        json={"records": [{"id": "call-1", "version": 1}]},
        headers=REGULATOR,
    )
    assert again.json() == {"kept": 0}
    assert await waiting(desk, "calls") == 1
    (one,) = (await desk.get("/feeds/calls/acknowledgements", headers=HOUSE)).json()
    assert (one["record_id"], one["version"], one["who"]) == ("call-1", 1, "民政局接口")
    # What it says of an older version holds, and the newer one waits.
    await office.write([rated("call-1", "满意")])
    await taken_up(office)
    assert await waiting(desk, "calls") == 2
    assert (await say(desk, "calls", ("call-1", 1), ("call-1", 2))).json() == {"kept": 1}
    assert await waiting(desk, "calls") == 1
    of_one = await desk.get("/feeds/calls/acknowledgements", params={"record": "call-1"})
    assert [one["version"] for one in of_one.json()] == [2, 1]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (("call-1", 2), "call-1 has version 1 and not 2: nothing is kept."),
        (("call-9", 1), "There is no record call-9 in calls: nothing is kept."),
    ],
)
async def test_what_has_never_been_there_is_not_acknowledged(
    office: Office, desk: httpx.AsyncClient, wrong: tuple[str, int], sentence: str
) -> None:
    """Nor is anything that was said with it."""
    await office.write(life())
    await taken_up(office)
    answer = await say(desk, "calls", ("call-1", 1), wrong)
    assert (answer.status_code, answer.json()) == (409, {"sentence": sentence})
    assert await waiting(desk, "calls") == 1


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"records": []},
        {"records": [{"id": "a\x00b", "version": 1}]},
        {"records": [{"id": "call-1", "version": 0}]},
    ],
)
async def test_what_is_no_acknowledgement_is_told_in_a_sentence(
    desk: httpx.AsyncClient, body: dict[str, object]
) -> None:
    answer = await desk.post("/feeds/calls/acknowledgements", json=body)
    assert answer.status_code == 422
    assert answer.json()["sentence"].endswith(".")


async def test_for_how_long_nobody_has_acknowledged_is_a_figure(
    office: Office, desk: httpx.AsyncClient
) -> None:
    """None of a feed that nobody fetches; then the age of the oldest record that waits."""
    await office.write([*life("call-1"), *life("call-2")])
    await taken_up(office)
    await office.feeder(datetime.now(UTC)).watch()
    assert b"huling_desk_feed_unacknowledged_seconds{" not in office.metrics.text()
    await say(desk, "calls", ("call-1", 1))
    await office.feeder(datetime.now(UTC) + timedelta(hours=1)).watch()
    aged = office.metric("huling_desk_feed_unacknowledged_seconds", feed="calls")
    assert 3_600 <= aged < 3_700
    await say(desk, "calls", ("call-2", 1))
    await office.feeder(datetime.now(UTC)).watch()
    assert office.metric("huling_desk_feed_unacknowledged_seconds", feed="calls") == 0


# ── who, and what is written down of it ─────────────────────────────────────────────────────


async def test_who_reads_and_acknowledges_is_in_the_audit_and_others_are_refused(
    office: Office, desk: httpx.AsyncClient
) -> None:
    """L2: the authority's program may do this and nothing else; the house sees and does not
    acknowledge; agents and leaders do neither."""
    await office.write(life())
    await taken_up(office)
    receipt = {"records": [{"id": "call-1", "version": 1}]}
    for token, seeing, saying in (
        (AGENT, 403, 403), (LEADER, 403, 403), (HOUSE, 200, 403), (REGULATOR, 200, 200),
        (COLLECTOR, 200, 200),
    ):  # fmt: skip
        assert (await desk.get("/feeds/calls", headers=token)).status_code == seeing
        answer = await desk.post("/feeds/calls/acknowledgements", json=receipt, headers=token)
        assert answer.status_code == saying
    assert (await desk.get("/recordings")).status_code == 403
    notes = [(one.who, one.action, one.subject) for one in await office.audit.find()]
    assert notes == [
        ("民政局接口", "acknowledge feed", "calls"), ("民政局接口", "read feed", "calls"),
        ("王芳", "acknowledge feed", "calls"), ("王芳", "read feed", "calls"),
        ("李敏", "read feed", "calls"),
    ]  # fmt: skip


async def test_a_place_that_has_not_been_reached_is_refused(
    office: Office, desk: httpx.AsyncClient
) -> None:
    """Whose cursor is ahead of the record: it was restored, and they would miss what comes."""
    await office.write(life())
    await taken_up(office)
    last = (await read(desk, "calls"))["next"]
    assert (await read(desk, "calls", last))["records"] == []
    answer = await desk.get("/feeds/calls", params={"after": last + 1})
    assert answer.status_code == 409
    assert "after=0" in answer.json()["sentence"]


async def test_each_feed_is_described_by_its_schema(desk: httpx.AsyncClient) -> None:
    """L3: field by field, for whoever builds the other end."""
    described = (await desk.get("/openapi.json")).json()
    for feed, model in FEEDS.items():
        answer = described["paths"][f"/feeds/{feed}"]["get"]["responses"]["200"]
        name = answer["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        assert name == f"Page_{model.__name__}_"
        known = described["components"]["schemas"][model.__name__]["properties"]
        assert set(known) == set(model.model_fields)
