"""A real softphone (PJSIP) in a test's hand, and what its recordings hold."""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self, TypeVar

import numpy as np

from acd.proof.softphone import PROGRAM, read_wav, write_tone
from acd.proof.tone import (
    SAMPLE_RATE_HZ,
    SILENCE_DBFS,
    TONES_HZ,
    WINDOW_SAMPLES,
    level_dbfs,
    tones_in,
)

WAIT_S = 60.0
LEAVE_S = 20.0
RTP_PORT_MIN, RTP_PORTS = 30_000, 100
"""Above the switch's own ports and those of the proof's endpoints."""
SMEAR_S = 0.3
"""Three windows, as in the proof's toolkit."""
SPEECH_CHUNK = SAMPLE_RATE_HZ // 4
SPEECH_LIKENESS_MIN = 0.8

T = TypeVar("T")
Event = dict[str, Any]


class Recording:
    """What a phone heard during one call."""

    def __init__(self, path: Path) -> None:
        self.samples = read_wav(path)
        self.tones: dict[int, float] = {}
        """Seconds of each tone of the proof's toolkit."""
        self.loud_s = 0.0
        """Seconds above silence, whatever they hold."""
        found: tuple[int, ...] = ()
        for at in range(0, len(self.samples) - WINDOW_SAMPLES + 1, WINDOW_SAMPLES):
            window = self.samples[at : at + WINDOW_SAMPLES]
            energy = float(sum(sample * sample for sample in window))
            if level_dbfs(energy, WINDOW_SAMPLES) < SILENCE_DBFS:
                continue
            self.loud_s += WINDOW_SAMPLES / SAMPLE_RATE_HZ
            present = tones_in(window, TONES_HZ, found)
            for hz in present:
                self.tones[hz] = self.tones.get(hz, 0.0) + WINDOW_SAMPLES / SAMPLE_RATE_HZ
            found = tuple(present) or found

    def seconds_of(self, frequency_hz: int) -> float:
        """How long this tone was heard."""
        return self.tones.get(frequency_hz, 0.0)

    def foreign_hz(self, own_hz: int) -> list[int]:
        """Other tones, heard for longer than a cut in a tone can smear."""
        return [hz for hz, seconds in self.tones.items() if hz != own_hz and seconds >= SMEAR_S]

    def likeness(self, spoken: Path) -> float:
        """The share of this spoken WAV file, 0 to 1, that is found in what was heard.

        Piece by piece, a quarter of a second each, because a jitter buffer may stretch the pauses;
        a piece is found where it correlates with what was heard.
        """
        heard = np.asarray(self.samples, dtype=np.float64)
        wanted = np.asarray(read_wav(spoken), dtype=np.float64)
        pieces = [
            piece
            for at in range(0, len(wanted) - SPEECH_CHUNK + 1, SPEECH_CHUNK)
            if level_dbfs(float(np.sum((piece := wanted[at : at + SPEECH_CHUNK]) ** 2)), len(piece))
            >= SILENCE_DBFS
        ]
        assert pieces, f"{spoken} is silent"
        if len(heard) < SPEECH_CHUNK:
            return 0.0
        energy = np.convolve(heard**2, np.ones(SPEECH_CHUNK), "valid")
        found = 0
        for piece in pieces:
            product = np.correlate(heard, piece, "valid")
            scale = np.sqrt(np.maximum(energy, 1.0) * np.sum(piece**2))
            found += bool(np.max(product / scale) >= SPEECH_LIKENESS_MIN)
        return found / len(pieces)


class SoftCall:
    """One call of a softphone."""

    def __init__(self, phone: Softphone, number: int) -> None:
        self.phone = phone
        self.number = number
        self.remote = ""
        """The far end's address as the phone shows it."""
        self.state = ""
        self.code = 0
        """The last reply's."""
        self.at_ms: dict[str, float] = {}
        """When each state began, epoch ms."""
        self.hears = False
        self.path: Path | None = None
        self.taken = False

    @property
    def caller(self) -> str:
        """The number of the far end that the phone shows."""
        found = re.search(r"sips?:([^@>;]*)@", self.remote)
        return found[1] if found else ""

    @property
    def talk_ms(self) -> float:
        """From the answer to the end."""
        return self.at_ms["DISCONNECTED"] - self.at_ms["CONFIRMED"]

    async def answer(self) -> Self:
        """Take it, and wait until there is audio."""
        self.phone.order("answer", call=self.number)
        return await self.talks()

    async def talks(self) -> Self:
        """Wait until it is answered and there is audio."""
        await self.phone.until(
            lambda: self.state == "CONFIRMED" and self.hears, f"call {self.number} to be answered"
        )
        return self

    def press(self, digits: str) -> None:
        """Press keys."""
        self.phone.order("press", call=self.number, digits=digits)

    def hold(self) -> None:
        """Hold it by the phone's own key: a re-INVITE."""
        self.phone.order("hold", call=self.number)

    def unhold(self) -> None:
        """Take it off hold."""
        self.phone.order("unhold", call=self.number)

    def refer(self, number: str) -> None:
        """Transfer it by the phone's own key: a REFER."""
        self.phone.order("refer", call=self.number, to=f"sip:{number}@{self.phone.server}")

    def join(self, other: SoftCall) -> None:
        """Transfer it to the far end of another call of this phone, by the phone's own key."""
        self.phone.order("join", call=self.number, other=other.number)

    async def reject(self, code: int) -> None:
        """Refuse it."""
        self.phone.order("hang_up", call=self.number, code=code)
        await self.over()

    async def hang_up(self) -> None:
        """End it."""
        self.phone.order("hang_up", call=self.number)
        await self.over()

    async def over(self, seconds: float = WAIT_S) -> Self:
        """Wait until it has ended."""
        await self.phone.until(
            lambda: self.state == "DISCONNECTED", f"call {self.number} to end", seconds
        )
        return self

    async def recording(self) -> Recording:
        """What was heard, once the call is over and the file is closed."""
        path = await self.phone.until(lambda: self.path, f"the recording of call {self.number}")
        return await asyncio.to_thread(Recording, path)


