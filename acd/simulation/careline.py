"""A small care line: three queues, three entries, and which agent has which skill.

What the stories, the property tests and the fault simulation play with; the demo directory is its
grown-up sister.
"""

import msgspec

from acd.core.directory import (
    AgentRules,
    Area,
    Entry,
    EntryKind,
    Queue,
    Reach,
    RescueNumber,
    RescueService,
    Selection,
    SkillNeed,
    Trunk,
    Widening,
)
from acd.core.ids import AreaId, EntryId, MenuId, Node, QueueId, RequestId, TrunkId
from acd.core.numbers import DialForm, NumberRules
from acd.core.scripts import Choice, Menu, Then

EPOCH_MS = 1_800_000_000_000
"""The moment 0.000 of every run."""

NODE = Node("n1")
REQUEST = RequestId("r")

EMERGENCY = Queue(
    id=QueueId("emergency"),
    priority=0,
    promise_ms=10_000,
    ring_ms=6_500,
    ring_ms_min=6_500,
    widening=(Widening(after_ms=0, phones=1, reach=Reach.READY),),
    incident_ms=60_000,
    pick_up_ms=2_000,
    wrap_up_ms=1_000,
    short_answer_ms=1_000,
    refusal_delay_ms=2_000,
    misses_max=3,
    selection=Selection.LONGEST_IDLE,
    needs=(SkillNeed("emergency", 5),),
    acknowledgement="ack",
    rules=AgentRules(ready_min=0),
)
ENQUIRY = msgspec.structs.replace(
    EMERGENCY,
    id=QueueId("enquiry"),
    priority=1,
    promise_ms=15_000,
    needs=(SkillNeed("enquiry", 1),),
    acknowledgement="welcome",
)
SYNTHETIC = msgspec.structs.replace(
    EMERGENCY, id=QueueId("synthetic"), priority=9, needs=(SkillNeed("synthetic", 1),)
)
QUEUES = (EMERGENCY, ENQUIRY, SYNTHETIC)
MENUS = (
    Menu(
        id=MenuId("main"),
        prompt="menu",
        choices=(
            ("1", Choice(Then.QUEUE, "synthetic")),
            ("2", Choice(Then.MENU, "more")),
            ("3", Choice(Then.VOICEMAIL)),
            ("4", Choice(Then.CALLBACK)),
            ("5", Choice(Then.TASK, "fax")),
        ),
        otherwise=Choice(Then.QUEUE),
        answer_ms=5_000,
        tries_max=3,
    ),
    Menu(
        id=MenuId("more"),
        prompt="more",
        choices=(("1", Choice(Then.INFORMATION, "hours")), ("2", Choice(Then.MENU, "main"))),
        otherwise=Choice(Then.VOICEMAIL),
        answer_ms=5_000,
        tries_max=2,
    ),
)
ENTRIES = (
    Entry(id=EntryId("95001"), kind=EntryKind.EMERGENCY, queue=EMERGENCY.id),
    Entry(id=EntryId("95002"), kind=EntryKind.ENQUIRY, queue=ENQUIRY.id),
    Entry(id=EntryId("95003"), kind=EntryKind.ENQUIRY, queue=ENQUIRY.id, menus=MENUS),
    Entry(id=EntryId("95009"), kind=EntryKind.SYNTHETIC, queue=SYNTHETIC.id),
)

AREA = Area(
    id=AreaId("east"),
    rescue=tuple(
        RescueNumber(service=service, number=number, is_real=False)
        for service, number in zip(RescueService, ("90110", "90119", "90120"), strict=True)
    ),
)
RESCUE = tuple(one.number for one in AREA.rescue)
TRUNKS = tuple(
    Trunk(
        id=TrunkId(f"carrier-{letter}"),
        priority=priority,
        rules=NumberRules(area_code="021"),
        form=DialForm.NATIONAL,
        caller_ids=(shown, "95001"),
        areas=(AREA.id,),
    )
    for priority, (letter, shown) in enumerate((("a", "02109500101"), ("b", "02109500102")), 1)
)


def skills_of(agent: str) -> tuple[tuple[str, int], ...]:
    """Return the skills that the demo directory gives to an agent's number."""
    if agent == "8099":
        return (("synthetic", 5),)
    return (("emergency", 5),) if agent <= "8010" else (("enquiry", 5),)
