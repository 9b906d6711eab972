"""A queue as a person writes it, with what callers hear in it and when they are called back."""

import re
from typing import Annotated, Self

from pydantic import AfterValidator, Field, PlainValidator, model_validator

from acd.core.directory import PAUSE_REASONS, Reach, Selection, Sticky
from acd.core.scripts import RatingScale
from acd.core.spoken import COUNTED_MAX
from acd.runtime.directory.fields import Duration, Id, Level, Section, Text


def _pause_reason(written: str) -> str:
    if written not in PAUSE_REASONS.values():
        raise ValueError(f"should be a reason of a pause: {', '.join(PAUSE_REASONS.values())}")
    return written


PauseReason = Annotated[str, AfterValidator(_pause_reason)]


class Widening(Section):
    """From ``after_ms`` since the arrival on, so many phones may ring at once, and whoever is
    within reach may be rung; see ``acd.core.directory.Widening``."""

    after_ms: Annotated[int, Field(ge=0, le=86_400_000)]
    phones: Annotated[int, Field(ge=1, le=100)]
    reach: Reach


def _sayable(value: int) -> int:
    # What is told to the caller must be exactly what is owed (V06).
    for unit_ms in (3_600_000, 60_000):
        if value % unit_ms == 0 and value // unit_ms <= COUNTED_MAX:
            return value
    raise ValueError(f"should be up to {COUNTED_MAX} whole minutes or hours, to be told aloud")


class Treatment(Section):
    """What a waiting caller hears; see ``acd.core.scripts.Treatment``."""

    greets: bool = False
    recording_notice: Id | None = None
    comfort: Id | None = None
    comfort_every_ms: Annotated[int, Field(ge=0, le=600_000)] = 20_000
    hold_notice_ms: Annotated[int, Field(ge=5_000, le=60_000)] = 10_000
    tells_position: bool = False
    tells_agent: bool = False
    callback_from_ms: Annotated[int, Field(ge=0, le=86_400_000)] | None = None
    reply_within_ms: Annotated[int, Field(ge=60_000), AfterValidator(_sayable)] = 7_200_000
    rating: RatingScale | None = None


class Callback(Section):
    """When whoever gave up is called back; see ``acd.core.directory.Callback``."""

    within_ms: Annotated[int, Field(ge=60_000, le=86_400_000)] = 900_000
    first_ms: Duration = 10_000
    spacing_ms: Annotated[int, Field(ge=30_000, le=86_400_000)] = 600_000
    attempts_max: Annotated[int, Field(ge=1, le=20)] = 3
    escalation_ms: Annotated[int, Field(ge=60_000, le=86_400_000)] = 600_000
    short_ms: Annotated[int, Field(ge=0, le=60_000)] = 3_000


Interval = Annotated[int, Field(ge=60_000, le=3_600_000)]


class Emergency(Section):
    """When somebody is asked again until help is there; see
    ``acd.core.directory.EmergencyRules``."""

    ask_medical_ms: Annotated[int, Field(ge=30_000, le=3_600_000)] = 120_000
    ask_car_ms: Interval = 420_000
    call_elder_ms: Interval = 900_000
    ask_contact_ms: Interval = 600_000
    report_hour: Annotated[int, Field(ge=0, le=23)] = 17
    revisit_days: Annotated[int, Field(ge=1, le=30)] = 3


class Relaxation(Section):
    """From ``after_ms`` since the arrival on, whoever has no more than ``needs`` will do too."""

    after_ms: Annotated[int, Field(ge=1, le=86_400_000)]
    needs: dict[Id, Level]


def _span(written: object) -> tuple[int, int]:
    """Read ``08:30-17:00`` as minutes of the day; 24:00 is its end."""
    found = re.fullmatch(r"([01]\d|2[0-4]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)", str(written))
    if found is not None:
        hour, minute, until_hour, until_minute = map(int, found.groups())
        span = (hour * 60 + minute, until_hour * 60 + until_minute)
        if span[0] < span[1] <= 24 * 60:
            return span
    raise ValueError("should be two times of one day, such as '08:30-17:00'")


Span = Annotated[tuple[int, int], PlainValidator(_span)]


class Hours(Section):
    """When the people of a queue can be spoken to; see ``acd.core.directory.Hours``."""

    working_days: Span | None = None
    days_off: Span | None = None

    @model_validator(mode="after")
    def _some(self) -> Self:
        if self.working_days is None and self.days_off is None:
            raise ValueError("should say when: working_days, days_off or both")
        return self


class Queue(Section):
    """A waiting line and its policy; see ``acd.core.directory.Queue``."""

    id: Id
    name: Text
    priority: Annotated[int, Field(ge=0, le=1000)]
    promise_ms: Annotated[int, Field(ge=1000, le=3_600_000)]
    ring_ms: Annotated[int, Field(ge=1000, le=3_600_000)]
    # Given with ring_ms and promise_ms, so that a queue without them is never impossible.
    ring_ms_min: Annotated[int, Field(ge=1000, le=3_600_000)] = Field(
        default_factory=lambda given: min(6_500, given.get("ring_ms", 6_500))
    )
    incident_ms: Annotated[int, Field(ge=1000, le=86_400_000)] = Field(
        default_factory=lambda given: max(60_000, given.get("promise_ms", 60_000))
    )
    widening: Annotated[tuple[Widening, ...], Field(min_length=1)] = (
        Widening(after_ms=0, phones=1, reach=Reach.READY),
    )
    pick_up_ms: Duration = 2_000
    wrap_up_ms: Duration
    short_answer_ms: Annotated[int, Field(ge=0, le=60_000)] = 1_000
    refusal_delay_ms: Duration = 3_000
    misses_max: Annotated[int, Field(ge=1, le=100)] = 3
    selection: Selection = Selection.LONGEST_IDLE
    needs: dict[Id, Level]
    acknowledgement: Id = "caller-acknowledge"
    # What the queue grants to its agents; see ``acd.core.directory.AgentRules``.
    wrap_up_extension_ms: Annotated[int, Field(ge=1_000, le=3_600_000)] = 30_000
    wrap_up_ms_max: Annotated[int, Field(ge=0, le=7_200_000)] = Field(
        default_factory=lambda given: max(180_000, given.get("wrap_up_ms", 0))
    )
    test_ring_ms: Annotated[int, Field(ge=5_000, le=3_600_000)] = 30_000
    test_rings_max: Annotated[int, Field(ge=0, le=20)] = 6
    ready_min: Annotated[int, Field(ge=0, le=1_000)] | None = None
    consent: tuple[PauseReason, ...] = ()
    treatment: Treatment = Treatment()
    callback: Callback = Callback()
    emergency: Emergency = Emergency()
    # Who goes first, who will do later, who helps, who is preferred.
    weight: Annotated[int, Field(ge=1, le=100)] = 1
    precedence_ms: Duration = 10_000
    relaxation: tuple[Relaxation, ...] = ()
    overflow: tuple[Id, ...] = ()
    overflow_ms: Annotated[int, Field(ge=0, le=86_400_000)] = Field(
        default_factory=lambda given: given.get("promise_ms", 10_000)
    )
    prefers: tuple[Id, ...] = ()
    sticky: tuple[Sticky, ...] = ()
    sticky_ms: Annotated[int, Field(ge=0, le=31_622_400_000)] = 604_800_000
    prefer_wait_ms: Duration = 0
    outside_ring_ms: Annotated[int, Field(ge=5_000, le=60_000)] = 25_000
    hours: Hours | None = None
