"""What was heard, moment by moment: tones, breaks and silence, by the stream's own clock."""

import pytest

from acd.proof.hearing import Sound, of_robot, of_samples
from acd.proof.rtp import Recording
from acd.proof.tone import ALAW_TO_LINEAR, PCMA, Packet, tone_frames

BEGAN_MS = 1_800_000_000_000.0
FRAMES = tone_frames(1_060)
QUIET = b"\xd5" * 160


def packet(n: int, payload: bytes, *, late_ms: float = 0.0, ssrc: int = 1) -> Packet:
    return Packet(BEGAN_MS + n * 20 + late_ms, ssrc, n, n * 160, PCMA, payload)


def sound(packets: list[Packet]) -> Sound:
    return of_robot(Recording(BEGAN_MS, packets))


def tone(n: int) -> bytes:
    return FRAMES[n % len(FRAMES)]


def test_a_break_is_as_long_as_it_is_and_a_late_receiver_makes_none() -> None:
    """Half a second of tone, a tenth without, half a second; all of the second half was received
    in one breath, 300 ms late."""
    packets = [packet(n, QUIET if 25 <= n < 30 else tone(n)) for n in range(30)]
    packets += [packet(n, tone(n), late_ms=(54 - n) * 20 + 300) for n in range(30, 55)]
    heard = sound(packets)
    end_ms = BEGAN_MS + 55 * 20
    assert heard.gap_ms(1_060, BEGAN_MS, end_ms) == pytest.approx(100)
    assert heard.silence_ms(BEGAN_MS, end_ms) == pytest.approx(100)
    assert heard.seconds_of(1_060, BEGAN_MS, end_ms) == pytest.approx(1.0)
    assert heard.gap_ms(1_400, BEGAN_MS, end_ms) == pytest.approx(1_100)


def test_what_was_not_received_is_silence_and_so_are_the_ends() -> None:
    heard = sound([packet(n, tone(n)) for n in (*range(10, 20), *range(40, 50))])
    assert heard.silence_ms(BEGAN_MS, BEGAN_MS + 1_000) == pytest.approx(400)
    assert heard.silence_ms(BEGAN_MS - 600, BEGAN_MS + 1_000) == pytest.approx(800)
    assert heard.silence_ms(BEGAN_MS, BEGAN_MS + 2_000) == pytest.approx(1_000)


def test_each_stream_has_a_clock_of_its_own() -> None:
    """A switch may begin anew when it joins others: no break comes of that."""
    packets = [packet(n, tone(n)) for n in range(10)]
    packets += [
        Packet(BEGAN_MS + n * 20, 2, 7, 9_000_000 + n * 160, PCMA, tone(n)) for n in range(10, 20)
    ]
    assert sound(packets).gap_ms(1_060, BEGAN_MS, BEGAN_MS + 400) == pytest.approx(0)


def test_two_tones_are_told_apart_in_a_mix() -> None:
    other = tone_frames(1_400)
    samples = [
        (ALAW_TO_LINEAR[a] + ALAW_TO_LINEAR[b]) // 2
        for n in range(50)
        for a, b in zip(tone(n), other[n % len(other)], strict=True)
    ]
    heard = of_samples(samples, BEGAN_MS)
    for hz, seconds in ((1_060, 1.0), (1_400, 1.0), (1_720, 0.0)):
        assert heard.seconds_of(hz, BEGAN_MS, BEGAN_MS + 1_000) == pytest.approx(seconds)
