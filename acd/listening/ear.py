"""An ear on one leg: audio in, what the leg gives out.

Both directions are listened to.  What we send to a hands-free telephone comes back to us, so a
frame that could be our own echo, by its level and its time, counts for nothing: neither as speech
nor as sound nor as the leg's own noise.  How much a leg gives back is learnt from the leg.  A frame
in which nothing has come does not count either.

Of the frames that count, the newest second and a half is looked at three times a second.  It is
speech when it stands out from what was to be heard before, as somebody near the telephone does and
a television across the room does not, and when the model (``acd.listening.model``) finds in it the
ways of speech: three times in a row, twice beyond doubt, or once beyond all doubt.  The less it
stands out, the more it must sound like speech.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from acd.core.events import Heard
from acd.listening.features import (
    FLOOR_DBFS,
    Floats,
    Frames,
    Meter,
    above_before,
    describe,
    full_scale,
    levels,
)
from acd.listening.frames import FRAME_SAMPLES

Samples = NDArray[np.int16]
Judge = Callable[[Floats], float]
"""Numbers to the odds (log) over what is asked."""

HOP_FRAMES = 15
HOP_SAMPLES = HOP_FRAMES * FRAME_SAMPLES
SEGMENT_FRAMES = 75
SEGMENT_FRAMES_MIN = 25
"""Half a second, a short word: shorter sounds have no ways."""
HISTORY_FRAMES = 500
"""Ten seconds: the leg's own noise is the quiet of these, its background the loud of these."""

NOTHING = 8
"""Samples of G.711's silence, and what Asterisk puts in where no packet came: a lost one, or one
that a telephone with discontinuous transmission did not send.  Such frames tell nothing."""

ECHO_FRAMES = 75
ECHO_HOLD_FRAMES = 25
"""An echo is back within half a second: the network both ways, and the terminal's own buffer."""
ECHO_DECAY_DB = 1.2
"""Per frame after that: a room that rings for a second (RT60)."""
ECHO_MARGIN_DB = 4.0
ECHO_TELLING_DBFS = -40.0
"""What we send at this level or above shows how much of it the leg gives back …"""
ECHO_LEARN_FRAMES = 200
ECHO_LEARN_FRAMES_MIN = 40
"""… in so many frames; before, it is taken to give back all."""
_ECHO_LOSS = ECHO_DECAY_DB * np.clip(
    np.arange(ECHO_FRAMES - 1, -1, -1, dtype=np.float32) - ECHO_HOLD_FRAMES, 0, None
)
"""How much of the level of each frame sent, the oldest first, is not to be expected back by now."""

ABOVE_BEFORE_DB = 6.0
"""Near speech is 10 dB and more above a television: what is not so much louder than what was to be
heard all along is not near (E33, T28)."""
NEAR_DB = 10.0
FAINT_PER_DB = 2.0
"""What stands out by less than ``NEAR_DB`` must sound the more like speech, by so much for each dB
less: it is mostly a television in a louder moment."""
IDLE_HOPS = 4
"""So long without a frame that counts, what comes next is looked at by itself."""
CERTAIN = (5.0, 2.0, 0.0)
"""How far above the threshold one look must be, or each of two in a row, or of three: a short word
gets no third, and a television that sounds near does so for a moment."""
STRANGE_HOPS = 8
STRANGE = 3.0
"""In the first 2.4 s of a leg a look must be so much higher: there is little to compare it with,
and a television that has been on all along is as new as a word."""
HOLD_HOPS = 4
"""A label lasts for 1.2 s after its last reason: people draw breath."""
SOUND_ABOVE_DB = 6.0
SOUND_DBFS = -50.0


