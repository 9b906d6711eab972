"""What people promise over the API is owed by the deadline that they have told (C12, W27, W33)."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import structs

from acd.adapters.http.models import QueueHours
from acd.adapters.http.outbound import OweBody, Which
from acd.core.directory import Hours, Queue
from acd.core.events import Event, TimePassed
from acd.core.replies import Done, Refused
from acd.core.tables import ObligationState
from acd.runtime.api.control import Control
from acd.runtime.api.requests import Requests
from acd.runtime.calendar import Calendar
from prompts.texts import PromptList
from tests.core.story import EMERGENCY, ENQUIRY, EPOCH_MS, SYNTHETIC, Story, tell

ZONE = ZoneInfo("Asia/Shanghai")
PROMISED_MS = EPOCH_MS + 5_000


class _Clock:
    def now_ms(self) -> int:
        return PROMISED_MS


def house(queues: tuple[Queue, ...] = (EMERGENCY, ENQUIRY, SYNTHETIC)) -> tuple[Story, Control]:
    """A switch and its API, five seconds after it has begun."""
    story = tell("0.000  time passes | -", agents="8011", owed=True, queues=queues)

    def put(event: Event) -> None:
        for effect in story.core.step(PROMISED_MS, event):
            if isinstance(effect, Done | Refused):
                requests.resolve(effect)

    requests = Requests(put, epoch=7)
    nothing: Any = None
    clock: Any = _Clock()
    prompts = PromptList(voice="", words_per_minute={}, prompts={})
    control = Control(
        story.core, clock, requests, nothing, nothing, list, prompts, (), nothing, Calendar(ZONE)
    )
    return story, control


async def test_a_complaint_is_owed_by_the_end_of_the_third_working_day() -> None:
    """C12, F23, W24: then it is late, and the shift leader is told."""
    story, control = house()
    calendar = Calendar(ZONE)
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


async def test_an_appointment_is_within_the_hours_of_the_place_where_the_callers_live() -> None:
    """W34: 15:00 in China of a working day is owed at that moment, and shown with it; the evening
    is refused with the hours, and a holiday is no working day."""
    office = Hours(working_days=(8 * 60 + 30, 17 * 60), days_off=None)
    story, control = house((EMERGENCY, structs.replace(ENQUIRY, hours=office), SYNTHETIC))
    day = datetime.fromtimestamp(PROMISED_MS / 1000, ZONE).replace(second=0, microsecond=0)
    day += timedelta(days=1)
    while not Calendar(ZONE).time_of_day(int(day.timestamp() * 1000))[1]:
        day += timedelta(days=1)

    def body(hour: int) -> OweBody:
        return OweBody(number="60000009", queue=ENQUIRY.id, at=day.replace(hour=hour, minute=0))

    evening = await control.owe(body(18))
    assert isinstance(evening, Refused)
    assert evening.sentence == (
        "Queue enquiry is not there at that time: it is on working days 08:30–17:00 and not "
        "there on days off."
    )
    assert isinstance(await control.owe(body(15)), Done)
    (owed,) = await control.obligations(Which.OPEN, kind=None, queue=None, limit=10)
    assert owed.appointed == owed.next == day.replace(hour=15, minute=0)
    assert owed.deadline - day.replace(hour=15, minute=0) == timedelta(minutes=15)
    assert await control.obligations(Which.DUE, kind=None, queue=None, limit=10) == []
    (hours,) = (one.hours for one in control.queues() if one.id == ENQUIRY.id)
    assert hours == QueueHours(working_days="08:30–17:00", days_off=None)
    (kept,) = story.core.state.obligations.values()
    assert kept.appointed_ms == int(day.replace(hour=15, minute=0).timestamp() * 1000)
