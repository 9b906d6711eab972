"""Requests go through the core and come back to whoever asked; calls get their caller."""

import asyncio
from zoneinfo import ZoneInfo

import msgspec
import pytest

from acd.adapters.asterisk.heard import ChannelArrived
from acd.adapters.http import Unanswered
from acd.adapters.postgres.callers import Callers
from acd.adapters.postgres.directory import Directory, Trunk
from acd.core.directory import (
    Contact,
    ContactKind,
    DeviceCode,
    DeviceMeaning,
    Entry,
    EntryKind,
)
from acd.core.directory_diff import Staffing
from acd.core.events import (
    CallRequested,
    CodeDialled,
    DigitPressed,
    Event,
    LogoutRequested,
    ReadyRequested,
)
from acd.core.ids import AgentId, EntryId, LegId, PhoneId, QueueId, RequestId, TrunkId
from acd.core.numbers import NumberRules
from acd.core.replies import Done
from acd.runtime.api import requests as requests_module
from acd.runtime.api.requests import Requests
from acd.runtime.calendar import Calendar
from acd.runtime.intake import CALLED_MAX, Intake


def ready(request: RequestId) -> ReadyRequested:
    return ReadyRequested(request=request, agent=AgentId("8001"))


async def test_each_reply_goes_to_its_request() -> None:
    events: list[Event] = []
    requests = Requests(events.append, epoch=3)
    first = asyncio.create_task(requests.ask(ready))
    second = asyncio.create_task(
        requests.ask(lambda request: LogoutRequested(request=request, agent=AgentId("8002")))
    )
    await asyncio.sleep(0)
    assert [type(event) for event in events] == [ReadyRequested, LogoutRequested]
    for event, state in zip(reversed(events), ("logged_out", "ready"), strict=True):
        assert isinstance(event, ReadyRequested | LogoutRequested)
        requests.resolve(Done(event.request, state))
    assert ((await first), (await second)) == (
        Done(RequestId("http-3-1"), "ready"),
        Done(RequestId("http-3-2"), "logged_out"),
    )
    assert len(requests) == 0


async def test_without_a_reply_the_asker_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requests_module, "REPLY_S", 0)
    requests = Requests(lambda event: None, epoch=1)
    with pytest.raises(Unanswered, match="ask for the agent's state"):
        await requests.ask(ready)
    assert len(requests) == 0
    requests.resolve(Done(RequestId("http-1-1"), "ready"))


async def test_too_many_requests_are_turned_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requests_module, "REQUESTS_MAX", 1)
    requests = Requests(lambda event: None, epoch=1)
    waiting = asyncio.create_task(requests.ask(ready))
    await asyncio.sleep(0)
    with pytest.raises(Unanswered, match="Too many"):
        await requests.ask(ready)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert len(requests) == 0


# ── Who is calling ────────────────────────────────────────────────────────────────────────────

DIRECTORY = Directory(
    revision=1,
    staffing_revision=1,
    callers_revision=1,
    staffing=Staffing(
        queues={},
        entries={
            EntryId("95001"): Entry(
                id=EntryId("95001"), kind=EntryKind.EMERGENCY, queue=QueueId("emergency")
            )
        },
        agents={},
        seats={},
    ),
    trunks={
        TrunkId("carrier-a"): Trunk(
            id=TrunkId("carrier-a"),
            provider="p",
            addresses=("127.0.0.0/8",),
            rules=NumberRules(area_code="021"),
            trusts_asserted=True,
            outbound_caller_ids=(),
            areas=("east",),
            in_service=True,
            host=None,
            port=None,
            priority=None,
            dial_form=None,
        )
    },
    phones={},
    callers=Callers(
        {
            "02160000001": "t1 e1 e2 !west =13900000001 %13900000002 @0",
            "02160000002": "t2 #0",
        },
        [(Contact(ContactKind.COMMITTEE, "02109000001"),)],
        [(DeviceCode(digits="#91", meaning=DeviceMeaning.LOW_BATTERY),)],
    ),
)


def raw(*, endpoint: str = "carrier-a", dialled: str = "95001", caller: str = "") -> ChannelArrived:
    return ChannelArrived(
        leg=LegId("n1:1.1"),
        arrived_ms=5,
        endpoint=endpoint,
        dialled=dialled,
        caller=caller,
        recording="r.wav",
    )


@pytest.fixture
def intake() -> Intake:
    intake = Intake(Calendar(ZoneInfo("Asia/Shanghai")))
    intake.use(DIRECTORY)
    return intake


