"""The inbox takes everything that somebody's life hangs on, at its limit too."""

import pytest

from acd.core.events import (
    CallArrived,
    DigitPressed,
    Hangup,
    LegAnswered,
    LegGone,
    LegRang,
    PhoneReported,
)
from acd.core.ids import EntryId, LegId, PhoneId
from acd.runtime.inbox import Inbox, Item

LEG = LegId("n1:1.1")
DIGIT = DigitPressed(LEG, "5")


def call(number: int) -> CallArrived:
    return CallArrived(
        leg=LegId(f"n1:{number}.1"),
        arrived_ms=1,
        trunk=None,
        caller=None,
        called=EntryId("95001"),
    )


def report(phone: str, *, in_use: bool) -> PhoneReported:
    return PhoneReported(phone=PhoneId(phone), registered=True, in_use=in_use)


def full(events_max: int = 3) -> Inbox:
    inbox = Inbox(events_max=events_max)
    for number in range(events_max):
        inbox.put(call(number))
    return inbox


def taken(inbox: Inbox) -> list[Item]:
    items = []
    while (item := inbox.take()) is not None:
        items.append(item)
    return items


def test_order_is_kept() -> None:
    inbox = Inbox(events_max=10)
    items: list[Item] = [call(1), DIGIT, LegGone(LEG, Hangup.NORMAL)]
    for item in items:
        inbox.put(item)
    assert taken(inbox) == items


def test_wakes_once_when_it_stops_being_empty() -> None:
    wakes: list[int] = []
    inbox = Inbox(events_max=10)
    inbox.on_first(lambda: wakes.append(len(inbox)), lambda: None)
    for number in range(3):
        inbox.put(call(number))
    taken(inbox)
    inbox.put(call(4))
    assert wakes == [1, 1]


def test_what_came_before_the_driver_wakes_it() -> None:
    wakes: list[int] = []
    inbox = full()
    inbox.on_first(lambda: wakes.append(1), lambda: None)
    assert wakes == [1]


def test_at_the_limit_calls_answers_and_hangups_are_still_taken() -> None:
    inbox = full()
    vital: list[Item] = [call(9), LegAnswered(LEG), LegGone(LEG, Hangup.NORMAL)]
    for item in vital:
        inbox.put(item)
    assert taken(inbox)[3:] == vital
    assert not inbox.dropped


def test_at_the_limit_a_storm_of_digits_is_dropped_and_counted() -> None:
    inbox = full()
    for _ in range(50):
        inbox.put(DIGIT)
    inbox.put(LegRang(LEG))
    assert len(inbox) == 3
    assert inbox.dropped == {"DigitPressed": 50, "LegRang": 1}


def test_at_the_limit_the_newest_report_of_each_phone_survives() -> None:
    inbox = full()
    for in_use in (True, False, True):
        inbox.put(report("a8001", in_use=in_use))
    inbox.put(report("a8002", in_use=False))
    reports = [item for item in taken(inbox) if isinstance(item, PhoneReported)]
    assert reports == [report("a8001", in_use=True), report("a8002", in_use=False)]
    assert inbox.dropped == {"PhoneReported": 2}


@pytest.mark.parametrize("taken_before", [1, 2])
def test_a_phones_reports_stay_in_order(taken_before: int) -> None:
    """A report that was kept back comes in as soon as there is room, before any newer one."""
    inbox = full()
    inbox.put(report("a8001", in_use=True))
    for _ in range(taken_before):
        inbox.take()
    inbox.put(report("a8001", in_use=False))
    reports = [item for item in taken(inbox) if isinstance(item, PhoneReported)]
    assert [kept.in_use for kept in reports] == [True, False]
