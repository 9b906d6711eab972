"""What an agent writes down of a call is written down when they are told so, and no core sees it
(D06)."""

from datetime import UTC, datetime
from typing import Any

import pytest

from acd.adapters.http.control import Unanswered
from acd.adapters.http.models import CallNoteView
from acd.adapters.http.notes import CallNoteBody
from acd.adapters.postgres.errors import DatabaseAway
from acd.adapters.postgres.notes import CallNote
from acd.core.emergency.guide import Flow
from acd.core.replies import Refused
from acd.runtime.api.control import Control
from prompts.texts import PromptList
from tests.core.story import tell

NOW = datetime(2026, 3, 14, tzinfo=UTC)


class Records:
    """Knows call 7-1; ``is_away`` is PostgreSQL that is not there."""

    def __init__(self) -> None:
        self.is_away = False

    async def add_note(
        self, call: str, *, agent: str, category: str, words: str
    ) -> CallNote | None:
        if self.is_away:
            raise DatabaseAway("PostgreSQL is away")
        if call != "7-1":
            return None
        return CallNote(at=NOW, agent=agent, category=category, words=words, erased_at=None)


async def test_a_note_is_postgresqls_alone() -> None:
    """No event goes into the core for it, so its words are in no journal and no fact; where
    PostgreSQL is away, or call or agent are unknown, it is not written down, and that is said."""
    story = tell("0.000  time passes | -", agents="8001")
    steps = len(story.effects)
    nothing: Any = None
    records: Any = Records()
    prompts = PromptList(voice="", words_per_minute={}, prompts={})
    control = Control(
        story.core, nothing, nothing, records, nothing, list, prompts, (), nothing, nothing
    )
    body = CallNoteBody(agent="8001", category=Flow.REFERRAL, words="转街道助餐点")
    written = await control.note_call("7-1", body)
    assert written == CallNoteView(
        at=NOW, agent="8001", category="referral", words="转街道助餐点", erased_at=None
    )
    assert await control.note_call("7-2", body) is None
    stranger = CallNoteBody(agent="8999", category=Flow.REFERRAL, words="转街道助餐点")
    refused = await control.note_call("7-1", stranger)
    assert isinstance(refused, Refused)
    assert refused.sentence == "There is no agent 8999."
    records.is_away = True
    with pytest.raises(Unanswered, match="PostgreSQL is away"):
        await control.note_call("7-1", body)
    assert len(story.effects) == steps
