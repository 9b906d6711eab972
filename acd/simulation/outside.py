"""The world beyond the trunks: operators, and the telephones that they reach.

``Outside`` adds them to the make-believe world: agents call numbers, operators go away and come
back, telephones ring, answer, refuse and hang up, all at their wrong moments.
"""

import msgspec

from acd.core.directory import Agent, Queue, Reach, Widening
from acd.core.directory import Outside as DutyPhone
from acd.core.events import (
    AgentDefined,
    AgentRemoved,
    Appointment,
    AreaDefined,
    CallArrived,
    CallbackRequested,
    CallRequested,
    CodeDialled,
    DigitPressed,
    Hangup,
    LegGone,
    LegHungUp,
    ObligationAction,
    ObligationRequested,
    TrunkDefined,
    TrunkRemoved,
    TrunkReported,
)
from acd.core.ids import AgentId, EntryId, LegId, ObligationId, PhoneId
from acd.simulation.careline import AREA, ENTRIES, NODE, QUEUES, REQUEST, TRUNKS
from acd.simulation.exchange import Channel
from acd.simulation.shift import AGENTS, PLAIN, POLICIES
from acd.simulation.walk import ORDINARY, Act, pick
from acd.simulation.world import World

ELDERS = ("02160000001", "02160000002", "13900000001")
NUMBERS = ("13900000001", "13900000002", "02160000001", "90120", "110", "8001", "12")
ANSWERS = (
    (Hangup.BUSY, 486),
    (Hangup.REJECTED, 603),
    (Hangup.REJECTED, 403),
    (Hangup.NO_ANSWER, 480),
    (Hangup.UNREACHABLE, 404),
    (Hangup.FAILED, 503),
    (Hangup.UNREACHABLE, 0),
)
"""What operators and telephones say, as Asterisk puts it."""


REACHING: tuple[Queue, ...] = tuple(
    msgspec.structs.replace(
        queue,
        widening=(
            Widening(after_ms=0, phones=1, reach=Reach.READY),
            Widening(after_ms=2_000, phones=2, reach=Reach.SUPERVISOR),
            Widening(after_ms=5_000, phones=3, reach=Reach.OUTSIDE),
        ),
        outside_ring_ms=8_000,
    )
    for queue in PLAIN
)
SUPERVISED: tuple[Queue, ...] = tuple(
    msgspec.structs.replace(queue, widening=queue.widening[:2]) for queue in REACHING
)
OUTSIDE_POLICIES = (*POLICIES, REACHING, SUPERVISED)
"""The policies of the world inside, and two that go beyond the agents of the queue."""
DUTY = tuple(
    Agent(id=AgentId(name), name=name, skills=(), outside=DutyPhone(number, queues))
    for name, number, queues in (
        ("d1", "13900000003", tuple(queue.id for queue in QUEUES)),
        ("d2", "13900000001", (QUEUES[0].id,)),
    )
)
"""The second has a number that is called for other reasons too."""
PRESSED = ("1", "1", "1", "2", "5")


