"""The state tables: the whole product of states and events is answered, a refusal changes nothing,
and the page drawn from the tables is fresh."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, NamedTuple

import msgspec
import pytest

from acd.core import moves
from acd.core.call_control import transfers
from acd.core.directory import EntryKind
from acd.core.emergency import cases, scene, silence
from acd.core.emergency.case import CaseOrigin
from acd.core.entities import (
    Agent,
    Call,
    DeskCall,
    Dial,
    Leg,
    Offer,
    Party,
    Silence,
    Transfer,
    WrapUp,
)
from acd.core.events import LegAnswered, LegGone, LegRang
from acd.core.facts import Ignored, TransferKind
from acd.core.follow_up import obligations
from acd.core.follow_up.owed import ObligationKind, OwedFor
from acd.core.ids import AgentId, Purpose
from acd.core.outside import outbound
from acd.core.queueing import offers
from acd.core.self_service import dialogue
from acd.core.staff import agents, desk
from acd.core.state import State
from acd.core.tables import (
    AGENT,
    CALL,
    CASE,
    DESK,
    DIAL,
    DIALOGUE,
    LEG,
    OBLIGATION,
    OFFER,
    PARTY,
    ROOM,
    SILENCE,
    TABLES,
    TRANSFER,
    AgentState,
    CaseMove,
    CaseState,
    Ignore,
    IllegalTransition,
    LegState,
    ObligationMove,
    ObligationState,
    OfferMove,
    OfferState,
    Table,
)
from docs.draw_state_machines import BEGINS, PAGE, draw, terminal
from tests.core.dump import dump
from tests.core.story import EPOCH_MS, Story, tell

AnyTable = Table[Any, Any]


class Subject(NamedTuple):
    """One entity of a living switch, and the funnel that is to move it."""

    state: State
    entity: Any
    move: Callable[[StrEnum], bool]


def _alive() -> Story:
    """A switch with something of every kind in it: A talks to 8001, B rings 8002, 8003 dials."""
    return tell(
        """
        0.000  A calls 95001  | offered A; ring 8001 for A; open room A
        0.100  B calls 95001  | offered B; ring 8002 for B; open room B
        0.800  8001 answers   | offer accepted 8001; answer A; join A 8001
        0.802  A, 8001 enter  | answered A by 8001, wait 0.802
        1.000  8003 dials *62 | answer desk 8003; play agent-pause-menu to desk 8003
        1.100  C calls 95003  | offered C; picked up C; answer C; play menu to C
        """,
        agents="8001 8002 8003",
    )


def _with_dial() -> State:
    """The same, and A's call has an outside number dialled for it."""
    s = _alive().core.state
    s.effects = []
    outbound.dial(s, _first(s.calls), "13900000001", Purpose("test"), person=None)
    return s


def _first(things: dict[Any, Any], index: int = 0) -> Any:
    return list(things.values())[index]


class _Owed:
    """An obligation is a frozen value: this is where its newest one lies."""

    def __init__(self, s: State) -> None:
        self._s = s
        self._value = obligations.owe(
            s,
            ObligationKind.CALLBACK,
            OwedFor.REQUESTED,
            queue=_first(s.calls).queue,
            entry_kind=EntryKind.EMERGENCY,
            number="13900000002",
            since_ms=s.now,
        )

    @property
    def state(self) -> ObligationState:
        return self._value.state

    @state.setter
    def state(self, state: ObligationState) -> None:
        self._value = msgspec.structs.replace(self._value, state=state)

    def move(self, what: StrEnum) -> bool:
        changed = obligations.move(self._s, self._value, ObligationMove(what), "test")
        self._value = changed or self._value
        return changed is not None


class _Noted:
    """A case is one too."""

    def __init__(self, s: State) -> None:
        self._s = s
        self._value = cases.open_(s, _first(s.calls), CaseOrigin.AGENT, AgentId("8001"))

    @property
    def state(self) -> CaseState:
        return self._value.state

    @state.setter
    def state(self, state: CaseState) -> None:
        self._value = msgspec.structs.replace(self._value, state=state)

    def move(self, what: StrEnum) -> bool:
        self._value = cases.change(self._s, self._value, "test", move=CaseMove(what))
        return True


