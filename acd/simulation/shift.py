"""One shift of the make-believe care line: its agents, seats and phones, and what its leader may
have written into the directory."""

import msgspec

from acd.core.directory import (
    Agent,
    AgentRules,
    Queue,
    Reach,
    Relaxation,
    Role,
    Seat,
    SeatMode,
    Selection,
    SkillNeed,
    Sticky,
    Widening,
)
from acd.core.ids import AgentId, PhoneId, SeatId
from acd.core.scripts import RatingScale, Treatment
from acd.simulation.careline import QUEUES, skills_of

AGENTS = ("8001", "8002", "8011", "8012", "8099", "8090")
SUPERVISORS = ("8002", "8090")
"""One of them takes calls too; the other has no skill, and so is mostly free."""
PICK_UP = ("8001",)
"""Whose phones answer by themselves."""
NAILED_UP = ("8012",)
"""Whose lines stay open."""
BOTH = ("8002", "8012")
"""Who serves emergencies and enquiries."""
SPEAKERS = ("8002", "8011")
"""Who speaks the dialect."""
WIDENING = (
    Widening(after_ms=0, phones=1, reach=Reach.READY),
    Widening(after_ms=2_000, phones=2, reach=Reach.WRAP_UP),
    Widening(after_ms=4_000, phones=3, reach=Reach.BREAK),
)
WIDENINGS = (
    WIDENING,
    WIDENING[:1],
    (Widening(after_ms=0, phones=2, reach=Reach.READY), *WIDENING[2:]),
)
TOLD = Treatment(
    comfort="comfort",
    comfort_every_ms=3_000,
    callback_from_ms=5_000,
    tells_position=True,
    tells_agent=True,
    greets=True,
    rating=RatingScale.S2,
)
RELAXATION = (
    Relaxation(after_ms=1_500, needs=(SkillNeed("emergency", 2),)),
    Relaxation(after_ms=5_000, needs=()),
)
PLAIN = tuple(
    # The lower priority has the stricter promise, so that the two orders differ, and rings one
    # phone at a time; the others widen.
    msgspec.structs.replace(queue, promise_ms=4_000, treatment=TOLD)
    if queue.priority
    else msgspec.structs.replace(
        queue,
        widening=WIDENING,
        ring_ms_min=1_500,
        rules=AgentRules(ready_min=2, consent=("meal",)),
    )
    for queue in QUEUES
)
RELAXED = tuple(
    msgspec.structs.replace(queue, relaxation=RELAXATION[queue.priority :], weight=3)
    for queue in PLAIN
)
HELPED = tuple(
    msgspec.structs.replace(
        queue,
        priority=0,
        weight=2 if queue.priority else 1,
        overflow=tuple(other.id for other in PLAIN if other.id != queue.id),
        overflow_ms=1_000,
        selection=Selection.RING_ALL if queue.priority == 1 else queue.selection,
    )
    for queue in PLAIN
)
PREFERRING = tuple(
    msgspec.structs.replace(
        queue,
        prefers=("dialect",),
        sticky=(Sticky.OWNER, Sticky.LAST),
        sticky_ms=60_000,
        prefer_wait_ms=1_500 if queue.priority else 0,
    )
    for queue in PLAIN
)
POLICIES = (PLAIN, RELAXED, HELPED, PREFERRING)
"""What the shift leader has written into the directory, world by world."""
PHONES = tuple(PhoneId(f"a{agent}") for agent in AGENTS)
SEATS = tuple(SeatId(f"s{agent}") for agent in AGENTS)


def agent_of(agent: str) -> Agent:
    skills = (("emergency", 5), ("enquiry", 5)) if agent in BOTH else skills_of(agent)
    if agent == "8090":
        skills = ()
    if agent in SPEAKERS:
        skills = (("dialect", 3), *skills)
    role = Role.SUPERVISOR if agent in SUPERVISORS else Role.AGENT
    return Agent(id=AgentId(agent), name=agent, skills=skills, role=role)


def seat_of(agent: str, phone: str | None = None, mode: SeatMode | None = None) -> Seat:
    phones = (PhoneId(f"a{phone or agent}"), PhoneId(f"a{agent}-2"))
    return Seat(
        id=SeatId(f"s{agent}"),
        phones=phones,
        agent=AgentId(agent),
        mode=mode or _mode(agent),
    )


def _mode(agent: str) -> SeatMode:
    if agent in NAILED_UP:
        return SeatMode.NAILED_UP
    return SeatMode.AUTO_ANSWER if agent in PICK_UP else SeatMode.RING


def relaxing(queue: Queue, level: int) -> Queue:
    """The queue with needs that weaken, in one step or two, and a weight."""
    return msgspec.structs.replace(queue, relaxation=RELAXATION[: level % 3], weight=level)


def helped(queue: Queue, level: int) -> Queue:
    """The queue with others that help after a while; some may be gone."""
    others = tuple(other.id for other in QUEUES if other.id != queue.id)[level % 2 :]
    return msgspec.structs.replace(
        queue, overflow=others, overflow_ms=level * 700, precedence_ms=level * 1_000
    )
