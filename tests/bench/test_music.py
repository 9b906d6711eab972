"""What the music bench counts at the callers' ears, and what it says of those who did not hear."""

import argparse
import socket
import struct
from collections.abc import Iterator
from typing import Any

import pytest

from bench.music import __main__ as music
from bench.music.__main__ import Round, judged, measured, of_rounds, remarks
from bench.music.ears import HOST, Ears, Heard, read
from bench.offer.bed import Bed
from bench.results.model import Figure

QUIET, LOUD = b"\xd5" * 160, b"\x2a" * 160


def packet(number: int, sound: bytes = LOUD, kind: int = 8) -> bytes:
    return struct.pack("!BBHII", 0x80, kind, number % 65_536, 160 * number, 7) + sound


def at(ms: float) -> int:
    return int(ms * 1e6)


def test_a_gap_and_what_is_missing_are_told_over_the_turn_of_the_numbers() -> None:
    found = read(
        [
            (at(0), packet(65_534)),
            (at(20), packet(65_535, QUIET)),
            (at(95), packet(65_538)),
            (at(100), packet(65_537)),
        ]
    )
    assert (found.packets, found.missing, found.gap_ms) == (4, 2, 75.0)
    assert found.sounding == 0.75


def test_who_gets_nothing_has_a_gap_without_end() -> None:
    assert read([]).gap_ms == read([(0, packet(1))]).gap_ms == float("inf")
    assert read([]).sounding == 0.0


@pytest.fixture
def sender() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as own:
        yield own


def test_packets_are_counted_for_every_caller_and_kept_for_some(sender: socket.socket) -> None:
    with Ears(3, sample=1) as ears:
        assert [port % 2 for port in ears.ports] == [0, 0, 0]
        sender.sendto(packet(0), (HOST, ears.ports[0]))
        sender.sendto(packet(0), (HOST, ears.ports[1]))
        ears.begin()
        assert not ears.all_hear()  # what came before does not count
        for number in range(5):
            sender.sendto(packet(number), (HOST, ears.ports[0]))
            sender.sendto(packet(number), (HOST, ears.ports[1]))
        sender.sendto(packet(9, kind=200 & 0x7F), (HOST, ears.ports[0]))  # a report, not sound
        assert not ears.all_hear()
        sender.sendto(packet(0), (HOST, ears.ports[2]))
        assert ears.all_hear()
        counts, heard = ears.end()
    assert counts == [5, 5, 1]
    assert [(one.packets, one.missing) for one in heard] == [(5, 0)]


def heard(gap_ms: float = 21.0) -> Heard:
    return Heard(packets=500, missing=0, gap_ms=gap_ms, sounding=1.0)


def one(kind: str, counts: list[int], *, gap_ms: float = 21.0, cpu_ms: float = 40.0) -> Round:
    return judged(
        counts, [heard(gap_ms)], kind=kind, lasted_s=10.0, cpu_ms=cpu_ms, own_ms=1.0,
        asterisk_mb=300.0, service_mb=100.0,
    )  # fmt: skip


def test_a_caller_without_enough_packets_or_a_gap_in_the_sample_is_not_held() -> None:
    fine = one("queue", [500, 491])
    assert fine.held and fine.hearing == 2
    assert fine.cpu_ms == pytest.approx(20.0)  # 40 ms a second for two callers
    assert fine.packets_share_min == pytest.approx(0.982)
    assert not one("queue", [500, 480]).held
    assert not one("queue", [500, 500], gap_ms=101.0).held


def named(rounds: list[Round], wanted: int) -> dict[str, Figure]:
    return {figure.name: figure for figure in of_rounds(rounds, wanted=wanted)}


def test_what_is_held_is_the_most_of_which_every_round_held() -> None:
    rounds = [
        one("queue", [500] * 4), one("service", [100] * 4),
        one("queue", [500] * 3), one("service", [500] * 3, cpu_ms=20.0),
        one("queue", [500] * 3), one("service", [500] * 3, cpu_ms=20.0),
    ]  # fmt: skip
    found = named(rounds, 4)
    assert (found["held_queue"].value, found["held_queue"].holds) == (4, None)
    assert (found["held_service"].value, found["held_service"].holds) == (3, False)
    assert found["music_cpu_ratio"].value == pytest.approx(0.5)
    sentences = list(remarks(rounds, wanted=4))
    assert "Not held: 4 callers of switch: 0 got at least 98 %" in sentences[0]
    assert "those of 3 callers, not of 4" in sentences[1]
    later = [*rounds, one("queue", [500] * 3), one("service", [9] * 3)]
    assert named(later, 3)["held_service"].value == 0


def test_who_heard_nothing_has_no_figure_of_a_gap() -> None:
    silent = one("service", [0, 0], gap_ms=float("inf"))
    assert "gap_service" not in named([one("queue", [500, 500]), silent], 2)


@pytest.mark.parametrize(("limit", "callers"), [(800, 800), (700, 600), (100, 200)])
def test_fewer_are_tried_until_both_hold_them(
    limit: int, callers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def made(both: Bed, kind: str, count: int, seconds: int) -> Round:
        share = 1.0 if kind == "queue" or count <= limit else 0.5
        return one(kind, [int(500 * share)] * count)

    monkeypatch.setattr(music, "one_round", made)
    nobody: Any = None
    given = argparse.Namespace(callers=800, seconds=10, pairs=3, pairs_max=6)
    rounds = list(measured(nobody, given))
    assert rounds[-1].callers == callers
    assert [each.kind for each in rounds[-6:]] == ["queue", "service"] * 3


def test_who_is_still_there_is_read_from_asterisks_list() -> None:
    listing = (
        "PJSIP/carrier-a-00000003!trunk-call!s!5!Up!Stasis!acd,call!02160100002!!!3!9!hl-hold!n1-8\n"
        "Announcer/ARI_MOH-00000001;1!default!s!1!Up!(None)!!!!!3!10!!n1-1\n"
        "PJSIP/carrier-a-00000001!trunk-call!s!5!Up!Stasis!acd,call!02160100000!!!3!9!hl-hold!n1-6\n"
    )
    assert music.callers_in(listing) == [0, 2]
    assert music.callers_in("") == []