class Softphone:
    """One phone, in its own process."""

    def __init__(self, process: asyncio.subprocess.Process, server: str, tone_hz: int) -> None:
        self.process = process
        self.server = server
        self.tone_hz = tone_hz
        """What it says."""
        self.events: list[Event] = []
        self.calls: list[SoftCall] = []
        self.registered = False
        self._pid = 0
        self._changed = asyncio.Event()
        self._reader = asyncio.create_task(self._read())

    @classmethod
    async def start(cls, folder: Path, *, index: int, tone_hz: int, server: str) -> Self:
        """Start the ``index``-th phone of a test; ``server`` is the switch's ADDRESS:PORT."""
        say = write_tone(folder / f"say-{tone_hz}.wav", tone_hz)
        with (folder / "phone.log").open("wb") as log:
            process = await asyncio.create_subprocess_exec(
                sys.executable, str(PROGRAM), "--say", str(say), "--folder", str(folder),
                "--rtp-port", str(RTP_PORT_MIN + index * RTP_PORTS),
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=log,
            )  # fmt: skip
        phone = cls(process, server, tone_hz)
        started = await phone.event("started")
        phone._pid = started["pid"]
        return phone

    async def register(self, user: str, password: str) -> int:
        """Register; the registrar's final reply."""
        seen = len(self.events)
        self.order("register", user=user, password=password, server=self.server)
        answer = await self.event("registration", seen)
        return int(answer["code"])

    def call_from(self, number: str) -> None:
        """Be a caller's telephone of this number, beyond the trunk."""
        self.order("call_from", user=number, server=self.server)

    async def dial(self, number: str) -> SoftCall:
        """Call a number."""
        seen = len(self.events)
        self.order("dial", to=f"sip:{number}@{self.server}")
        dialled = await self.event("dialled", seen)
        call = self.calls[dialled["call"]]
        call.taken = True
        return call

    async def rung(self, seconds: float = WAIT_S) -> SoftCall:
        """The next call that rings here."""
        call = await self.until(
            lambda: next((call for call in self.calls if not call.taken), None),
            "the phone to be rung",
            seconds,
        )
        call.taken = True
        return call

    def kill(self) -> None:
        """SIGKILL: the phone is gone, without a word to anybody."""
        self.process.kill()

    async def close(self) -> None:
        """Let it hang up and give its registration back; kill one that does not end."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        try:
            await asyncio.wait_for(self.process.wait(), LEAVE_S)
        except TimeoutError:
            self.process.kill()
            await self.process.wait()
        await self._reader

    def order(self, what: str, **details: Any) -> None:
        """Tell the phone to do something."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"do": what, **details}).encode() + b"\n")

    async def event(self, name: str, since: int = 0) -> Event:
        """The first event of that name behind so many."""
        return await self.until(
            lambda: next((one for one in self.events[since:] if one["event"] == name), None),
            f"the phone's event {name!r}",
        )

    async def until(self, look: Callable[[], T | None], what: str, seconds: float = WAIT_S) -> T:
        """Look after each event until there is something; return it.  Fails with ``what``."""
        end = time.monotonic() + seconds
        while not (found := look()):
            left = end - time.monotonic()
            self._changed.clear()
            try:
                await asyncio.wait_for(self._changed.wait(), max(left, 0.001))
            except TimeoutError:
                raise AssertionError(
                    f"waited {seconds:g} s in vain for {what}; the phone said {self.events}"
                ) from None
            if self._reader.done():
                self._reader.result()
                assert look(), (
                    f"the phone, which waited for {what}, has ended; it said {self.events}"
                )
        return found

    async def _read(self) -> None:
        assert self.process.stdout is not None
        try:
            async for line in self.process.stdout:
                self._take(json.loads(line))
        finally:
            self._changed.set()

    def _take(self, event: Event) -> None:
        self.events.append(event)
        match event["event"]:
            case "registration":
                self.registered = event["registered"]
            case "rung" | "dialled":
                call = SoftCall(self, event["call"])
                call.remote = event.get("remote", "")
                self.calls.append(call)
            case "call":
                call = self.calls[event["call"]]
                call.state, call.code = event["state"], event["code"]
                call.remote = event["remote"] or call.remote
                call.at_ms.setdefault(call.state, event["at_ms"])
            case "audio":
                self.calls[event["call"]].hears = True
            case "recorded":
                self.calls[event["call"]].path = Path(event["path"])
        self._changed.set()
