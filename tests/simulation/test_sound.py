"""Who hears whom in the pretend Asterisk, and what is told of it when it is not as it should be:
what nobody can get wrong would be no test of anything (C08, D11, E16)."""

from acd.core.commands import CloseRoom, JoinRoom, OpenHoldingRoom, OpenRoom, OpenSnoop, Play
from acd.core.directory import RescueService
from acd.core.emergency.case import Case, CaseOrigin
from acd.core.events import Event
from acd.core.facts import CaseNoted, NumberDialled
from acd.core.ids import (
    AgentId,
    CallId,
    CaseId,
    DialId,
    LegId,
    PlaybackId,
    Purpose,
    QueueId,
    RoomId,
    TrunkId,
)
from acd.core.tables import CaseState
from acd.simulation.audit.debts import NUMBERS, Debts
from acd.simulation.exchange import Channel, Exchange
from acd.simulation.sound import MUSIC, PROMPT, who_hears_whom

CALL, ROOM, EAR = CallId("1-1"), RoomId("n1:hl-room-1-1"), RoomId("n1:hl-room-1-d1")
CALLER, A, B, SUPERVISOR = LegId("n1:c1"), LegId("n1:a"), LegId("n1:b"), LegId("n1:s")


def talking() -> Exchange:
    """A caller and two agents in one room."""
    said: list[Event] = []
    exchange = Exchange(lambda leg, event: said.append(event), lambda phone: True)
    for leg in (CALLER, A, B, SUPERVISOR):
        exchange.channels[leg] = Channel(leg, "agent", up=True)
    exchange.carry_out(OpenRoom(CALL, ROOM))
    exchange.carry_out(OpenRoom(CALL, EAR))
    exchange.carry_out(JoinRoom(CALL, ROOM, (CALLER, A, B)))
    exchange.carry_out(JoinRoom(CALL, EAR, (SUPERVISOR,)))
    return exchange


def test_who_is_played_something_hears_that_alone_and_is_heard_by_nobody() -> None:
    exchange = talking()
    exchange.carry_out(Play(CALL, A, PlaybackId("p"), ("comfort",)))
    heard = who_hears_whom(exchange)
    assert heard[A] == {PROMPT}
    assert heard[CALLER] == {B}
    exchange.finish(PlaybackId("p"))
    assert who_hears_whom(exchange)[CALLER] == {A, B}


def test_a_copy_is_heard_and_what_is_whispered_is_heard_by_one() -> None:
    exchange = talking()
    copy = LegId("n1:copy")
    exchange.carry_out(OpenSnoop(call=CALL, leg=copy, of=A, whisper=True))
    assert not who_hears_whom(exchange)[SUPERVISOR]
    exchange.carry_out(JoinRoom(CALL, EAR, (copy,)))
    heard = who_hears_whom(exchange)
    assert heard[SUPERVISOR] == {A, B, CALLER}
    assert heard[A] == {B, CALLER, SUPERVISOR}
    assert heard[CALLER] == {A, B}


def test_music_is_heard_alone_and_a_room_that_is_closed_is_silent() -> None:
    exchange = talking()
    music = RoomId("n1:hl-hold-emergency")
    exchange.carry_out(OpenHoldingRoom(None, music))
    exchange.carry_out(JoinRoom(CALL, music, (CALLER, B)))
    heard = who_hears_whom(exchange)
    assert heard[CALLER] == heard[B] == {MUSIC}
    assert not heard[A]
    exchange.carry_out(JoinRoom(CALL, ROOM, (B,)))
    exchange.carry_out(CloseRoom(CALL, ROOM))
    assert not who_hears_whom(exchange)[A]


def test_rescue_that_is_neither_reached_nor_owed_is_told_of() -> None:
    exchange = talking()
    debts = Debts(exchange)
    case = Case(
        id=CaseId("1-c1"), state=CaseState.OPEN, origin=CaseOrigin.AGENT, opened_ms=1,
        opened_by=None, queue=QueueId("emergency"), entry=None, number=None, terminal=None,
        elders=(), area=None, contacts=(), calls=(CALL,),
    )  # fmt: skip
    number = NUMBERS[RescueService.MEDICAL]
    debts.see([
        CaseNoted(at_ms=1, call=CALL, what="opened", by=None, case=case),
        NumberDialled(
            at_ms=2, call=CALL, arrived_ms=0, dial=DialId("1"), leg=LegId("n1:r"), number=number,
            trunk=TrunkId("t"), caller_id="", purpose=Purpose("case"), person=AgentId("8001"),
            attempt=1,
        ),
    ])  # fmt: skip
    exchange.channels[LegId("n1:r")] = Channel(LegId("n1:r"), "outside", number=number)
    assert not list(debts.amiss())
    del exchange.channels[LegId("n1:r")]
    assert list(debts.amiss()) == ["medical of 1-c1 was called, and is neither reached nor owed"]
