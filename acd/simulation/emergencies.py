"""Days on which nearly everything is an emergency: cases are opened, worked, handed over and closed
by everybody at once, in no order, while people hang up and commands fail.

Besides what ``Outside`` does, people do with a case what they can by key, by the API and from
outside its conversation, rightly or not.
"""

from collections.abc import Sequence

import msgspec

from acd.core.call_control.marks import DISPOSITIONS
from acd.core.directory import Contact, ContactKind, RescueService
from acd.core.emergency.case import CaseRole, Form
from acd.core.emergency.guide import Flow, Script, Sign, Step, When
from acd.core.events import (
    CallArrived,
    CaseAction,
    CaseRequested,
    Control,
    ControlRequested,
    DigitPressed,
    Event,
    GuidanceDefined,
    Hangup,
    LoginRequested,
    PhoneReported,
    ReadyRequested,
)
from acd.core.ids import (
    AgentId,
    CaseId,
    ElderId,
    EntryId,
    LegId,
    PhoneId,
    SeatId,
    TerminalId,
)
from acd.simulation.careline import AREA, NODE, REQUEST
from acd.simulation.exchange import Channel
from acd.simulation.outside import ANSWERS, DUTY, ELDERS, OUTSIDE_POLICIES, REACHING, Outside
from acd.simulation.shift import AGENTS, SUPERVISORS
from acd.simulation.walk import ORDINARY, Act, pick

POLICIES = tuple(
    tuple(msgspec.structs.replace(queue, outside_ring_ms=8_000) for queue in policy)
    for policy in (*OUTSIDE_POLICIES, REACHING)
)

CONTACTS: tuple[tuple[Contact, ...], ...] = (
    (),
    (Contact(ContactKind.RELATIVE, "013900000001"), Contact(ContactKind.COMMITTEE, "02166660000")),
    # A duty phone, the elder's own telephone, an agent's number, and none at all.
    (
        Contact(ContactKind.RELATIVE, "013900000003"),
        Contact(ContactKind.RELATIVE, "02160000001"),
        Contact(ContactKind.COMMITTEE, "8001"),
        Contact(ContactKind.COMMITTEE, "12"),
    ),
)
"""Whom to call for an elder, elder by elder."""

SCRIPTS = (
    Script(
        id="sop",
        version=1,
        flow=Flow.EMERGENCY,
        when=When.OPENED,
        steps=(Step(id="summary", is_mandatory=True, blocks=True, sign=Sign.SUMMARY),),
    ),
    Script(
        id="first_aid", version=1, flow=Flow.EMERGENCY, steps=(Step(id="safe", is_mandatory=True),)
    ),
)
"""One comes to each case and keeps it open until its summary is written; one is taken up."""

WORKED: tuple[tuple[Control | None, str], ...] = (
    (None, "*90"),
    (None, "*90"),
    (None, "*90"),
    (None, "*911#"),
    (None, "*912#"),
    (None, "*914#"),
    (None, "*91#"),
    (None, "*91013900000009#"),
    (None, "*92"),
    (None, "*93"),
    (None, "*93"),
    (None, "*94"),
    (None, "*95"),
    (None, "*96"),
    (None, "*97"),
    (None, "*98"),
    (None, "*991#"),
    (None, "*99#"),
    (None, "*2003"),
    (None, "*211"),
    (None, "*219"),
    (None, "*22"),
    (None, "*22"),
    (None, "*30"),
    (None, "*31"),
    (None, "*10"),
    (None, "*12"),
    (None, "*9"),
    (Control.CASE, ""),
    (Control.RESCUE, "1"),
    (Control.RETURN, ""),
    (Control.MERGE, ""),
    (Control.SPLIT, ""),
    (Control.PRIVATE, ""),
    (Control.FAN_OUT, ""),
    (Control.SAFE, ""),
    (Control.HELP_ARRIVED, ""),
    (Control.RESCUE_BESIDE, "1"),
    (Control.RECORDING, ""),
    (Control.FLOW, "1"),
    (Control.FLOW, "3"),
    (Control.NO_RESPONSE, ""),
    (Control.RESPONDED, ""),
    (Control.HOLD, ""),
    (Control.RESUME, ""),
)
"""What is done in a case's conversation: keys, or an action and its digits."""


SECOND_PHONES = tuple(PhoneId(f"a{agent}-2") for agent in AGENTS)
"""On every desk (T29)."""

FAR, PHONE, KEY, OVER = "far", "phone", "key", "over"
"""Between the keys of a play: whoever is called outside answers; agents' phones are answered;
whoever was called outside presses 1; a supervisor takes a role or gives it to somebody."""

