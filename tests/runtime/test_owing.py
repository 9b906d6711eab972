"""What people promise over the API is owed by the deadline that they have told (C12, W27, W33)."""

from typing import Any
from zoneinfo import ZoneInfo

from acd.adapters.http.outbound import OweBody
from acd.core.events import Event, TimePassed
from acd.core.replies import Done, Refused
from acd.core.tables import ObligationState
from acd.runtime.api.control import Control
from acd.runtime.api.requests import Requests
from acd.runtime.calendar import Calendar
from prompts.texts import PromptList
from tests.core.story import ENQUIRY, EPOCH_MS, tell

ZONE = ZoneInfo("Asia/Shanghai")
PROMISED_MS = EPOCH_MS + 5_000


class _Clock:
    def now_ms(self) -> int:
        return PROMISED_MS


async def test_a_complaint_is_owed_by_the_end_of_the_third_working_day() -> None:
    """C12, F23, W24: then it is late, and the shift leader is told."""
    story = tell("0.000  time passes | -", agents="8011", owed=True)

    def put(event: Event) -> None:
        for effect in story.core.step(PROMISED_MS, event):
            if isinstance(effect, Done | Refused):
                requests.resolve(effect)

    requests = Requests(put, epoch=7)
    nothing: Any = None
    clock: Any = _Clock()
    calendar = Calendar(ZONE)
    prompts = PromptList(voice="", words_per_minute={}, prompts={})
    control = Control(
        story.core, clock, requests, nothing, nothing, list, prompts, (), nothing, calendar
    )
    body = OweBody(
        number="60000009", queue=ENQUIRY.id, task=True, about="投诉：上门迟到", working_days=3
    )
    answer = await control.owe(body)
    assert isinstance(answer, Done)
    (owed,) = story.core.state.obligations.values()
    due_ms = calendar.working_days_over(PROMISED_MS, 3)
    assert (owed.about, owed.state, owed.deadline_ms) == (body.about, ObligationState.OWED, due_ms)
    story.core.step(due_ms, TimePassed())
    (owed,) = story.core.state.obligations.values()
    assert (owed.late, owed.level) == (True, 1)