class Outside(World):
    """The world with trunks and duty phones."""

    parting_rounds_max = 400

    def order_is_restored(self) -> None:
        super().order_is_restored()
        for agent in DUTY:
            self.feed(AgentDefined(agent))
        self.feed(AreaDefined(AREA))
        for trunk in TRUNKS:
            self.feed(TrunkDefined(trunk))
            self.feed(TrunkReported(trunk=trunk.id, reachable=True))

    def elder_calls(self, which: int, dialled: int) -> None:
        """Somebody presses the key whose number we may be calling just now."""
        self.callers += 1
        leg = LegId(f"{NODE}:c{self.callers}")
        self.channels[leg] = Channel(leg, "caller")
        self.feed(
            CallArrived(
                leg=leg,
                arrived_ms=self.now_ms,
                trunk=None,
                caller=ELDERS[which % len(ELDERS)],
                called=EntryId(ENTRIES[dialled % len(ENTRIES)].id),
            )
        )

    def person_acts(self, which: int, what: int, agent: int) -> None:
        """Somebody does something about what is owed, or about what is not owed any more."""
        owed = [*self.owed, ObligationId("none")]
        actions = tuple(ObligationAction)
        self.feed(
            ObligationRequested(
                request=REQUEST,
                obligation=owed[which % len(owed)],
                action=actions[what % len(actions)],
                agent=AgentId(AGENTS[agent % len(AGENTS)]),
                reason="so" if what % 2 else None,
            )
        )

    def callback_is_asked_for(self, which: int, queue: int) -> None:
        """Soon, or by every third for a time of day (W34)."""
        at_ms = self.now_ms + (1 + which) * 500
        promised = Appointment(at_ms=at_ms, minute=600, on_working_day=True)
        self.feed(
            CallbackRequested(
                request=REQUEST,
                queue=QUEUES[queue % len(QUEUES)].id,
                number=NUMBERS[which % len(NUMBERS)],
                appointment=None if which % 3 else promised,
            )
        )

    def agent_calls(self, which: int, number: int) -> None:
        """An agent wants to call somebody, by the API."""
        self.feed(
            CallRequested(
                request=REQUEST,
                agent=AgentId(AGENTS[which % len(AGENTS)]),
                number=NUMBERS[number % len(NUMBERS)],
            )
        )

    def agent_dials_out(self, which: int, number: int) -> None:
        """The same, on the phone."""
        phone = PhoneId(f"a{AGENTS[which % len(AGENTS)]}")
        self.desks += 1
        leg = LegId(f"{NODE}:d{self.desks}")
        self.channels[leg] = Channel(leg, "desk", phone, up=True)
        self.registered[phone] = True
        self.feed(CodeDialled(leg, phone, f"9{NUMBERS[number % len(NUMBERS)]}"))

    def far_rings(self, which: int) -> None:
        """A number that is being called rings."""
        if (channel := self._far(which, up=False)) is not None:
            self.exchange.rings(channel)

    def far_answers(self, which: int) -> None:
        if (channel := self._far(which, up=False)) is not None:
            self.exchange.is_answered(channel)

    def far_refuses(self, which: int, how: int) -> None:
        """Busy, declined, unknown, or the operator cannot carry it."""
        if (channel := self._far(which, up=False)) is not None:
            why, sip = ANSWERS[how % len(ANSWERS)]
            del self.channels[channel.leg]
            self._hear(channel.leg, LegHungUp(channel.leg))
            self._hear(channel.leg, LegGone(channel.leg, why, 0, sip))

    def far_hangs_up(self, which: int) -> None:
        if (channel := self._far(which, up=True)) is not None:
            self.exchange.far_end_goes(channel, Hangup.NORMAL)

    def far_presses(self, which: int, key: int) -> None:
        """Somebody at an outside telephone presses a key, as a duty phone asks for."""
        if (channel := self._far(which, up=True)) is not None:
            digit = PRESSED[key % len(PRESSED)]
            self._hear(channel.leg, DigitPressed(channel.leg, digit))

    def duty_changes(self, which: int, how: int) -> None:
        """A telephone is on duty, serves another queue, or is on duty no more."""
        agent = DUTY[which % len(DUTY)]
        if how == 0:
            self.feed(AgentRemoved(agent.id))
        else:
            assert agent.outside is not None
            queues = (QUEUES[how % len(QUEUES)].id, *agent.outside.queues[1:])
            outside = DutyPhone(agent.outside.number, tuple(dict.fromkeys(queues)))
            self.feed(AgentDefined(msgspec.structs.replace(agent, outside=outside)))

    def operator_changes(self, which: int, how: int) -> None:
        """An operator goes away, comes back, or is taken out of service."""
        trunk = TRUNKS[which % len(TRUNKS)]
        if how == 0:
            self.feed(TrunkRemoved(trunk.id))
        elif how == 1:
            self.feed(TrunkDefined(trunk))
        else:
            self.feed(TrunkReported(trunk=trunk.id, reachable=how == 2))

    def _far(self, which: int, *, up: bool) -> Channel | None:
        found = [
            c for c in self.channels.values()
            if c.role == "outside" and c.up is up and not (c.is_stuck and not up)
        ]  # fmt: skip
        return found[which % len(found)] if found else None

    def _somebody_parts(self) -> None:
        super()._somebody_parts()
        self.far_hangs_up(0)


OUTSIDE_ACTS: tuple[Act[Outside], ...] = (
    *ORDINARY,
    (14, lambda w, r: w.elder_calls(pick(r), pick(r))),
    (6, lambda w, r: w.person_acts(pick(r), pick(r), pick(r))),
    (3, lambda w, r: w.callback_is_asked_for(pick(r), pick(r))),
    (12, lambda w, r: w.agent_calls(pick(r), pick(r))),
    (6, lambda w, r: w.agent_dials_out(pick(r), pick(r))),
    (20, lambda w, r: w.far_rings(pick(r))),
    (12, lambda w, r: w.far_answers(pick(r))),
    (8, lambda w, r: w.far_refuses(pick(r), pick(r))),
    (6, lambda w, r: w.far_hangs_up(pick(r))),
    (12, lambda w, r: w.far_presses(pick(r), pick(r))),
    (2, lambda w, r: w.duty_changes(pick(r), r.randrange(4))),
    (3, lambda w, r: w.operator_changes(pick(r), r.randrange(4))),
)
