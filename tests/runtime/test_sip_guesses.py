"""Who guesses at SIP accounts is counted by address and shut out, and those who may be calling for
help never are (L2).  No Asterisk: time and events are handed in."""

from typing import cast

import pytest

from acd.adapters.asterisk.ami_client import AmiEvent
from acd.adapters.asterisk.ari_client import AriClient
from acd.adapters.asterisk.guesses import (
    GUESSES_MAX,
    SHUT_OUT_MAX,
    SOURCES_MAX,
    WINDOW_S,
    Guesses,
    Watchman,
    source_of,
)
from acd.adapters.asterisk.phones import PhoneBook

STRANGER, OTHER = "192.0.2.7", "198.51.100.9"


def event(source: str, name: str = "InvalidAccountID", service: str = "PJSIP") -> AmiEvent:
    return {"Event": name, "Service": service, "RemoteAddress": f"IPV4/UDP/{source}/5062"}


@pytest.mark.parametrize(
    ("heard", "source"),
    [
        (event(STRANGER), STRANGER),
        (event(STRANGER, "ChallengeResponseFailed"), STRANGER),
        (event(STRANGER, "InvalidPassword"), STRANGER),
        ({**event("x"), "RemoteAddress": "IPV6/TCP/2001:db8::1/5060"}, "2001:db8::1"),
        (event(STRANGER, "SuccessfulAuth"), None),
        (event(STRANGER, service="AMI"), None),
        (event("not an address"), None),
        ({"Event": "InvalidPassword", "Service": "PJSIP"}, None),
        ({}, None),
    ],
)
def test_the_address_is_read_from_guesses_alone(heard: AmiEvent, source: str | None) -> None:
    assert source_of(heard) == source


def test_the_twentieth_within_five_minutes_is_one_too_many() -> None:
    guesses = Guesses(shut_out_s=900)
    assert [guesses.guessed(STRANGER, n) for n in range(GUESSES_MAX)] == [False] * 19 + [True]
    assert guesses.guessed(OTHER, 20.0) is False, "each address for itself"


def test_slow_mistakes_are_no_guessing() -> None:
    """A phone that tries again each minute with an old password says three such things each time,
    fifteen in the window."""
    guesses = Guesses(shut_out_s=900)
    assert WINDOW_S == 300
    for minute in range(600):
        assert not any(guesses.guessed(STRANGER, minute * 60.0) for _ in range(3))


def test_a_source_is_shut_out_for_its_time_and_no_longer() -> None:
    guesses = Guesses(shut_out_s=900)
    assert guesses.shut(STRANGER, 0.0)
    assert not guesses.shut(STRANGER, 0.0), "nothing new"
    assert guesses.let_in(899.9, lambda source: False) == []
    assert guesses.shut_out == (STRANGER,)
    assert guesses.let_in(900.0, lambda source: False) == [STRANGER]
    assert not guesses.shut_out


def test_both_tables_have_a_bound() -> None:
    guesses = Guesses(shut_out_s=900)
    for n in range(GUESSES_MAX - 1):
        guesses.guessed(STRANGER, float(n))
    for n in range(SOURCES_MAX):
        guesses.guessed(f"2001:db8::{n:x}", 20.0)
    assert not guesses.guessed(STRANGER, 21.0), "it was heard of longest ago, and forgotten"
    kept = [n for n in range(SHUT_OUT_MAX + 5) if guesses.shut(f"2001:db8::{n:x}", 0.0)]
    assert len(kept) == len(guesses.shut_out) == SHUT_OUT_MAX


def watchman(phones: set[str], *, shut_out_s: float = 900) -> tuple[Watchman, Guesses, list[str]]:
    guesses, counted = Guesses(shut_out_s=shut_out_s), list[str]()
    made = Watchman(
        lambda on_event: pytest.fail("nobody connects here"),
        cast(AriClient, None),
        guesses=guesses,
        phones_at=lambda: phones,
        count=lambda what, key: counted.append(what),
        now_s=lambda: 0.0,
    )
    return made, guesses, counted


def test_operators_and_addresses_with_a_phone_are_told_of_and_let_in() -> None:
    made, guesses, counted = watchman({OTHER})
    made.spare(["203.0.113.0/24", "2001:db8::/32"])
    for source in (OTHER, "203.0.113.200"):
        for _ in range(GUESSES_MAX):
            made.heard(event(source))
    assert not guesses.shut_out
    assert counted.count("SIP guesses where one of us is") == 2
    for _ in range(GUESSES_MAX * 3):
        made.heard(event(STRANGER))
    assert guesses.shut_out == (STRANGER,)
    assert counted.count("SIP source shut out") == 1
    assert counted.count("SIP guess") == GUESSES_MAX * 5


def test_zero_minutes_counts_and_shuts_nobody_out() -> None:
    made, guesses, counted = watchman(set(), shut_out_s=0)
    for _ in range(GUESSES_MAX):
        made.heard(event(STRANGER))
    assert not guesses.shut_out
    assert "SIP guess" in counted


def test_phones_are_where_their_contacts_are() -> None:
    book = PhoneBook(lambda report: None)
    uris = {
        "a1": "sip:a1@192.0.2.1:5060",
        "a2": "sips:a2@192.0.2.2:5061;transport=tls",
        "a3": "sip:a3@[2001:db8::1]:5060",
        "a4": "sip:192.0.2.4",
        "a5": "sip:a5@192.0.2.5;x-ast-orig-host=10.0.0.1:5060",
    }
    for name, uri in uris.items():
        book.heard(
            {"Event": "ContactStatus", "AOR": name, "URI": uri, "ContactStatus": "Reachable"}
        )
    assert book.addresses() == {
        "192.0.2.1", "192.0.2.2", "2001:db8::1", "192.0.2.4", "192.0.2.5",
    }  # fmt: skip
    book.heard(
        {"Event": "ContactStatus", "AOR": "a1", "URI": uris["a1"], "ContactStatus": "Removed"}
    )
    assert "192.0.2.1" not in book.addresses()
