"""What agents write down while the system is away is taken once, under their own number, found
again by whoever may, and owed as a task when it is not settled (D19, X14)."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from acd.adapters.http.veil import MASKED
from acd.adapters.postgres.offline import read_unowed
from acd.core.directory import EntryKind
from acd.core.events import WrittenOffline
from acd.core.facts import ObligationNoted
from acd.core.follow_up.owed import Obligation, ObligationKind, OwedFor
from acd.core.ids import AgentId, ObligationId
from acd.core.roles import Role
from acd.core.tables import ObligationState
from acd.demo import directory as demo
from acd.runtime.directory.load import load
from tests.desk.office import Office
from tests.postgres.test_records import ms
from tests.tokens import Keys, granted

NOW = datetime(2026, 3, 14, 2, 30, tzinfo=UTC)
ID = "00112233445566778899aabbccddeeff"
TOKENS = Keys(
    anna=granted(Role.AGENT, agent="8003", person="安娜"),
    chief=granted(Role.SUPERVISOR, agent="8090", person="李敏"),
    screen=granted(Role.MONITOR),
)


@pytest.fixture(autouse=True)
async def _agents(office: Office, tmp_path: Path) -> None:
    file = tmp_path / "demo.yaml"
    file.write_text(demo.text(terminals=1), encoding="utf-8")
    await load(file, office.pool)


def record(**changes: object) -> dict[str, Any]:
    return {
        "record": ID, "written_at": "2026-03-14T02:00:00Z", "agent": "8003", "emergency": False,
        "settled": False, "number": "021-60000001", "name": "王奶奶", "address": "三号楼",
        "need": "要助餐", "handled": "答应回电", **changes,
    }  # fmt: skip


async def hand_in(office: Office, token: str = "anna", **changes: object) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {token}"}
    async with office.client(tokens=TOKENS, headers=headers, now=NOW) as client:
        answer = await client.post("/offline/records", json=record(**changes))
    return answer.status_code, answer.json()


async def kept(office: Office) -> list[dict[str, Any]]:
    rows = await office.pool.fetch("SELECT * FROM offline_records ORDER BY record_id")
    return [dict(row) for row in rows]


async def unowed(office: Office) -> list[WrittenOffline]:
    return await read_unowed(office.pool, place="PostgreSQL")


async def test_a_record_is_taken_once_however_often_it_is_handed_in(office: Office) -> None:
    """The browser that got no answer asks again, and gets the first answer; the first words stay,
    and who handed it in, when and for whom is in the audit."""
    first = await hand_in(office)
    assert first[0] == 201
    assert await hand_in(office, need="别的话") == first
    (one,) = await kept(office)
    assert (one["record_id"], one["agent"], one["handed_in_by"]) == (ID, "8003", "安娜")
    assert (one["need"], one["handled"], one["number"]) == ("要助餐", "答应回电", "021-60000001")
    assert one["written_at"] == NOW - timedelta(minutes=30)
    notes = await office.audit.find(subject=ID)
    assert {(note.who, note.action, note.details["agent"]) for note in notes} == {
        ("安娜", "hand in offline record", "8003")
    }


async def test_another_record_does_not_hide_behind_an_id(office: Office) -> None:
    assert (await hand_in(office))[0] == 201
    status, answer = await hand_in(office, "chief", agent="8004")
    assert (status, answer) == (409, {"sentence": f"The id {ID} is another record's."})
    assert len(await kept(office)) == 1


@pytest.mark.parametrize(
    ("token", "agent", "status"),
    [("anna", "8004", 403), ("screen", "8003", 403), ("nobody", "8003", 401),
     ("chief", "8003", 201), ("chief", "8999", 404)],
)  # fmt: skip
async def test_agents_hand_in_their_own_and_supervisors_for_anybody(
    office: Office, token: str, agent: str, status: int
) -> None:
    """X11: and nothing is kept of what is refused."""
    found, answer = await hand_in(office, token, agent=agent)
    assert found == status, answer
    assert len(await kept(office)) == (status == 201)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("record", "1"),
        ("record", ID.upper()),
        ("written_at", "2026-03-14T02:36:00Z"),
        ("written_at", "2025-03-01T00:00:00Z"),
        ("written_at", "gestern"),
        ("emergency", None),
        ("settled", "perhaps"),
        ("number", "张三"),
        ("name", "x" * 101),
        ("address", "x" * 201),
        ("need", ""),
        ("need", "x" * 2001),
        ("handled", "\x00"),
    ],
)
async def test_what_is_wrong_is_told_by_its_field(
    office: Office, field: str, value: object
) -> None:
    """The page turns the field into its own words, so the sentence must begin with it."""
    status, answer = await hand_in(office, "anna", **{field: value})
    assert status == 422
    assert answer["sentence"].startswith(f"{field}: "), answer
    assert await kept(office) == []


async def test_what_was_handed_in_is_found_and_the_look_is_noted(office: Office) -> None:
    """L2: a task names the record; whoever takes it reads it by that."""
    await hand_in(office)
    await hand_in(office, record="f" * 32, written_at="2026-03-14T01:00:00Z", number=None)
    async with office.client() as client:
        both = (await client.get("/offline/records")).json()
        (one,) = (await client.get("/offline/records", params={"record": ID})).json()
        late = (await client.get("/offline/records", params={"since": "2026-03-14T01:30Z"})).json()
        noted = (await client.get("/audit", params={"subject": ID})).json()
        misspelt = await client.get("/offline/records", params={"number": "1"})
    assert [found["record"] for found in both] == [ID, "f" * 32]
    assert [found["record"] for found in late] == [ID]
    assert {**one, **record(written_at=one["written_at"])} == one
    assert noted[0]["action"] == "search offline records"
    assert misspelt.status_code == 422


async def test_another_agent_sees_it_masked_until_its_task_is_theirs(office: Office) -> None:
    """L2: whoever wrote it sees all of it, and so does whoever has the task of it in hand."""
    await hand_in(office)

    async def seen_by(agent: str) -> dict[str, Any]:
        tokens = Keys(theirs=granted(Role.AGENT, agent=agent))
        headers = {"Authorization": "Bearer theirs"}
        async with office.client(tokens=tokens, headers=headers) as client:
            (one,) = (await client.get("/offline/records")).json()
        return dict(one)

    whole = await seen_by("8003")
    assert whole["masked"] is None
    strange = await seen_by("8004")
    assert strange == whole | {
        "number": "021-****0001", "need": "", "handled": "", "masked": MASKED,
    }  # fmt: skip
    await office.write([owed(ID, assignee=AgentId("8004"))])
    assert await seen_by("8004") == whole


async def test_what_is_open_or_was_an_emergency_is_to_be_owed_until_it_is(office: Office) -> None:
    """In the order in which it was written; once owed it is not told again, done or not."""
    await hand_in(office, record="a" * 32, written_at="2026-03-14T02:20:00Z", emergency=True)
    await hand_in(office, record="b" * 32, emergency=True, settled=True, number=None)
    await hand_in(office, record="c" * 32, settled=True)
    await hand_in(office, record="d" * 32, written_at="2026-03-14T01:00:00Z")
    found = await unowed(office)
    assert [(one.record[0], one.urgent) for one in found] == [
        ("d", False), ("b", False), ("a", True),
    ]  # fmt: skip
    assert found[1] == WrittenOffline(
        record="b" * 32, written_ms=ms(NOW) - 1_800_000, agent=AgentId("8003"), number=None,
        urgent=False,
    )  # fmt: skip
    await office.write([owed("d" * 32), owed("a" * 32, state=ObligationState.DONE)])
    assert [one.record[0] for one in await unowed(office)] == ["b"]


def owed(
    about: str,
    state: ObligationState = ObligationState.OWED,
    assignee: AgentId | None = None,
) -> ObligationNoted:
    one = Obligation(
        id=ObligationId(f"o-{about}"), kind=ObligationKind.TASK, why=OwedFor.OFFLINE, state=state,
        queue=None, entry=None, entry_kind=EntryKind.ENQUIRY, number=None, terminal=None,
        elders=(), call=None, since_ms=ms(NOW), created_ms=ms(NOW), deadline_ms=ms(NOW),
        next_ms=None, escalate_ms=ms(NOW), about=about, assignee=assignee,
        closed_ms=ms(NOW) if state is ObligationState.DONE else None,
    )  # fmt: skip
    return ObligationNoted(at_ms=ms(NOW), call=None, what="told", obligation=one)


async def test_its_words_are_erased_as_those_of_notes_are(office: Office) -> None:
    """C19: after 36 months who wrote when stays, and that it was an emergency; handed in again it
    stays erased."""
    await hand_in(office)
    (one,) = await kept(office)
    handed_in = one["handed_in_at"]
    assert await office.nightly.erase_old_words(handed_in + timedelta(days=3 * 365)) == 0
    late = handed_in + timedelta(days=3 * 366)
    assert await office.nightly.erase_old_words(late) == 1
    assert (await hand_in(office))[0] == 201
    (gone,) = await kept(office)
    personal = {"number", "name", "address", "need", "handled"}
    assert gone == {**one, **dict.fromkeys(personal), "erased_at": late}
    (noted,) = [one for one in await office.audit.find() if one.action.startswith("erase")]
    assert noted.details == {"why": "older than 36 months", "offline records": "1"}


async def test_the_page_is_kept_by_the_browser_and_has_nothing_of_anybody(office: Office) -> None:
    """X14: it has to open while there is no desk; only who works here is asked to keep it."""
    async with office.client(tokens=TOKENS, headers={"Authorization": "Bearer anna"}) as client:
        page = await client.get("/offline")
        script = await client.get("/offline/offline.js")
        again = await client.get("/offline", headers={"If-None-Match": page.headers["etag"]})
    async with office.client(tokens=TOKENS, headers={}) as client:
        assert (await client.get("/offline")).status_code == 401
    assert [one.status_code for one in (page, script, again)] == [200, 200, 304]
    for answer in (page, script, again):
        assert answer.headers["cache-control"] == "private, max-age=31536000"
    assert "离线记录" in page.text