@pytest.mark.parametrize(
    ("channel", "caller", "terminal", "elders"),
    [
        (raw(caller="60000001"), "02160000001", "t1", ("e1", "e2")),
        (raw(caller="02160000002"), "02160000002", "t2", ()),
        (raw(caller="+862160000001"), "02160000001", "t1", ("e1", "e2")),
        (raw(caller="13912345678"), "13912345678", None, ()),
        (raw(caller="anonymous"), None, None, ()),
        (raw(caller="x" * 4096), None, None, ()),
        (raw(), None, None, ()),
    ],
)
def test_who_is_calling(
    intake: Intake,
    channel: ChannelArrived,
    caller: str | None,
    terminal: str | None,
    elders: tuple[str, ...],
) -> None:
    call = intake.call_of(channel)
    assert (call.caller, call.terminal, call.elders) == (caller, terminal, elders)
    assert call.has_keys is (terminal is None)  # C03: no menu before a one-key terminal
    assert (call.leg, call.arrived_ms, call.recording) == ("n1:1.1", 5, "r.wav")
    assert (call.trunk, call.called) == ("carrier-a", "95001")


def test_an_agent_calls_a_terminal(intake: Intake) -> None:
    """T25: whose the number is, says the directory; by the phone as by the API."""
    wish = CallRequested(request=RequestId("r"), agent=AgentId("8001"), number="60000001")
    code = CodeDialled(LegId("n1:1.1"), PhoneId("a8001"), "913912345678")
    assert intake.wish_of(wish, "02160000001") == msgspec.structs.replace(wish, terminal="t1")
    assert intake.wish_of(code, "13912345678") is code
    assert intake.wish_of(code, None) is code


@pytest.mark.parametrize(
    ("caller", "area", "contacts"),
    [
        ("60000001", "west", ("13900000001", "13900000002", "02109000001")),
        ("60000002", "east", ()),
        ("13912345678", "east", ()),
    ],
)
def test_where_help_comes_from_and_whom_to_call(
    intake: Intake, caller: str, area: str, contacts: tuple[str, ...]
) -> None:
    """E05, E25, U03: the terminal's own area, else the trunk's, for strangers too."""
    call = intake.call_of(raw(caller=caller))
    assert call.area == area
    assert tuple(contact.number for contact in call.contacts) == contacts


@pytest.mark.parametrize(
    ("number", "terminal"), [("02160000002", "t2"), ("02160000001", None), (None, None)]
)
def test_which_terminal_may_have_sent_a_digit(
    intake: Intake, number: str | None, terminal: str | None
) -> None:
    """T27: one whose model sends codes; whose digit it is says the core."""
    digit = intake.digit_of(DigitPressed(LegId("n1:1.1"), "#"), number)
    assert (digit.leg, digit.digit) == ("n1:1.1", "#")
    assert (None if digit.device is None else digit.device.terminal) == terminal
    assert digit.device is None or [one.digits for one in digit.device.codes] == ["#91"]


@pytest.mark.parametrize("dialled", ["95001", "+8695001", "02195001"])
def test_an_entry_is_found_in_every_operators_form(intake: Intake, dialled: str) -> None:
    assert intake.call_of(raw(dialled=dialled)).called == "95001"


@pytest.mark.parametrize(
    ("channel", "expected"),
    [
        (raw(dialled="95001"), True),
        (raw(dialled="+8695001"), True),
        (raw(dialled="95999"), False),
        (raw(dialled=""), False),
        (raw(endpoint="a8001"), False),
        (raw(endpoint=""), False),
    ],
)
def test_only_a_trunks_call_to_an_entry_is_expected(
    intake: Intake, channel: ChannelArrived, expected: bool
) -> None:
    """What is dialled otherwise is the dialplan's until it says what it does with it."""
    assert intake.expects(channel) is expected
    assert not Intake(Calendar(ZoneInfo("Asia/Shanghai"))).expects(channel)


@pytest.mark.parametrize("dialled", ["95001", "+8695001", "95999"])
def test_a_call_is_the_same_whether_it_was_expected_or_not(intake: Intake, dialled: str) -> None:
    channel = raw(dialled=dialled, caller="60000001")
    unasked = intake.call_of(channel)
    intake.expects(channel)
    assert intake.call_of(channel) == unasked


def test_what_was_dialled_is_looked_up_anew_in_a_new_directory(intake: Intake) -> None:
    assert intake.expects(raw())
    intake.use(msgspec.structs.replace(DIRECTORY, trunks={}))
    assert not intake.expects(raw())
    assert intake.call_of(raw()).trunk is None


@pytest.mark.parametrize("dialled", ["", "95999", "s", "9" * 4096, "95001\x00"])
def test_what_is_no_entry_stays_as_dialled_but_short(intake: Intake, dialled: str) -> None:
    assert intake.call_of(raw(dialled=dialled)).called == dialled[:CALLED_MAX]


@pytest.mark.parametrize("use", [True, False])
def test_a_call_always_comes_out(use: bool) -> None:
    """Of an unknown trunk, and before there is any directory at all."""
    intake = Intake(Calendar(ZoneInfo("Asia/Shanghai")))
    if use:
        intake.use(DIRECTORY)
    call = intake.call_of(raw(endpoint="nobody", caller="02160000001"))
    assert call.trunk is None
    assert call.caller == "02160000001"