PLAYS: tuple[tuple[str, ...], ...] = (
    ("*911#", FAR, "*93", "*94", "*92", "*98"),
    ("*912#", FAR, "*22", "*92"),
    ("*911#", FAR, "*92", "*91#", "*93", "*97"),
    ("*991#", PHONE, FAR, "*93", "*94"),
    ("*99#", PHONE, "*914#", FAR, "*92"),
    ("*96", FAR, KEY, "*91#", "*93", "*95"),
    ("*95", "*95", "*98"),
    ("*95", "*911#", FAR, "*92"),
    (OVER, PHONE, "*911#", FAR, "*93", OVER, PHONE),
    ("*10", "*10", OVER, PHONE),
)
"""What one agent does in a case, one thing after the other as the procedure goes: chance alone
comes so far too seldom."""


class Emergencies(Outside):
    """The world, and people who work cases in it."""

    def _set_up(self) -> None:
        self.cases: dict[CaseId, None] = {}
        """That are or were open, told by whoever reads the facts."""
        self.registered |= dict.fromkeys(SECOND_PHONES, True)
        self.in_use |= dict.fromkeys(SECOND_PHONES, False)
        super()._set_up()
        self.feed(GuidanceDefined(SCRIPTS))
        for event in self._phone_states():
            self.feed(event)

    def _phone_states(self) -> list[Event]:
        second: list[Event] = [
            PhoneReported(phone=one, registered=self.registered[one], in_use=self.in_use[one])
            for one in SECOND_PHONES
        ]
        return [*super()._phone_states(), *second]

    def elder_calls(self, which: int, dialled: int) -> None:
        """Mostly on the emergency line; some from a terminal, some with contacts."""
        self.callers += 1
        leg = LegId(f"{NODE}:c{self.callers}")
        elder = which % len(ELDERS)
        self.channels[leg] = Channel(leg, "caller")
        self.feed(
            CallArrived(
                leg=leg,
                arrived_ms=self.now_ms,
                trunk=None,
                caller=ELDERS[elder] if which % 7 else None,
                called=EntryId("95002" if dialled % 8 == 0 else "95001"),
                terminal=TerminalId(f"t{elder}") if elder != 1 else None,
                elders=(ElderId(f"e{elder}"),),
                area=AREA.id if elder else None,
                contacts=CONTACTS[elder],
            )
        )

    def case_begins(self, which: int, who: int) -> None:
        """An elder calls, somebody answers, opens a case, and B may answer too; any of it may come
        to nothing."""
        agent = AgentId(AGENTS[who % len(AGENTS)])
        self.feed(LoginRequested(request=REQUEST, agent=agent, seat=SeatId(f"s{agent}")))
        self.feed(ReadyRequested(request=REQUEST, agent=agent))
        self.elder_calls(which, 1)
        for _ in range(1 + who % 2):
            self.go_on(8)
            for n in range(len(self.channels)):
                self.phone_is_answered(n)
            self.go_on(8)
            for n in range(len(self.channels)):
                self.phone_speaks(n, 1)
            self.go_on(8)
            self.case_is_worked(-1, 0)
            self.go_on(8)

    def case_ends(self, which: int, who: int) -> None:
        """Somebody says how it went, ends what is owed, and closes the case."""
        if not self.cases:
            return
        case = list(self.cases)[-1 - which % min(len(self.cases), 3)]
        by, other = AGENTS[who % len(AGENTS)], AGENTS[(who + 1) % len(AGENTS)]
        self._ask(case, CaseAction.OUTCOME, by)
        if who % 4:
            self.all_owed_is_closed()
        if who % 5:
            self._ask(case, CaseAction.SUMMARY, by)
        self._ask(case, CaseAction.CLOSE, by)
        self._ask(case, CaseAction.AGREE if who % 2 else CaseAction.DISAGREE, other)

    def _ask(self, case: CaseId, action: CaseAction, by: str) -> None:
        self.feed(
            CaseRequested(
                request=REQUEST,
                case=case,
                action=action,
                agent=AgentId(by),
                outcome="settled",
                reason="so",
                summary="fell",
            )
        )

    def case_is_worked(self, which: int, what: int) -> bool:
        """Whoever is in a conversation, at a duty phone too, does something in its case."""
        talking = [c for c in self.channels.values() if c.role in ("agent", "outside") and c.up]
        if not talking:
            return False
        channel = talking[which % len(talking)]
        action, digits = WORKED[what % len(WORKED)]
        if action is None:
            for key in digits:
                self._hear(channel.leg, DigitPressed(channel.leg, key))
        elif channel.call is not None:
            agent = AgentId(AGENTS[which % len(AGENTS)]) if what % 2 else None
            self.feed(
                ControlRequested(
                    request=REQUEST, call=channel.call, agent=agent, action=action, digits=digits
                )
            )
        return True

    def case_is_played(self, which: int, what: int, who: int) -> None:
        """An agent in a conversation does what the procedure has for them, or as much of it as
        goes: their line may end, and so may everybody else's."""
        talking = [c for c in self.channels.values() if c.role == "agent" and c.up]
        if not talking:
            return
        self._play(talking[which % len(talking)], PLAYS[what % len(PLAYS)], who, 10)

    def part_is_played(self, which: int, part: Sequence[str], who: int, pace: int) -> None:
        """The beginning of a play; so many words and requests arrive between two steps of it."""
        talking = [c for c in self.channels.values() if c.role == "agent" and c.up]
        if talking:
            self._play(talking[which % len(talking)], part, who, pace)

    def _play(self, channel: Channel, part: Sequence[str], who: int, pace: int) -> None:
        for step in part:
            if step == FAR:
                self.far_rings(-1)
                self.far_answers(-1)
            elif step == KEY:
                self.far_presses(-1, 0)
            elif step == PHONE:
                for n in range(len(self.channels)):
                    self.phone_is_answered(n)
            elif step == OVER:
                self._hand_over(who)
            elif channel.leg in self.channels:
                for key in step:
                    self._hear(channel.leg, DigitPressed(channel.leg, key))
            self.go_on(pace)

    def callbacks_come_to_nothing(self, which: int) -> None:
        """An elder presses the key and is gone; whoever calls back hears it ring and no more."""
        self.elder_calls(which, 1)
        self.go_on(8)
        self.caller_hangs_up(-1)
        for _ in range(4):
            self.wait(5_000)
            self.go_on(8)
            for n in range(len(self.channels)):
                self.phone_is_answered(n)
            self.go_on(8)
            self.far_rings(-1)
            self.go_on(2)
            self.far_refuses(-1, ANSWERS.index((Hangup.NO_ANSWER, 480)))
            self.go_on(8)

    def _hand_over(self, who: int) -> None:
        """A supervisor takes a role in the newest case, or gives it to somebody."""
        if not self.cases:
            return
        people = (*SUPERVISORS, *AGENTS)
        self.feed(
            CaseRequested(
                request=REQUEST,
                case=list(self.cases)[-1],
                action=CaseAction.HAND_OVER,
                agent=AgentId(SUPERVISORS[who % len(SUPERVISORS)]),
                to=AgentId(people[who % len(people)]),
                role=(CaseRole.A, CaseRole.B)[who % 2],
            )
        )
        self.go_on(4)

    def case_is_asked_about(self, which: int, what: int, who: int) -> None:
        """Somebody does something with a case from outside, open or not."""
        cases = [*self.cases, CaseId("none")]
        outcomes = (*DISPOSITIONS.values(), "nonsense")
        people = (*AGENTS, *(one.id for one in DUTY), "8999")
        actions = tuple(CaseAction)
        self.feed(
            CaseRequested(
                request=REQUEST,
                case=cases[-1 - which % min(len(cases), 5)],
                action=actions[what % len(actions)],
                agent=AgentId(people[who % len(people)]),
                to=AgentId(people[(who + what) % len(people)]) if who % 4 else None,
                role=(CaseRole.A, CaseRole.B, None)[who % 3],
                outcome=outcomes[who % len(outcomes)],
                form=Form(place="home") if who % 2 else None,
                reason="so" if who % 3 else None,
                script=("sop", "first_aid", "none")[who % 3],
                step=("summary", "safe", "none")[which % 3],
                summary="fell" if who % 2 else None,
                service=(*RescueService, None)[which % 4],
            )
        )


