"""A real softphone (PJSIP) among the robots: a process of its own, led by lines of JSON.

``pjsip`` says what it understands and tells.  It has no sound card: it says a tone, and what it
hears is a WAV file when a call is over.  Without ``pjsua2-python`` (a dependency of the tests)
there is none.
"""

from __future__ import annotations

import importlib.util
import json
import math
import os
import re
import subprocess
import sys
import wave
from array import array
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from acd.proof.phones import Account
from acd.proof.stage import ProofFailure, Stage, Tools
from acd.proof.tone import SAMPLE_RATE_HZ, SEND_AMPLITUDE, WINDOW_SAMPLES

PROGRAM = Path(__file__).with_name("pjsip.py")
TONE_S = 60
RTP_PORT = 30_000
"""Above the switch's own ports and those of the robots."""
LEAVE_S = 6.0


def write_tone(path: Path, frequency_hz: int, seconds: int = TONE_S) -> Path:
    """A pure tone as a WAV file: 8 kHz, 16 bits, mono.  A player that begins again leaves a dip,
    so it should be longer than the call."""
    step = 2 * math.pi * frequency_hz / SAMPLE_RATE_HZ
    # The frequencies repeat every window.
    period = array("h", (round(SEND_AMPLITUDE * math.sin(step * n)) for n in range(WINDOW_SAMPLES)))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE_HZ)
        file.writeframes(period.tobytes() * (seconds * SAMPLE_RATE_HZ // WINDOW_SAMPLES))
    return path


def read_wav(path: Path) -> array[int]:
    """The samples of a WAV file of 8 kHz, 16 bits, mono. Raises ProofFailure for another."""
    with wave.open(str(path)) as file:
        if (file.getframerate(), file.getsampwidth(), file.getnchannels()) != (8000, 2, 1):
            raise ProofFailure(f"{path} is no recording of 8 kHz, 16 bits, mono")
        return array("h", file.readframes(file.getnframes()))


@dataclass(slots=True)
class SoftCall:
    """One call of the softphone, times in epoch ms; None: never."""

    number: int
    """How the phone calls it: 0 is its first."""
    remote: str
    tone_hz: int
    state: str = ""
    """The last one of PJSIP's: EARLY, CONFIRMED, DISCONNECTED."""
    at_ms: dict[str, float] = field(default_factory=dict)
    """When each state began."""
    audio_ms: float | None = None
    """When the recording began."""
    path: Path | None = None
    """The recording, once it is whole."""

    @property
    def caller(self) -> str:
        """The number of the far end as the phone shows it."""
        found = re.search(r"sips?:([^@>;]*)@", self.remote)
        return found[1] if found else ""

    @property
    def talks(self) -> bool:
        return self.state == "CONFIRMED" and self.audio_ms is not None

    @property
    def ended(self) -> bool:
        return self.state == "DISCONNECTED"


class Softphone:
    """One phone on a stage."""

    def __init__(
        self, stage: Stage, tools: Tools, account: Account, *, tone_hz: int, tone_s: int
    ) -> None:
        """Start it; it registers by itself.  ``tone_s`` is longer than its longest call.  Raises
        ProofFailure where PJSIP is not installed."""
        if importlib.util.find_spec("pjsua2") is None:
            raise ProofFailure("there is no PJSIP here: install pjsua2-python (pip, extra dev)")
        self.calls: list[SoftCall] = []
        self.registered = False
        self.tone_hz = tone_hz
        self.user = account.user
        self._stage, self._rest = stage, b""
        folder = tools.folder / f"softphone-{account.user}"
        folder.mkdir()
        say = write_tone(folder / f"say-{tone_hz}.wav", tone_hz, tone_s)
        with (folder / "phone.log").open("wb") as log:
            self._process = subprocess.Popen(
                [
                    sys.executable, str(PROGRAM), "--say", str(say), "--folder", str(folder),
                    "--rtp-port", str(RTP_PORT),
                ],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log,
            )  # fmt: skip
        assert self._process.stdout is not None
        stage.add_reader(self._process.stdout, self._read)
        server = f"{tools.switch.host}:{tools.switch.sip_port}"
        self._order("register", user=account.user, password=account.password, server=server)

    def answer(self, call: SoftCall) -> None:
        """Take a call that rings."""
        self._order("answer", call=call.number)

    def press(self, call: SoftCall, digits: str) -> None:
        """Press keys (RFC 4733)."""
        self._order("press", call=call.number, digits=digits)

    def hang_up(self, call: SoftCall) -> None:
        """End a call."""
        self._order("hang_up", call=call.number)

    def close(self) -> None:
        """Let it hang up and give its registration back; kill one that does not end."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._stage.run(lambda: self._process.poll() is not None, LEAVE_S)
        self._stage.remove_reader(self._process.stdout)
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        self._process.stdout.close()

    def _order(self, what: str, **details: Any) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": what, **details}).encode() + b"\n")
        self._process.stdin.flush()

    def _read(self) -> None:
        assert self._process.stdout is not None
        data = os.read(self._process.stdout.fileno(), 65_536)
        if not data:
            self._stage.remove_reader(self._process.stdout)
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._take(json.loads(line))

    def _take(self, event: dict[str, Any]) -> None:
        match event["event"]:
            case "registration":
                self.registered = event["registered"]
            case "rung" | "dialled":
                self.calls.append(SoftCall(event["call"], event.get("remote", ""), self.tone_hz))
            case "call":
                call = self.calls[event["call"]]
                call.state = event["state"]
                call.remote = event["remote"] or call.remote
                call.at_ms.setdefault(call.state, event["at_ms"])
            case "audio":
                self.calls[event["call"]].audio_ms = event["at_ms"]
            case "recorded":
                self.calls[event["call"]].path = Path(event["path"])
            case _:
                pass
