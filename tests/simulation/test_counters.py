"""Counters pass 2^31 and 2^32 without anybody noticing (field note 21: a counter at its cap once
stopped a switch silently, and 6,600 calls were lost)."""

import pytest

from acd.core.codec import Frame, decode_header, encode_frame, encode_header, last_frame
from acd.core.events import TimePassed
from acd.core.ids import CallId
from acd.simulation.storm import Storm
from tests.runtime.test_journal import HEADER
from tests.runtime.test_stream import stream_of, taken, tell

CAPS = (2**31, 2**32, 2**53)
"""int32, uint32, and what a double in a browser counts to exactly."""


@pytest.mark.parametrize("cap", CAPS[:2])
@pytest.mark.parametrize("seed", [3, 5])
def test_a_storm_in_which_every_counter_of_the_core_passes_its_cap(seed: int, cap: int) -> None:
    """Intrado, 2014: one counter reached its cap, and routing stopped in silence.  Here ids of
    calls, legs, offers, rooms, cases, and what decides between equals: no promise is broken while
    they pass, and afterwards nobody is forgotten."""
    storm = Storm(seed)
    numbers = storm.watched.core.state._numbers
    before = dict(numbers)
    for kind, number in before.items():
        numbers[kind] = cap - 5 + number
    storm.run()
    passed = [kind for kind in before if numbers[kind] > cap]
    assert {"call", "leg"} <= set(passed), numbers
    assert storm.happened["call"] > 5
    called = [call for call in storm._calls if int(CallId(call).rpartition("-")[2]) > cap]
    assert called, "calls have ids beyond the cap"


async def test_the_numbers_of_the_stream_pass_and_a_reader_goes_on_behind_them() -> None:
    for cap in CAPS:
        stream = stream_of()
        stream.past.passed = cap - 2
        tell(stream, 1, 2, 3, 4)
        reader = stream.read(epoch=7, after=cap - 1)
        assert taken(await reader.next()) == [(cap, 2), (cap + 1, 3), (cap + 2, 4)]


def test_the_frames_of_a_journal_have_numbers_beyond_every_cap() -> None:
    for cap in CAPS:
        start = encode_header(HEADER)
        frame = Frame(cap + 1, cap * 1000, TimePassed(), b"digest")
        data = start + encode_frame(frame)
        _, begin = decode_header(memoryview(data))
        assert last_frame(memoryview(data), begin) == frame