def subject(table: AnyTable, state: StrEnum) -> Subject:
    """Put the entity of a table into a state."""
    s = _with_dial()
    moved: dict[str, tuple[Any, Callable[[StrEnum], bool]]] = {
        CALL.name: (_first(s.calls), lambda e: moves.move_call(s, _as(Call, entity), e)),  # type: ignore[arg-type]
        DIAL.name: (
            _first(s.dials),
            lambda e: outbound._move(s, _as(Dial, entity), e),  # type: ignore[arg-type]
        ),
        OBLIGATION.name: (owed := _Owed(s), lambda e: owed.move(e)),
        CASE.name: (noted := _Noted(s), lambda e: noted.move(e)),
        PARTY.name: (
            Party(number="1", service=None, by=None, asks=True, leg=_first(s.legs).id),
            lambda e: scene.move_party(s, _as(Party, entity), e),  # type: ignore[arg-type]
        ),
        LEG.name: (_first(s.legs), lambda e: moves.move_leg(s, _as(Leg, entity), e)),  # type: ignore[arg-type]
        OFFER.name: (_first(s.offers, -1), lambda e: _move_offer(s, _as(Offer, entity), e)),
        AGENT.name: (
            s.agents[AgentId("8002")],
            lambda e: agents.move(s, _as(Agent, entity), e),  # type: ignore[arg-type]
        ),
        TRANSFER.name: (
            _transfer(s),
            lambda e: transfers._move(s, _as(Transfer, entity), e),  # type: ignore[arg-type]
        ),
        ROOM.name: (_first(s.rooms), lambda e: moves.move_room(s, entity, e)),  # type: ignore[arg-type]
        DIALOGUE.name: (
            _first(s.calls, 2).dialogue,
            lambda e: dialogue._move(s, _first(s.calls, 2), e),  # type: ignore[arg-type]
        ),
        SILENCE.name: (
            _first(s.calls).silence,
            lambda e: silence._move(s, _first(s.calls), _as(Silence, entity), e),  # type: ignore[arg-type]
        ),
        DESK.name: (
            _first(s.desk_calls),
            lambda e: desk.move(s, _as(DeskCall, entity), e),  # type: ignore[arg-type]
        ),
    }
    entity, move = moved[table.name]
    entity.state = state
    if state is AgentState.WRAP_UP:
        entity.wrap_up = WrapUp(
            call=_first(s.calls).id,
            arrived_ms=0,
            talk_ms=0,
            queue=_first(s.calls).queue,
            entry=None,
            synthetic=False,
            until_ms=s.now,
        )
    s.effects = []
    s.touched.clear()
    return Subject(s, entity, move)


def _transfer(s: State) -> Transfer:
    """8001 asks 8002 into the call of A."""
    call = _first(s.calls)
    return Transfer(
        kind=TransferKind.CONSULT,
        by=AgentId("8001"),
        by_leg=call.agent_leg,
        number="8002",
        started_ms=s.now,
        leg=_first(s.legs, -1).id,
    )


def _as(kind: type[Any], entity: Any) -> Any:
    assert isinstance(entity, kind)
    return entity


def _move_offer(s: State, offer: Offer, event: StrEnum) -> bool:
    if event is OfferMove.PICKED_UP:
        return offers.picked_up(s, offer)
    if event is not OfferMove.RANG:
        return offers.end(s, offer, OfferMove(event), None)
    before = offer.state
    offers.rang(s, offer)
    return offer.state is not before


CELLS = [(table, state, event) for table in TABLES for state in list(table.states)
         for event in table.events]  # fmt: skip


def _name(value: object) -> str:
    return value.name if isinstance(value, Table) else str(value)


