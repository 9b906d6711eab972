"""Tones are found when they are there, and only then."""

import math
from collections.abc import Iterable

import pytest

from acd.proof.tone import (
    AGENT_TONES_HZ,
    ALAW_SILENCE,
    ALAW_TO_LINEAR,
    CALLER_TONES_HZ,
    FRAME_SAMPLES,
    PCMA,
    TONES_HZ,
    Packet,
    encode_alaw,
    listen,
    tone_frames,
)

SILENT_FRAME = bytes([ALAW_SILENCE]) * FRAME_SAMPLES


def packets(
    frames: Iterable[bytes], *, start_ms: float = 0.0, first: int = 0, ssrc: int = 1
) -> list[Packet]:
    """Frames as they arrive on a perfect network, 20 ms apart."""
    return [
        Packet(start_ms + 20 * at, ssrc, first + at, FRAME_SAMPLES * (first + at), PCMA, frame)
        for at, frame in enumerate(frames)
    ]


def tone(frequency_hz: int, seconds: float) -> list[bytes]:
    frames = tone_frames(frequency_hz)
    return [frames[at % len(frames)] for at in range(round(seconds * 50))]


def mixed(first: list[bytes], second: list[bytes]) -> list[bytes]:
    """What a mixing room makes of two speakers."""
    return [
        bytes(
            encode_alaw(ALAW_TO_LINEAR[left] + ALAW_TO_LINEAR[right])
            for left, right in zip(one, other, strict=True)
        )
        for one, other in zip(first, second, strict=True)
    ]


def test_alaw_octets_survive_the_way_through_linear_samples() -> None:
    assert [encode_alaw(ALAW_TO_LINEAR[code]) for code in range(256)] == list(range(256))
    assert abs(ALAW_TO_LINEAR[ALAW_SILENCE]) == 8
    assert max(ALAW_TO_LINEAR) == 32256


@pytest.mark.parametrize("frequency_hz", [TONES_HZ[0], 1000, TONES_HZ[-1]])
def test_a_tone_is_found_with_its_length_and_level(frequency_hz: int) -> None:
    heard = listen(packets(tone(frequency_hz, 2.0), start_ms=5000), TONES_HZ)
    assert list(heard.tones) == [frequency_hz]
    found = heard.tones[frequency_hz]
    assert found.seconds == 2.0
    assert (found.first_ms, found.last_ms) == (5000, 5000 + 99 * 20)
    # An amplitude of 8,000 is 15.3 dB below full scale, root mean square.
    assert found.level_dbfs == pytest.approx(-15.3, abs=0.3)
    assert heard.lost == 0


@pytest.mark.parametrize("frequency_hz", TONES_HZ)
def test_no_tone_is_taken_for_another(frequency_hz: int) -> None:
    heard = listen(packets(tone(frequency_hz, 0.3)), TONES_HZ)
    assert list(heard.tones) == [frequency_hz]


def test_agents_and_callers_never_share_a_tone() -> None:
    assert not set(AGENT_TONES_HZ) & set(CALLER_TONES_HZ)
    assert len(AGENT_TONES_HZ) >= 20
    assert len(CALLER_TONES_HZ) >= 100
    # China's ring-back and busy tone.
    assert all(abs(hz - 450) > 20 for hz in TONES_HZ)


def test_silence_holds_no_tone() -> None:
    heard = listen(packets([SILENT_FRAME] * 100), TONES_HZ)
    assert heard.packets == 100
    assert (heard.tones, heard.loud_seconds) == ({}, 0.0)


def test_ring_back_is_loud_but_no_ones_tone() -> None:
    ring_back = [
        bytes(
            encode_alaw(6000 * math.sin(2 * math.pi * 450 * (at * FRAME_SAMPLES + n) / 8000))
            for n in range(FRAME_SAMPLES)
        )
        for at in range(50)
    ]
    heard = listen(packets(ring_back), TONES_HZ)
    assert heard.tones == {}
    assert heard.loud_seconds == 1.0


def test_the_start_is_right_to_one_frame_inside_a_window() -> None:
    heard = listen(packets([SILENT_FRAME] * 7 + tone(1000, 1.0)), TONES_HZ)
    assert heard.tones[1000].first_ms == 140


def test_two_tones_in_a_mixing_room_are_both_found() -> None:
    heard = listen(packets(mixed(tone(340, 1.0), tone(1000, 1.0))), TONES_HZ)
    assert sorted(heard.tones) == [340, 1000]
    assert heard.foreign([1000]) == [340]
    assert heard.foreign([340, 1000]) == []


def test_cross_talk_of_a_third_call_is_detected_after_the_own_tone_was_found() -> None:
    frames = tone(340, 1.0) + mixed(tone(340, 1.0), tone(760, 1.0)) + tone(340, 1.0)
    heard = listen(packets(frames), TONES_HZ)
    assert heard.foreign([340]) == [760]
    assert heard.tones[760].seconds == 1.0
    assert heard.tones[340].seconds == 3.0


def test_a_cut_inside_a_window_is_not_a_foreign_tone() -> None:
    frames = tone(1000, 0.5)[:23] + [SILENT_FRAME] * 4 + tone(1000, 0.5)
    assert listen(packets(frames), TONES_HZ).foreign([1000]) == []


def test_a_gap_shortens_a_tone_and_counts_as_loss() -> None:
    frames = packets(tone(1000, 2.0))
    heard = listen(frames[:50] + frames[60:], TONES_HZ)
    assert heard.lost == 10
    assert list(heard.tones) == [1000]
    assert heard.tones[1000].seconds == pytest.approx(1.8)


def test_a_new_source_is_not_a_loss() -> None:
    before = packets(tone(1000, 1.0))
    after = packets(tone(1000, 1.0), start_ms=1000, first=7000, ssrc=2)
    heard = listen(before + after, TONES_HZ)
    assert (heard.lost, heard.sources, heard.tones[1000].seconds) == (0, 2, 2.0)


def test_sequence_numbers_and_timestamps_wrap_without_loss() -> None:
    wrapping = [
        Packet(
            packet.at_ms, 1, (packet.sequence + 65500) & 0xFFFF,
            (packet.timestamp + 2**32 - 4000) & 0xFFFFFFFF, PCMA, packet.payload,
        )
        for packet in packets(tone(1000, 2.0))
    ]  # fmt: skip
    heard = listen(wrapping, TONES_HZ)
    assert (heard.lost, heard.tones[1000].seconds) == (0, 2.0)


def test_what_is_not_alaw_is_counted_and_not_listened_to() -> None:
    foreign = [
        Packet(packet.at_ms, 1, packet.sequence, packet.timestamp, 0, packet.payload)
        for packet in packets(tone(1000, 1.0))
    ]
    heard = listen(foreign, TONES_HZ)
    assert (heard.packets, heard.other_packets, heard.tones) == (0, 50, {})


@pytest.mark.parametrize("frequency_hz", [0, 333, 4000, -20])
def test_a_tone_that_does_not_repeat_is_refused(frequency_hz: int) -> None:
    with pytest.raises(ValueError, match="does not repeat"):
        tone_frames(frequency_hz)
