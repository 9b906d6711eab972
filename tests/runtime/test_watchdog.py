"""Whom the watchdog holds for waiting, and when it believes that nobody serves (T18)."""

import json
from random import Random
from typing import Any

import pytest

from acd.adapters.asterisk.stranded import Stranded, stranded
from acd.core.directory import EntryKind
from acd.core.ids import AgentId, CallId, Node, PhoneId, QueueId, local_part
from acd.core.memo import Memo, Part, to_text
from acd.core.state import State
from acd.runtime.watching.watchdog import SILENT_S, Silence

CALL = CallId("6-9")
N1 = Node("n1")


def memo(call: CallId, *, phone: str | None = None, **more: Any) -> dict[str, str]:
    part = None if phone is None else Part(made_ms=1, phone=PhoneId(phone), agent=AgentId("8001"))
    kept = Memo(
        call=call, arrived_ms=1, kind=EntryKind.EMERGENCY, queue=QueueId("q"), part=part, **more
    )
    return {"HULING_MEMO": to_text(kept)}


def caller(key: str = "n1-1.7", *, call: CallId | None = CALL, **more: Any) -> dict[str, Any]:
    return {
        "id": key,
        "name": "PJSIP/carrier-a-00000002",
        "state": "Ring",
        "dialplan": {"context": "trunk-call", "app_name": "Stasis", "app_data": "acd,call"},
        "channelvars": {} if call is None else memo(call, **more),
    }


def phone(
    key: str, *, call: CallId | None = CALL, state: str = "Up", user: str = "a8001"
) -> dict[str, Any]:
    return {
        "id": key,
        "name": f"PJSIP/{user}-0000001f",
        "state": state,
        "dialplan": {"app_name": "Stasis" if state == "Up" else "AppDial2"},
        "channelvars": {} if call is None else memo(call, phone=user),
    }


def rescue(key: str) -> dict[str, Any]:
    return {**phone(key), "name": "PJSIP/carrier-a-00000009", "channelvars": {}}


def a_state() -> State:
    """Names rooms, as the service does."""
    return State(epoch=6, dice=Random(6))


def main(call: CallId = CALL) -> str:
    return local_part(a_state().room_id(N1, call))


def side(call: CallId = CALL) -> str:
    return local_part(a_state().side_room_id(N1, call))


HOLD = local_part(a_state().holding_room_id(N1, QueueId("q")))
LINE = CallId("6-d3")


def seen(*channels: dict[str, Any], **rooms: list[str]) -> Stranded:
    """``rooms`` are named by the keys of ``ROOMS``."""
    names = {"main": main(), "side": side(), "hold": HOLD, "line": main(LINE)}
    bridges = [{"id": names[key], "channels": members} for key, members in rooms.items()]
    return stranded(json.dumps(channels), json.dumps(bridges), app="acd")


WAITING = Stranded(("n1-1.7",))
NOBODY = Stranded()


@pytest.mark.parametrize(
    "rooms", [{}, {"hold": ["n1-1.7"]}, {"main": ["n1-1.7"]}, {"hold": ["n1-1.7", "music"]}]
)
def test_who_waits_is_with_nobody(rooms: dict[str, list[str]]) -> None:
    """In no room, at the music, or left alone in the call's room."""
    assert seen(caller(), **rooms) == WAITING


def test_one_whose_call_could_not_be_noted_waits_too() -> None:
    assert seen(caller(call=None)) == WAITING


def test_who_talks_is_left_alone_and_so_is_the_phone() -> None:
    assert seen(caller(), phone("hl-1"), main=["n1-1.7", "hl-1"]) == NOBODY
    assert seen(caller(call=None), phone("hl-1"), main=["n1-1.7", "hl-1"]) == NOBODY


def test_who_is_held_is_in_somebodys_hand() -> None:
    """The agent is in a room beside; an open line's leg bears no memo."""
    assert seen(caller(), phone("hl-1"), hold=["n1-1.7"], side=["hl-1"]) == NOBODY
    assert seen(caller(), phone("hl-1", call=None), hold=["n1-1.7"], side=["hl-1"]) == NOBODY


def test_who_is_with_a_rescue_number_is_left_alone() -> None:
    assert seen(caller(), rescue("hl-2"), main=["n1-1.7", "hl-2"]) == NOBODY