def test_every_cell_is_a_move_a_named_ignore_or_illegal() -> None:
    """There is no fourth kind, and no cell outside the product."""
    for table in TABLES:
        product = {(state, event) for state in table.states for event in table.events}
        assert set(table._cells) <= product
        for state, event in product:
            cell = table.cell(state, event)
            assert cell is None or (isinstance(cell, Ignore) and cell) or cell in list(table.states)


def test_every_event_moves_something_somewhere() -> None:
    """A word that no state answers to would be dead."""
    for table in TABLES:
        assert {event for _, event, _ in table.moves()} == set(table.events), table.name


def test_every_state_is_reachable() -> None:
    """From where entities begin, by moves alone."""
    for table in TABLES:
        reached = set(BEGINS[table.name])
        while new := {after for state, _, after in table.moves() if state in reached} - reached:
            reached |= new
        assert reached == set(table.states), table.name


def test_what_has_ended_stays_ended() -> None:
    """Terminal states are the ones meant to be, and answer with ignores at most."""
    assert {table.name: [str(state) for state in terminal(table)] for table in TABLES} == {
        "call": ["ended"],
        "leg": ["gone"],
        "offer": ["accepted", "missed", "rejected", "withdrawn", "failed", "unattended"],
        "transfer": ["ended"],
        "agent": [],
        "dial": ["over"],
        "obligation": ["done", "closed"],
        "case": ["closed"],
        "party": ["over"],
        "room": ["closed"],
        "dialogue": ["ended"],
        "silence": [],
        "desk call": ["ended"],
    }


@pytest.mark.parametrize(("table", "state", "event"), CELLS, ids=_name)
def test_the_whole_product(table: AnyTable, state: StrEnum, event: StrEnum) -> None:
    """A legal move ends where the table says; an ignore is one counted fact and nothing else; an
    illegal event raises, and nothing at all has changed."""
    s, entity, move = subject(table, state)
    before = dump(s)
    cell = table.cell(state, event)
    if cell is None:
        with pytest.raises(IllegalTransition, match=f"{table.name} in state {state} met {event}"):
            move(event)
        assert dump(s) == before
    elif isinstance(cell, Ignore):
        assert move(event) is False
        (counted,) = s.effects
        assert isinstance(counted, Ignored)
        assert (type(counted.reason), counted.reason) == (str, cell)
        s.effects.clear()
        assert dump(s) == before
    else:
        move(event)
        assert entity.state is cell


@pytest.mark.parametrize("kind", [LegRang, LegAnswered, LegGone])
def test_a_refused_event_leaves_the_whole_switch_as_it_was(kind: type[Any]) -> None:
    """Through the core's door: the table is asked before anything is touched."""
    story = _alive()
    s = story.core.state
    leg = _first(s.legs, -1)
    leg.state = LegState.GONE
    s.touched.clear()
    s.effects = []
    s.now = EPOCH_MS + 1_001
    before = dump(s)
    with pytest.raises(IllegalTransition, match="leg in state gone met"):
        story.core.step(s.now, kind(leg.id) if kind is not LegGone else kind(leg.id, "normal"))
    assert dump(s) == before


def test_the_dump_sees_a_change_of_any_field() -> None:
    """The comparison above is not blind."""
    story = _alive()
    before = dump(story.core.state)
    for change in (
        lambda s: setattr(_first(s.calls), "offers", 99),
        lambda s: setattr(_first(s.agents), "misses", 1),
        lambda s: setattr(_first(s.offers), "state", OfferState.FAILED),
        lambda s: s.timers.set(("rest", "8001"), 5),
        lambda s: s.lines.pop(next(iter(s.lines))),
    ):
        s = _alive().core.state
        assert dump(s) == before
        change(s)
        assert dump(s) != before


def test_the_page_of_state_machines_is_fresh() -> None:
    """docs/state-machines.md says what the tables say: ``python -m docs.draw_state_machines``."""
    assert PAGE.read_text(encoding="utf-8") == draw()