EMERGENCY_ACTS: tuple[Act[Emergencies], ...] = (
    *ORDINARY,
    (8, lambda w, r: w.elder_calls(pick(r), pick(r))),
    (30, lambda w, r: w.case_begins(pick(r), pick(r))),
    (4, lambda w, r: w.callbacks_come_to_nothing(pick(r))),
    (6, lambda w, r: w.case_ends(pick(r), pick(r))),
    (60, lambda w, r: w.case_is_worked(pick(r), pick(r))),
    (20, lambda w, r: w.case_is_played(pick(r), pick(r), pick(r))),
    (16, lambda w, r: w.case_is_asked_about(pick(r), pick(r), pick(r))),
    (6, lambda w, r: w.person_acts(pick(r), pick(r), pick(r))),
    (20, lambda w, r: w.far_rings(pick(r))),
    (16, lambda w, r: w.far_answers(pick(r))),
    (8, lambda w, r: w.far_refuses(pick(r), pick(r))),
    (6, lambda w, r: w.far_hangs_up(pick(r))),
    (14, lambda w, r: w.far_presses(pick(r), pick(r))),
    (2, lambda w, r: w.duty_changes(pick(r), r.randrange(4))),
    (3, lambda w, r: w.operator_changes(pick(r), r.randrange(4))),
)
