"""Who may be rung for whom, from where and since when; and which call is the most urgent.

Reckoned anew from the directory and the books, by other code than the core's.
"""

from collections.abc import Iterator

from acd.core.directory import EntryKind, Queue, Reach, SeatMode, Selection, Widening
from acd.core.ids import AgentId, QueueId
from acd.core.queueing.lines import SAME_NUMBER_MAX, SAME_TERMINAL_MAX, WITHHELD_MAX
from acd.simulation.audit.books import Books, CallBook

ORDER = (Reach.READY, Reach.WRAP_UP, Reach.BREAK)
FROM = {"ready": Reach.READY, "wrap_up": Reach.WRAP_UP, "paused": Reach.BREAK}
RING_ALL_PHONES_MAX = 50
NEAR = ("rest", "training", "paperwork")
"""Breaks that a caller in danger may interrupt."""


def calls_wanting(b: Books, at_ms: int) -> Iterator[CallBook]:
    """Calls that may have one phone more; for whoever has hung up none rings."""
    for book in b.living.values():
        may_ring = book.open and not is_held_back(b, book)
        is_there = book.offered.leg not in b.clearing
        if may_ring and is_there and len(book.ringing) < phones_max(b, book, at_ms):
            yield book


def is_held_back(b: Books, book: CallBook) -> bool:
    """A flood from one number is one caller: its first calls are served, the others wait."""
    offered = book.offered
    if offered.caller is None or offered.synthetic:
        return False
    before = sum(
        other.offered.caller == offered.caller
        and other.order < book.order
        and other.offered.queue is not None
        and not other.offered.synthetic
        for other in b.living.values()
    )
    return before >= (SAME_NUMBER_MAX if offered.terminal is None else SAME_TERMINAL_MAX)


def is_spare(b: Books, book: CallBook) -> bool:
    """Beyond the first of an entry, who has no number leaves an agent free for who has one."""
    offered = book.offered
    if offered.caller is not None or offered.synthetic:
        return False
    if book.raised or book.of_case is not None or book.answered:
        return False
    before = sum(
        other.offered.caller is None
        and other.offered.called == offered.called
        and other.order < book.order
        and other.offered.queue is not None
        and not other.offered.synthetic
        for other in b.living.values()
    )
    return before >= WITHHELD_MAX


def urgency_of(b: Books, book: CallBook) -> tuple[int, bool, int, int, int]:
    queue = queue_of(b, book)
    ahead_ms = book.offered.precedence * queue.precedence_ms
    due_ms = 0 if book.raised else book.offered.arrived_ms + queue.promise_ms - ahead_ms
    if book.of_case is not None:
        due_ms = 0
    slack_ms = due_ms - b.now_ms
    weighed = slack_ms if slack_ms >= 0 else slack_ms * queue.weight
    return (queue.priority, bool(book.ringing), weighed, due_ms, book.order)


def may_serve(b: Books, agent: AgentId, whence: Reach, book: CallBook, at_ms: int) -> bool:
    """Tell whether the agent, rung from there, may serve the call at a moment."""
    tier = tier_of(b, agent, book.queue)
    if is_spare(b, book) and whence is not Reach.READY:
        return False
    if tier is not None and tier <= relaxed_by(b, book, at_ms):
        return whence in within_reach(b, book, at_ms)
    queue = queue_of(b, book)
    return (
        whence is Reach.READY
        and not is_spare(b, book)
        and queue.overflow_ms <= has_waited_ms(b, book, at_ms)
        and any(tier_of(b, agent, other) == 0 for other in queue.overflow if is_there(b, other))
    )


def is_at_home(b: Books, agent: AgentId, book: CallBook, at_ms: int) -> bool:
    """Tell whether the agent serves the call's own queue, as its needs are at a moment."""
    tier = tier_of(b, agent, book.queue)
    return tier is not None and tier <= relaxed_by(b, book, at_ms)


def tier_of(b: Books, agent: AgentId, queue: QueueId | None) -> int | None:
    """From which step of the queue's relaxation on the agent will do."""
    if queue is None or queue not in b.queues:
        return None
    levels = dict(b.profiles[agent].skills)
    steps = (b.queues[queue].needs, *(r.needs for r in b.queues[queue].relaxation))
    for tier, needs in enumerate(steps):
        if all(levels.get(n.skill, 0) >= n.level_min for n in needs):
            return tier
    return None


def relaxed_by(b: Books, book: CallBook, at_ms: int) -> int:
    """How many steps of the relaxation a call has reached by a moment."""
    waited_ms = has_waited_ms(b, book, at_ms)
    return sum(step.after_ms <= waited_ms for step in queue_of(b, book).relaxation)


def within_reach(b: Books, book: CallBook, at_ms: int) -> tuple[Reach, ...]:
    """Whence an agent may be rung for a call; while no phone rings, as far as it ever goes."""
    step = widening_step(b, book, at_ms) if book.ringing else queue_of(b, book).widening[-1]
    return ORDER[: ORDER.index(step.reach) + 1]


def widening_step(b: Books, book: CallBook, at_ms: int) -> Widening:
    """The widening step that a call has reached by a moment."""
    waited_ms = has_waited_ms(b, book, at_ms)
    steps = queue_of(b, book).widening
    return [step for n, step in enumerate(steps) if not n or step.after_ms <= waited_ms][-1]


def phones_max(b: Books, book: CallBook, at_ms: int) -> int:
    if is_spare(b, book):
        return 1
    everybody = queue_of(b, book).selection is Selection.RING_ALL
    return RING_ALL_PHONES_MAX if everybody else widening_step(b, book, at_ms).phones


def could_be_rung_from(b: Books, agent: AgentId) -> Reach | None:
    last = b.agents[agent]
    if last.now not in FROM or last.seat is None or agent in b.left_alone:
        return None
    if last.now == "paused" and last.reason not in NEAR:
        return None
    phones = b.phones_of.get(last.seat, ())
    if not phones or not b.registered.get(phones[0], True):
        return None
    legs = list(b.legs_on.get(phones[0], ()))
    if b.modes.get(last.seat) is SeatMode.NAILED_UP:
        line = b.lines.get(legs[0]) if len(legs) == 1 else None
        is_free = line is not None and line.is_free and phones[0] not in b.shared
    else:
        is_free = not b.in_use.get(phones[0], False) and not legs
    return FROM[last.now] if is_free else None


def may_be_patient(b: Books, book: CallBook, at_ms: int) -> bool:
    """Tell whether the call may wait for somebody in particular: never an emergency, never
    longer than its queue says, never after a ring."""
    queue = queue_of(b, book)
    return (
        book.offered.kind is not EntryKind.EMERGENCY
        and not book.offers
        and at_ms <= book.offered.arrived_ms + queue.prefer_wait_ms
        and queue.prefer_wait_ms > 0
    )


def is_there(b: Books, queue: QueueId) -> bool:
    if queue not in b.retired:
        return queue in b.queues
    return any(book.queue == queue for book in b.living.values())


def has_waited_ms(b: Books, book: CallBook, at_ms: int) -> int:
    """How long a call has waited, as far as the queue's stages go; answered once and left
    alone, nothing is more urgent."""
    return 10**9 if book.answered else at_ms - book.offered.arrived_ms


def queue_of(b: Books, book: CallBook) -> Queue:
    assert book.queue is not None
    return b.queues[book.queue]