class Ear:
    """Judges one leg: ``judge`` tells by how much what ``describe`` has measured is near speech;
    above 0 it is."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self._near = Meter()
        self._sent = np.full(ECHO_FRAMES - 1, FLOOR_DBFS, dtype=np.float32)
        self._back = np.empty(0, dtype=np.float32)
        self._all_levels = np.empty(0, dtype=np.float32)
        self._heard = self._near.measure(np.empty(0, dtype=np.int16))
        self._of_speech = np.empty(0, dtype=np.bool_)
        self._segment_frames = 0
        self._looks: list[float] = []
        self._hops = 0
        self._idle_hops = 0
        self._speech_hops = 0
        self._sound_hops = 0

    def hear(self, near: Samples, sent: Samples) -> Heard:
        """Take in ``HOP_SAMPLES`` of what comes from the leg and of what goes to it at the same
        time; return what the leg gives."""
        frames = self._near.measure(near)
        came = np.abs(near.reshape(-1, FRAME_SAMPLES)).max(axis=1) > NOTHING
        # An echo comes on top of the leg's own noise: the quiet of all frames is that noise.
        self._all_levels = np.concatenate((self._all_levels, frames.level[came]))[-HISTORY_FRAMES:]
        self._keep(frames, came & ~self._could_be_echo(frames.level, sent))
        self._hops += 1
        return self._label()

    def _keep(self, frames: Frames, counts: NDArray[np.bool_]) -> None:
        kept = int(counts.sum())
        self._speech_hops = max(self._speech_hops - 1, 0)
        self._sound_hops = max(self._sound_hops - 1, 0)
        if not kept:
            self._looks.clear()
            self._idle_hops += 1
            if self._idle_hops == IDLE_HOPS:
                # What comes next is another sound, and not the end of the last one.
                self._segment_frames = 0
            return
        self._idle_hops = 0
        most = SEGMENT_FRAMES + HISTORY_FRAMES
        self._heard = self._heard.and_then(frames.some(counts)).some(slice(-most, None))
        self._of_speech = np.concatenate((self._of_speech, np.zeros(kept, dtype=np.bool_)))[-most:]
        self._segment_frames = min(self._segment_frames + kept, SEGMENT_FRAMES)
        floor = _share(self._all_levels, 0.1)
        look = self._odds(floor) - strangeness(self._hops)
        self._looks = [*self._looks, look][-len(CERTAIN) :]
        if beyond(self._looks) > 0:
            self._speech_hops = HOLD_HOPS
            # What a person says is no background to the next thing they say.
            self._of_speech[-self._segment_frames :] = True
        if _share(self._heard.level[-50:], 0.8) > min(SOUND_DBFS, floor + SOUND_ABOVE_DB):
            self._sound_hops = HOLD_HOPS

    def _odds(self, floor: float) -> float:
        count = self._segment_frames
        if count < SEGMENT_FRAMES_MIN:
            return -np.inf
        segment = self._heard.some(slice(-count, None))
        if segment.level.max() < floor + SOUND_ABOVE_DB:
            return -np.inf
        unspoken = ~self._of_speech[:-count]
        before = self._heard.level[:-count][unspoken]
        above = above_before(segment.level, before, floor)
        if above < ABOVE_BEFORE_DB:
            return -np.inf
        older = self._heard.some(slice(None, -count)).some(unspoken)
        return self._judge(describe(segment, older, floor)) - faintness(above)

    def _label(self) -> Heard:
        if self._speech_hops:
            return Heard.SPEECH
        return Heard.SOUND if self._sound_hops else Heard.SILENCE

    def _could_be_echo(self, near: Floats, sent: Samples) -> NDArray[np.bool_]:
        """Compare each frame with what could come back now of what was sent."""
        now = levels(full_scale(sent))
        self._sent = np.concatenate((self._sent, now))[1 - ECHO_FRAMES - HOP_FRAMES :]
        expected = (sliding_window_view(self._sent, ECHO_FRAMES) - _ECHO_LOSS).max(axis=1)
        telling = expected > ECHO_TELLING_DBFS
        if telling.any():
            back = np.concatenate((self._back, near[telling] - expected[telling]))
            self._back = back[-ECHO_LEARN_FRAMES:]
        gain = 0.0
        if len(self._back) >= ECHO_LEARN_FRAMES_MIN:
            gain = min(_share(self._back, 0.95), 0.0)
        echo = expected + gain + ECHO_MARGIN_DB
        return np.asarray((expected > FLOOR_DBFS) & (near < echo))


def strangeness(hop: int) -> float:
    """How much higher a look at a leg's hop (the first is 0) must be."""
    return STRANGE if hop < STRANGE_HOPS else 0.0


def faintness(above_db: float) -> float:
    """How much higher a look must be that stands out by so much from what was before."""
    return FAINT_PER_DB * max(NEAR_DB - above_db, 0.0)


def beyond(looks: Sequence[float]) -> float:
    """By how much the newest of these looks, one after the other, are enough for speech."""
    enough = -np.inf
    for count, certain in zip(range(1, len(looks) + 1), CERTAIN, strict=False):
        enough = max(enough, min(looks[-count:]) - certain)
    return enough


def _share(values: Floats, share: float) -> float:
    """The value below which this share of values is."""
    place = min(int(share * len(values)), len(values) - 1)
    return float(np.partition(values, place)[place])
