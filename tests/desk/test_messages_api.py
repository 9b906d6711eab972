"""Messages that callers have left: found and played, with what is owed for them (V03)."""

import msgspec

from acd.core.directory import EntryKind
from acd.core.facts import Fact, ObligationNoted, ReplyKind, ReplyOwed
from acd.core.follow_up.owed import Closing, Obligation, ObligationKind, OwedFor
from acd.core.ids import CallId, ObligationId, QueueId, TerminalId
from acd.core.tables import ObligationState
from tests.desk.office import Office
from tests.postgres.test_records import ARRIVAL, ms

LEFT_MS = ms(ARRIVAL) + 30_000
NUMBER = "02109000077"


def left(call: str = "1-7", file: str = "hl-m1-1.wav", number: str = NUMBER) -> ReplyOwed:
    return ReplyOwed(
        at_ms=LEFT_MS,
        call=CallId(call),
        arrived_ms=ms(ARRIVAL),
        kind=ReplyKind.MESSAGE,
        queue=QueueId("enquiry"),
        number=number,
        terminal=TerminalId("t7"),
        place_ms=ms(ARRIVAL),
        due_ms=LEFT_MS + 7_200_000,
        about="",
        recording=file,
        message_ms=4_000,
        synthetic=False,
    )


def owed(**changes: object) -> Fact:
    owed = Obligation(
        id=ObligationId("1-o3"),
        kind=ObligationKind.CALLBACK,
        why=OwedFor.VOICEMAIL,
        state=ObligationState.OWED,
        queue=QueueId("enquiry"),
        entry=None,
        entry_kind=EntryKind.ENQUIRY,
        number=NUMBER,
        terminal=None,
        elders=(),
        call=CallId("1-7"),
        since_ms=ms(ARRIVAL),
        created_ms=LEFT_MS,
        deadline_ms=LEFT_MS + 7_200_000,
        next_ms=LEFT_MS + 10_000,
        escalate_ms=LEFT_MS + 7_200_000,
    )
    changed = msgspec.structs.replace(owed, **changes)
    at_ms = changed.closed_ms or LEFT_MS
    return ObligationNoted(at_ms=at_ms, call=None, what="told", obligation=changed)


async def test_a_message_is_found_with_what_is_owed_for_it(office: Office) -> None:
    """By number, terminal and queue; and how it fares: open first, and then called back."""
    await office.write([left(), owed()])
    await office.write([left("1-9", "hl-m1-2.wav", "02109000078")])
    async with office.client() as client:
        here = {"terminal": "t7", "queue": "enquiry"}
        found = (await client.get("/messages", params=here)).json()
        assert "hl-m1-1" in [one["message_id"] for one in found]
        refused = await client.get("/messages", params={"number": NUMBER})
        assert refused.status_code == 422
        [one] = (await client.post("/messages/search", json={"number": NUMBER})).json()
        assert (one["call_id"], one["duration_ms"]) == ("1-7", 4_000)
        assert (one["obligation"], one["state"]) == ("1-o3", "owed")
        await office.write(
            [owed(state=ObligationState.DONE, closing=Closing.REACHED, closed_ms=LEFT_MS + 60_000)]
        )
        [one] = (await client.post("/messages/search", json={"number": NUMBER})).json()
        assert one["state"] == "done" and one["closed_at"] is not None
        body = {"number": "02109000078"}
        [other] = (await client.post("/messages/search", json=body)).json()
        assert (other["obligation"], other["state"]) == (None, None)


async def test_a_message_is_played_and_that_is_written_down(office: Office) -> None:
    """L2: who listened; and what cannot be played says why."""
    await office.write([left()])
    async with office.client() as client:
        missing = await client.get("/messages/hl-m1-1/audio")
        assert missing.status_code == 404 and "recording has it too" in missing.json()["sentence"]
        (office.archive.spool / "hl-m1-1.wav").write_bytes(b"RIFFsound")
        played = await client.get("/messages/hl-m1-1/audio", headers={"Range": "bytes=4-8"})
        assert (played.status_code, played.content) == (206, b"sound")
        assert (await client.get("/messages/none/audio")).status_code == 404
        noted = (await client.get("/audit", params={"subject": "hl-m1-1"})).json()
    assert [one["action"] for one in noted] == ["play message"]
