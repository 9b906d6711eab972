"""A terminal from which sound comes: A-law packets, one each 20 ms, until told otherwise."""

import asyncio

import numpy as np
from numpy.typing import NDArray

from acd.proof.tone import ALAW_TO_LINEAR
from tests.switch.alongside import Alongside
from tests.switch.sip import Call

FRAME_S = 0.02
SAMPLES = 160
QUIET = b"\xd5" * SAMPLES
"""What a telephone sends of a silent room."""

_ORDER = np.argsort(ALAW_TO_LINEAR)
_VALUES = np.array(ALAW_TO_LINEAR)[_ORDER]
_EDGES = (_VALUES[1:] + _VALUES[:-1]) / 2


def alaw(sound: NDArray[np.float64]) -> list[bytes]:
    """Frames of a sound whose full scale is 1; the end of it that fills no frame is left out."""
    codes = _ORDER[np.searchsorted(_EDGES, np.clip(sound, -1, 1) * 32_767)].astype(np.uint8)
    return [codes[n : n + SAMPLES].tobytes() for n in range(0, len(codes) - SAMPLES + 1, SAMPLES)]


class Sounding(Alongside):
    """Sends frames on a call while it is open: those of ``play`` once, else ``idle``, which is
    None for a telephone that sends nothing then."""

    def __init__(self, call: Call, *, idle: bytes | None = QUIET) -> None:
        self._call = call
        self._frames: list[bytes] = []
        self.idle = idle

    def play(self, frames: list[bytes]) -> None:
        """Send these from now on, to their end."""
        self._frames = list(frames)

    async def go_on(self) -> None:
        loop = asyncio.get_running_loop()
        begun, number = loop.time(), 0
        self._call.audio.begin()
        while not self._call.ended:
            frame = self._frames.pop(0) if self._frames else self.idle
            if frame is not None:
                self._call.audio.send(frame, to=self._call.media_port, number=number)
            number += 1
            await asyncio.sleep(max(begun + number * FRAME_S - loop.time(), 0))
