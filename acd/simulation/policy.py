"""The policies that are held against each other, as directory values of the production core.

One line for emergencies, one for enquiries, both with the same promise of ten seconds (C01), served
by the longest idle agent who has the skill.  Nobody is interrupted and nobody from outside helps:
what differs is how long a phone rings and when another one rings beside it.
"""

from acd.core.directory import Queue, Reach, Selection, SkillNeed, Widening
from acd.core.ids import QueueId

EMERGENCY = QueueId("emergency")
ENQUIRY = QueueId("enquiry")
EMERGENCY_ENTRY, ENQUIRY_ENTRY = "95001", "95002"
EMERGENCY_LEVEL_MIN = 4
"""Seven of ten agents are good enough for emergencies; everybody answers enquiries."""

PROMISE_MS = 10_000

WIDENING = (
    Widening(after_ms=0, phones=1, reach=Reach.READY),
    Widening(after_ms=4_000, phones=2, reach=Reach.READY),
    Widening(after_ms=7_000, phones=3, reach=Reach.READY),
    Widening(after_ms=10_000, phones=5, reach=Reach.READY),
)
"""The steps of the demo directory's emergency line, without those that interrupt people."""


def fixed_ring(ring_ms: int, *, wrap_up_ms: int) -> tuple[Queue, Queue]:
    """Longest idle, one phone at a time, each ringing so long: what every peer does."""
    return _lines(ring_ms, ring_ms, WIDENING[:1], wrap_up_ms)


def deadline(
    *,
    wrap_up_ms: int,
    ring_ms: int = 6_500,
    ring_ms_min: int = 6_500,
    widening: tuple[Widening, ...] = WIDENING,
) -> tuple[Queue, Queue]:
    """Deadline scheduling, as the demo directory has it."""
    return _lines(ring_ms, ring_ms_min, widening, wrap_up_ms)


def _lines(
    ring_ms: int, ring_ms_min: int, widening: tuple[Widening, ...], wrap_up_ms: int
) -> tuple[Queue, Queue]:
    def line(queue: QueueId, priority: int, level_min: int) -> Queue:
        return Queue(
            id=queue,
            priority=priority,
            promise_ms=PROMISE_MS,
            ring_ms=ring_ms,
            ring_ms_min=ring_ms_min,
            widening=widening,
            incident_ms=60_000,
            pick_up_ms=2_000,
            wrap_up_ms=wrap_up_ms,
            short_answer_ms=0,
            refusal_delay_ms=2_000,
            misses_max=3,
            selection=Selection.LONGEST_IDLE,
            needs=(SkillNeed(str(queue), level_min),),
            acknowledgement="caller-acknowledge",
        )

    return line(EMERGENCY, 0, EMERGENCY_LEVEL_MIN), line(ENQUIRY, 1, 1)
