"""One leg that is listened to: two copies of its audio, side by side, and an ear on them."""

from collections.abc import Callable

import numpy as np

from acd.core.events import Heard
from acd.listening.ear import HOP_SAMPLES, Ear

HOP_BYTES = 2 * HOP_SAMPLES
BACKLOG_BYTES_MAX = 7 * HOP_BYTES
"""Two seconds.  A copy that runs so far ahead of the other is cut, and that is counted: what is
judged must be of now."""
ZERO_MAX = 8
"""What G.711 makes of silence, at most; Asterisk fills in zero where no packet comes."""
NO_RTP_HOPS = 4
"""After a second of nothing at all it is asked whether packets come, and again each second."""


class Line:
    """Takes both copies in and tells each change by ``changed``; ``ask`` is called when only
    Asterisk can say whether packets come, and ``packets`` takes its answer."""

    def __init__(
        self,
        ear: Ear,
        *,
        changed: Callable[[Heard], None],
        ask: Callable[[], None],
        dropped: Callable[[], None],
    ) -> None:
        self._ear = ear
        self._changed = changed
        self._ask = ask
        self._dropped = dropped
        self._copies = {"in": bytearray(), "out": bytearray()}
        self._empty_hops = 0
        self._received: int | None = None
        self._no_rtp = False
        self.heard: Heard | None = None
        self.hops = 0
        """How much has been judged: it stands still when a copy has ended without a word."""

    def audio(self, direction: str, samples: bytes) -> None:
        """Take in samples of what comes from the leg (``in``) or goes to it (``out``)."""
        copy = self._copies[direction]
        copy += samples
        near, far = self._copies["in"], self._copies["out"]
        while len(near) >= HOP_BYTES and len(far) >= HOP_BYTES:
            self._judge(bytes(near[:HOP_BYTES]), bytes(far[:HOP_BYTES]))
            del near[:HOP_BYTES], far[:HOP_BYTES]
        if len(copy) > BACKLOG_BYTES_MAX:
            del copy[:-HOP_BYTES]
            self._dropped()

    def packets(self, received: int) -> None:
        """Take in how many packets have come so far: it stands still where none come."""
        self._no_rtp = received == self._received and self._empty_hops > 0
        self._received = received

    def _judge(self, near: bytes, far: bytes) -> None:
        self.hops += 1
        samples = np.frombuffer(near, dtype="<i2")
        heard = self._ear.hear(samples, np.frombuffer(far, dtype="<i2"))
        if np.abs(samples).max() > ZERO_MAX:
            self._empty_hops, self._no_rtp, self._received = 0, False, None
        else:
            self._empty_hops += 1
            if self._empty_hops % NO_RTP_HOPS == 0:
                self._ask()
        if self._no_rtp:
            heard = Heard.NO_RTP
        if heard is not self.heard:
            self.heard = heard
            self._changed(heard)
