"""What an agent notes for an elder's file ends what is owed for it in the case (E12, E17, E38)."""

from collections.abc import Mapping
from typing import Any

import pytest
from msgspec import structs

from acd.adapters.http.control import Unanswered
from acd.adapters.http.elders import ElderView, VerificationBody
from acd.adapters.postgres.elders import Elder, ElderContact
from acd.adapters.postgres.errors import DatabaseAway
from acd.core.events import Event
from acd.core.follow_up.owed import OwedFor
from acd.core.replies import Done, Refused
from acd.runtime.api.control import Control
from acd.runtime.api.elders import elder_view
from acd.runtime.api.requests import Requests
from prompts.texts import PromptList
from tests.core.story import EPOCH_MS, Story, tell
from tests.runtime.test_http import ELDER

NOW_MS = EPOCH_MS + 200_000


class Records:
    """Knows one elder, and what has been noted; ``away`` is PostgreSQL's own sentence."""

    def __init__(self) -> None:
        self.noted: list[tuple[object, ...]] = []
        self.is_away = False
        self.known = ELDER

    async def note_elder(
        self, elder: str, words: Mapping[str, object], *, agent: str, case: str | None
    ) -> bool:
        if self.is_away:
            raise DatabaseAway("PostgreSQL is away")
        self.noted.append((elder, *words, agent, case))
        return elder == "of-T1"

    async def elder(self, elder: str) -> Elder | None:
        return self.known if elder == "of-T1" else None

    async def note_verified(
        self, elder: str, *, agent: str, call: str | None, contacts: tuple[int, ...]
    ) -> None:
        self.noted.append((elder, agent, call, contacts))


def house() -> tuple[Story, Records, Control]:
    """A switch in which help was at T1's door, and its file is owed."""
    story = tell(
        """
          0.000  A calls 95001 from terminal T1 | offered A; ring 8001 for A; open room A
          1.000  8001 answers     | offer accepted 8001; answer A; join A 8001
          1.002  A, 8001 enter    | answered A by 8001, wait 1.002
          3.000  8001 presses *90 | case opened by 8001; play case-open to 8001
          4.000  8001 presses *98 | case help arrived by 8001; stop case-open;
                                  | play case-help-arrived to 8001
        """,
        agents="8001",
    )
    records = Records()

    def put(event: Event) -> None:
        for effect in story.core.step(NOW_MS, event):
            if isinstance(effect, Done | Refused):
                requests.resolve(effect)

    requests = Requests(put, epoch=7)
    nothing: Any = None
    known: Any = records
    prompts = PromptList(voice="", words_per_minute={}, prompts={})
    control = Control(
        story.core, nothing, requests, known, nothing, list, prompts, (), nothing, nothing
    )
    return story, records, control


def owed(story: Story) -> list[OwedFor]:
    return [one.why for one in story.core.state.obligations.values() if one.why is OwedFor.FILE]


async def test_the_file_is_owed_no_more_when_something_was_noted_in_the_case() -> None:
    story, records, control = house()
    (case,) = story.core.state.cases
    assert owed(story) == [OwedFor.FILE]
    await control.note_elder("of-T1", {"gate_code": "9911"}, agent="8001", case=None)
    assert owed(story) == [OwedFor.FILE], "noted, but not as what this emergency has shown"
    found = await control.note_elder("of-T1", {"gate_code": "9912"}, agent="8001", case=case)
    assert found == elder_view(ELDER)
    assert isinstance(found, ElderView)
    assert owed(story) == []
    assert records.noted[-1] == ("of-T1", "gate_code", "8001", case)


async def test_what_was_not_noted_is_owed_still() -> None:
    story, records, control = house()
    (case,) = story.core.state.cases
    words = {"gate_code": "9911"}
    assert await control.note_elder("nobody", words, agent="8001", case=case) is None
    refused = await control.note_elder("of-T1", words, agent="8999", case=case)
    assert isinstance(refused, Refused)
    assert refused.sentence == "There is no agent 8999."
    records.is_away = True
    with pytest.raises(Unanswered, match="PostgreSQL is away"):
        await control.note_elder("of-T1", words, agent="8001", case=case)
    assert owed(story) == [OwedFor.FILE]


async def test_who_verified_a_record_has_gone_through_each_contact() -> None:
    """W46: one who was left out is named, and so is one whom the record does not have; nothing is
    noted then."""
    _, records, control = house()
    grades = [1, 3]
    records.known = structs.replace(
        ELDER,
        contacts=tuple(
            ElderContact(
                grade=grade, name="王某", relation="女儿", phones=("13900000077",),
                distance_m=None, has_key=False,
            )
            for grade in grades
        ),
    )  # fmt: skip

    async def verified(*contacts: int, elder: str = "of-T1", agent: str = "8001") -> object:
        body = VerificationBody(agent=agent, call="7-1", data=True, contacts=list(contacts))
        found = await control.verify_elder(elder, body)
        return found.sentence if isinstance(found, Refused) else found

    assert await verified(*grades[1:]) == f"Not gone through: contact {grades[0]}."
    assert await verified(*grades, 9) == "There is no contact 9 on the record."
    assert await verified(*grades, agent="8999") == "There is no agent 8999."
    assert await verified(*grades, elder="nobody") is None
    assert records.noted == []
    assert await verified(*grades, *grades) == elder_view(records.known)
    assert records.noted == [("of-T1", "8001", "7-1", tuple(grades))]
