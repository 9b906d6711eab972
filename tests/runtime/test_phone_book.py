"""What AMI says of phones becomes reports: of those watched, and only of what is new."""

from acd.adapters.asterisk.phones import PhoneBook
from acd.core.events import PhoneReported, TrunkReported
from acd.core.ids import PhoneId, TrunkId

Report = PhoneReported | TrunkReported


def _state(device: str, state: str) -> dict[str, str]:
    return {"Event": "DeviceStateChange", "Device": device, "State": state}


def _contact(phone: str, status: str) -> dict[str, str]:
    return {"Event": "ContactStatus", "AOR": phone, "URI": "sip:1", "ContactStatus": status}


def _book(*phones: str) -> tuple[PhoneBook, list[Report]]:
    told: list[Report] = []
    book = PhoneBook(told.append)
    book.watch([PhoneId(phone) for phone in phones])
    book.replace([], [])
    told.clear()
    return book, told


def _phone(name: str, *, registered: bool, in_use: bool) -> PhoneReported:
    return PhoneReported(phone=PhoneId(name), registered=registered, in_use=in_use)


def test_of_a_calls_states_those_are_told_that_change_something() -> None:
    book, told = _book("a1")
    book.heard(_contact("a1", "Reachable"))
    for state in ("RINGING", "INUSE", "ONHOLD", "INUSE", "NOT_INUSE", "NOT_INUSE"):
        book.heard(_state("PJSIP/a1", state))
    assert told == [
        _phone("a1", registered=True, in_use=False),
        _phone("a1", registered=True, in_use=True),
        _phone("a1", registered=True, in_use=False),
    ]


def test_a_phone_that_goes_away_in_a_call_is_told_with_both() -> None:
    book, told = _book("a1")
    book.heard(_contact("a1", "Reachable"))
    book.heard(_state("PJSIP/a1", "INUSE"))
    book.heard(_contact("a1", "Unreachable"))
    book.heard(_state("PJSIP/a1", "INUSE"))
    book.heard(_state("PJSIP/a1", "UNAVAILABLE"))
    assert told[2:] == [
        _phone("a1", registered=False, in_use=True),
        _phone("a1", registered=False, in_use=False),
    ]


def test_what_is_not_watched_is_remembered_and_not_told() -> None:
    book, told = _book("a1")
    for device in ("PJSIP/carrier-a", "PJSIP/a2", "Local/a1", "Custom:lamp"):
        book.heard(_state(device, "INUSE"))
    assert told == []
    book.watch([PhoneId("a1"), PhoneId("a2")])
    assert told == [_phone("a2", registered=False, in_use=True)]


def test_a_trunk_that_is_away_is_so_in_what_is_read_as_a_whole() -> None:
    carrier = TrunkId("carrier-a")
    book, told = _book()
    book.watch_trunks([carrier])
    book.heard(_contact("carrier-a", "Unreachable"))
    detail = {"Event": "ContactStatusDetail", "AOR": "carrier-a", "URI": "sip:1"}
    book.replace([{**detail, "Status": "Unreachable"}], [])
    assert told == [TrunkReported(trunk=carrier, reachable=False)]
    book.replace([{**detail, "Status": "Reachable"}], [])
    assert told[1:] == [TrunkReported(trunk=carrier, reachable=True)]


def _registry(address: str, status: str) -> dict[str, str]:
    return {"Event": "Registry", "Username": address, "Domain": "sip:h", "Status": status}


def _registration(trunk: str, status: str) -> dict[str, str]:
    return {
        "Event": "OutboundRegistrationDetail",
        "ObjectName": trunk,
        "ClientUri": "sip:1@ims.example",
        "Status": status,
    }


def test_a_trunk_is_registered_when_asterisk_says_so() -> None:
    """By each change, and by the whole that is read when one may have been lost."""
    carrier = TrunkId("carrier-a")
    book, told = _book()
    book.watch_registrations({carrier: "sip:1@ims.example"})
    assert book.registered == {carrier: False}
    book.heard(_registry("sip:2@ims.example", "Registered"))
    assert book.registered == {carrier: False}
    book.heard(_registry("sip:1@ims.example", "Registered"))
    assert book.registered == {carrier: True}
    book.watch_registrations({carrier: "sip:1@ims.example"})
    assert book.registered == {carrier: True}, "a change of another account says nothing of it"
    book.replace([], [], [_registration("carrier-a", "Rejected")])
    assert book.registered == {carrier: False}
    book.watch_registrations({})
    assert book.registered == {}
    assert told == [], "no decision depends on it"


def test_two_trunks_that_register_for_one_address_are_told_apart() -> None:
    """T31: one operator, reached by two ways, who knows us by one number: neither trunk is lost
    from sight, and what Asterisk says of the address alone is laid to nobody."""
    first, second = TrunkId("carrier-a"), TrunkId("carrier-b")
    book, _ = _book()
    book.watch_registrations(dict.fromkeys((first, second), "sip:1@ims.example"))
    book.replace(
        [], [], [_registration("carrier-a", "Registered"), _registration("carrier-b", "Rejected")]
    )
    assert book.registered == {first: True, second: False}
    book.heard(_registry("sip:1@ims.example", "Registered"))
    book.heard(_registry("sip:1@ims.example", "Rejected"))
    assert book.registered == {first: True, second: False}
    book.replace([], [], [_registration("carrier-b", "Registered")])
    assert book.registered == {first: True, second: True}
