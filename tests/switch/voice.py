"""A voice on a line: a tone that goes on, interrupted by keys, as one stream of RTP (RFC 4733)."""

import asyncio

from acd.proof.tone import tone_frames
from tests.switch.alongside import Alongside
from tests.switch.sip import Call

FRAME_S = 0.02
SAMPLES = 160
KEYS = "0123456789*#"
PT_EVENT = 101
SILENCE = (b"\xd5" * SAMPLES,)
KEY_FRAMES, PAUSE_FRAMES = 8, 6


class Voice(Alongside):
    """Speaks on a call for as long as it is open, or sends packets with nothing in them; ``press``
    puts keys into the stream."""

    def __init__(self, call: Call, frequency_hz: int | None) -> None:
        self._call = call
        self._frames = SILENCE if frequency_hz is None else tone_frames(frequency_hz)
        self._keys: list[str] = []
        self._pressed = asyncio.Event()

    async def press(self, keys: str) -> None:
        """Press keys one after the other; return when the last is over."""
        self._pressed.clear()
        self._keys += keys
        await self._pressed.wait()

    async def go_on(self) -> None:
        loop = asyncio.get_running_loop()
        begun, frames = loop.time(), 0
        self._call.audio.begin()
        while not self._call.ended:
            if self._keys:
                # Never to be caught up with: two keys at once would be taken for three.
                begun = loop.time() - frames * FRAME_S
                self._key(KEYS.index(self._keys.pop(0)), frames)
                frames += KEY_FRAMES + 2 + PAUSE_FRAMES
                if not self._keys:
                    loop.call_at(begun + frames * FRAME_S, self._pressed.set)
            else:
                payload = self._frames[frames % len(self._frames)]
                self._send(self._call.phone.payload, payload, frames)
                frames += 1
            await asyncio.sleep(max(begun + frames * FRAME_S - loop.time(), 0))

    def _key(self, code: int, stamp: int) -> None:
        """Send one key: packets of growing length with one time stamp, the end three times; all at
        once, for a busy machine could tear it into two keys (``RtpEndpoint._event``)."""
        for n in range(KEY_FRAMES + 2):
            end = 0x80 if n >= KEY_FRAMES - 1 else 0
            length = min(n + 1, KEY_FRAMES) * SAMPLES
            payload = bytes([code, end | 10]) + length.to_bytes(2, "big")
            self._send(PT_EVENT, payload, stamp)

    def _send(self, kind: int, payload: bytes, stamp: int) -> None:
        if self._call.ended:
            return
        self._call.audio.send_packet(kind, payload, to=self._call.media_port, stamp=stamp)
