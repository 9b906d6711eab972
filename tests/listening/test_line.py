"""One leg's two copies: they are paired, a change is told once, and no RTP is told from silence."""

import numpy as np

from acd.core.events import Heard
from acd.listening.ear import HOP_SAMPLES, Ear
from acd.listening.features import Floats
from acd.listening.line import BACKLOG_BYTES_MAX, HOP_BYTES, Line

QUIET = np.full(HOP_SAMPLES, 8, dtype="<i2").tobytes()
LOUD = np.random.default_rng(1).integers(-3000, 3000, HOP_SAMPLES, dtype=np.int16).tobytes()


def nobody(numbers: Floats) -> float:
    del numbers
    return -1.0


class Told:
    """What a line has told, and what it was answered."""

    def __init__(self) -> None:
        self.labels: list[Heard] = []
        self.asked = 0
        self.dropped = 0
        self.line = Line(
            Ear(nobody),
            changed=self.labels.append,
            ask=self._ask,
            dropped=self._drop,
        )

    def _ask(self) -> None:
        self.asked += 1

    def _drop(self) -> None:
        self.dropped += 1

    def hop(self, near: bytes, count: int = 1) -> None:
        for _ in range(count):
            self.line.audio("in", near)
            self.line.audio("out", bytes(HOP_BYTES))


def test_each_change_is_told_once() -> None:
    told = Told()
    told.hop(QUIET, 4)
    told.hop(LOUD, 12)
    told.hop(QUIET, 12)
    assert told.labels == [Heard.SILENCE, Heard.SOUND, Heard.SILENCE]


def test_packets_that_stand_still_are_no_rtp_until_sound_comes_or_they_move() -> None:
    """Asterisk fills in silence where nothing comes: only the count of packets tells."""
    told = Told()
    told.hop(bytes(HOP_BYTES), 4)
    assert told.asked == 1
    told.line.packets(100)
    told.hop(bytes(HOP_BYTES), 4)
    assert told.asked == 2
    told.line.packets(100)
    told.hop(bytes(HOP_BYTES))
    assert told.labels == [Heard.SILENCE, Heard.NO_RTP]
    told.line.packets(150)
    told.hop(QUIET)
    assert told.labels[-1:] == [Heard.SILENCE]
    told.hop(LOUD, 8)
    assert told.labels[-1:] == [Heard.SOUND]
    told.hop(QUIET)
    told.line.packets(150)
    assert told.labels[-1:] == [Heard.SOUND]  # one count is no comparison


def test_sound_makes_nobody_ask() -> None:
    told = Told()
    told.hop(LOUD, 20)
    assert told.asked == 0


def test_a_copy_that_runs_ahead_of_the_other_is_cut_and_that_is_counted() -> None:
    told = Told()
    told.line.audio("in", bytes(BACKLOG_BYTES_MAX + 320))
    assert told.dropped == 1
    told.line.audio("out", bytes(HOP_BYTES))
    assert told.labels == [Heard.SILENCE]  # what is judged is the newest


def test_pieces_of_any_size_are_put_together() -> None:
    told = Told()
    for at in range(0, len(LOUD), 100):
        told.line.audio("in", LOUD[at : at + 100])
    told.line.audio("out", bytes(HOP_BYTES))
    assert len(told.labels) == 1
