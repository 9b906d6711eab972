"""Two endpoints on the loopback: time is handed in, so nothing waits."""

import json
from collections.abc import Iterator

import pytest

from acd.proof import rtp
from acd.proof.rtp import PortTaken, RtpEndpoint, open_endpoints
from acd.proof.tone import TONES_HZ


@pytest.fixture
def pair() -> Iterator[tuple[RtpEndpoint, RtpEndpoint]]:
    left, right = open_endpoints("127.0.0.1", 2)
    yield left, right
    left.close()
    right.close()


def talk(left: RtpEndpoint, right: RtpEndpoint, *, from_ms: float, to_ms: float) -> None:
    now_ms = from_ms
    while now_ms < to_ms:
        for endpoint in (left, right):
            endpoint.speak_until(now_ms)
        for endpoint in (left, right):
            endpoint.receive(now_ms)
        now_ms += 20


def test_each_hears_the_others_tone_and_only_that(pair: tuple[RtpEndpoint, RtpEndpoint]) -> None:
    left, right = pair
    by_left, by_right = left.record(0), right.record(0)
    left.speak((right.host, right.port), 340, 0)
    right.speak((left.host, left.port), 320, 0)
    talk(left, right, from_ms=0, to_ms=2000)
    for recording, expected in ((by_left, 320), (by_right, 340)):
        heard = recording.heard(TONES_HZ)
        assert list(heard.tones) == [expected]
        assert (heard.tones[expected].seconds, heard.lost) == (2.0, 0)


def test_a_late_owner_catches_up_with_steady_timestamps(
    pair: tuple[RtpEndpoint, RtpEndpoint],
) -> None:
    left, right = pair
    recording = right.record(0)
    left.speak((right.host, right.port), 1000, 0)
    left.speak_until(0)
    left.speak_until(380)
    right.receive(380)
    heard = recording.heard()
    assert (heard.packets, heard.lost, heard.tones[1000].seconds) == (20, 0, 0.4)


def test_keys_replace_the_tone_and_end_three_times(pair: tuple[RtpEndpoint, RtpEndpoint]) -> None:
    left, right = pair
    recording = right.record(0)
    left.speak((right.host, right.port), 1000, 0)
    left.dial("*6", tone_ms=60, pause_ms=40)
    talk(left, right, from_ms=0, to_ms=1000)
    events = [packet for packet in recording.packets if packet.payload_type == 101]
    digits = [(packet.payload[0], bool(packet.payload[1] & 0x80)) for packet in events]
    assert digits == [(10, False)] * 3 + [(10, True)] * 3 + [(6, False)] * 3 + [(6, True)] * 3
    # RFC 4733: one timestamp per event, and a duration that grows.
    assert len({packet.timestamp for packet in events[:6]}) == 1
    assert [int.from_bytes(packet.payload[2:]) for packet in events[:3]] == [160, 320, 480]
    heard = recording.heard()
    assert (heard.lost, heard.other_packets) == (0, 12)


def test_a_key_is_never_torn_apart(pair: tuple[RtpEndpoint, RtpEndpoint]) -> None:
    """However late its owner comes: Asterisk would take the second half for another key."""
    left, right = pair
    recording = right.record(0)
    left.speak((right.host, right.port), 1000, 0)
    left.dial("9", tone_ms=80, pause_ms=0)
    left.speak_until(0)
    right.receive(0)
    assert [packet.payload_type for packet in recording.packets] == [101] * 7
    left.speak_until(139)
    left.speak_until(140)
    right.receive(140)
    first, *_, tone = recording.packets
    assert len(recording.packets) == 8, "the tone begins when the key's time is over"
    assert tone.timestamp - first.timestamp == 7 * 160


def test_an_unknown_key_is_refused(pair: tuple[RtpEndpoint, RtpEndpoint]) -> None:
    with pytest.raises(ValueError, match="'x'"):
        pair[0].dial("1x")


def test_rtcp_and_rubbish_are_not_recorded(pair: tuple[RtpEndpoint, RtpEndpoint]) -> None:
    left, right = pair
    recording = right.record(0)
    for data in (b"", b"\x80", b"\x80\xc8" + bytes(26), b"\x00\x08" + bytes(30)):
        left.socket.sendto(data, (right.host, right.port))
    right.receive(0)
    assert recording.packets == []


def test_without_a_recording_what_arrives_is_thrown_away(
    pair: tuple[RtpEndpoint, RtpEndpoint],
) -> None:
    left, right = pair
    left.speak((right.host, right.port), 1000, 0)
    left.speak_until(200)
    right.receive(200)
    recording = right.record(200)
    right.receive(200)
    assert recording.packets == []


def test_the_end_of_a_call_that_is_told_late_does_not_touch_the_next(
    pair: tuple[RtpEndpoint, RtpEndpoint],
) -> None:
    left, right = pair
    ended = right.record(0)
    begun = right.record(100)
    right.speak((left.host, left.port), 320, 100)
    right.stop(ended)
    left.speak((right.host, right.port), 1000, 100)
    talk(left, right, from_ms=100, to_ms=200)
    assert (right.sent, len(begun.packets)) == (5, 5), "the next call goes on"
    right.stop(begun)
    talk(left, right, from_ms=200, to_ms=300)
    assert (right.sent, len(begun.packets)) == (5, 5)


def test_ports_in_use_are_left_out_and_a_full_range_is_named() -> None:
    (taken,) = open_endpoints("127.0.0.1", 1)
    try:
        (free,) = open_endpoints("127.0.0.1", 1, port_min=taken.port)
        free.close()
        assert free.port != taken.port
        assert free.port % 2 == 0
        with pytest.raises(PortTaken, match="only 0 of 1 RTP ports"):
            open_endpoints("127.0.0.1", 1, port_min=taken.port, port_max=taken.port)
    finally:
        taken.close()


def test_one_endpoint_alone_reports_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert rtp.main(["--seconds", "0.05"]) == 0
    assert json.loads(capsys.readouterr().out)["packets"] == 0