def test_a_ring_of_a_service_that_is_gone_is_ended_before() -> None:
    """And a phone that was picked up when nobody could join the two, or in its early room."""
    waits = Stranded(("n1-1.7",), ("hl-1",))
    assert seen(caller(), phone("hl-1", state="Ringing"), hold=["n1-1.7"]) == waits
    assert seen(caller(), phone("hl-1"), hold=["n1-1.7"]) == waits
    assert seen(caller(), phone("hl-1", state="Ringing"), main=["n1-1.7", "hl-1"]) == waits


def test_a_ring_beside_a_conversation_is_left_alone() -> None:
    """Somebody is being asked into it."""
    found = seen(
        caller(),
        phone("hl-1"),
        phone("hl-2", state="Ringing", user="a8002"),
        hold=["n1-1.7"],
        side=["hl-1"],
    )
    assert found == NOBODY


def test_a_phone_whose_caller_has_gone_is_freed() -> None:
    assert seen(phone("hl-1"), main=["hl-1"]) == Stranded((), ("hl-1",))


def test_a_call_of_the_agents_own_is_left_alone() -> None:
    """Outbound: the number talks to the agent, or is still being dialled."""
    number = {**rescue("hl-2"), "state": "Ringing", "channelvars": memo(CALL)}
    assert seen(phone("hl-1"), number, main=["hl-1"]) == NOBODY
    assert seen(phone("hl-1"), rescue("hl-2"), main=["hl-1", "hl-2"]) == NOBODY


def test_an_open_line_in_no_conversation_is_ended() -> None:
    """So that the dialplan reaches its phone; one that is lent to a call, or that listens to a copy
    of one, is not."""
    line = phone("hl-3", call=None)
    assert seen(line, line=["hl-3"]) == Stranded((), ("hl-3",))
    assert seen(line, line=["hl-3", "snoop"]) == NOBODY
    assert seen(caller(), line, main=["n1-1.7", "hl-3"]) == NOBODY


def test_a_caller_whose_call_is_over_or_is_not_with_us_is_left_alone() -> None:
    away = {**caller(), "dialplan": {"context": "fallback", "app_name": "Dial", "app_data": "x"}}
    code = {**caller(), "dialplan": {"app_name": "Stasis", "app_data": "acd,code"}}
    assert seen(caller(is_over=True)) == seen(away) == seen(code) == NOBODY


# ── When nobody serves ───────────────────────────────────────────────────────────────────────────


def judged(*readings: tuple[float, str]) -> list[bool]:
    silence = Silence()
    return [silence.nobody_serves(beat, at_s) for at_s, beat in readings]


def steady(until_s: float, beat: str) -> list[tuple[float, str]]:
    return [(half / 2, beat) for half in range(int(2 * until_s) + 1)]


def test_a_beat_that_changes_is_somebody() -> None:
    assert not any(judged(*((half / 2, str(half // 2)) for half in range(100))))


def test_six_seconds_of_the_same_are_nobody() -> None:
    *before, last = judged(*steady(SILENT_S, "6.1"))
    assert last and not any(before)


def test_the_first_sign_of_the_next_one_ends_it() -> None:
    assert judged(*steady(SILENT_S, "6.1"), (SILENT_S + 0.5, "7.1"))[-2:] == [True, False]


def test_a_beat_that_asterisk_has_forgotten_is_none() -> None:
    """A reload of the dialplan takes it away; where there was never one, nothing is known."""
    assert judged((0.0, "6.1"), *((0.5 + half / 2, "") for half in range(12)))[-1]
    assert not any(judged(*steady(60.0, "")))


def test_whoever_stood_still_themselves_knows_nothing() -> None:
    """The machine was paused with all on it: the service has its time again to be heard of."""
    *_, last = judged(*steady(SILENT_S - 1.0, "6.1"), (60.0, "6.1"), (60.5, "6.1"))
    assert not last


def test_what_could_not_be_read_says_nothing() -> None:
    silence = Silence()
    for at_s, beat in steady(SILENT_S - 1.0, "6.1"):
        silence.nobody_serves(beat, at_s)
    silence.blind()
    assert not silence.nobody_serves("6.1", SILENT_S)
