"""A softphone as a process of its own: PJSIP, without a sound card, led by lines of JSON.

    python -m acd.proof.pjsip --say TONE.wav --folder FOLDER --rtp-port 30000

An order comes in as one line (``{"do": "dial", "to": "sip:*60@127.0.0.1:5060"}``), and what
happens goes out as one (``{"event": "call", "call": 0, "state": "CONFIRMED", ...}``).  During a
call the phone says TONE.wav, from its start and over again, and writes what it hears into
FOLDER.  The end of the input ends the phone: it hangs up and gives its registration back.

A process holds one phone: PJSIP is one per process, and the wheel allows it four calls.  Everything
happens in the main thread, so that no callback ever meets another.
"""

import argparse
import json
import os
import select
import time
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pjsua2 as pj

LOOK_MS = 10
"""How long an order may wait for PJSIP, and PJSIP for nothing."""
LEAVE_S = 3.0
REAL_TIME_PRIORITY = 1
"""The lowest: Asterisk and the service go first."""
SAMPLE_RATE_HZ = 8000
KEPT_CODEC = "PCMA"
"""As on the trunk: nothing is transcoded on the way."""


# PJSIP prints on the standard output before it can be told not to: that goes to the errors.
_TOLD = os.dup(1)
os.dup2(2, 1)


def tell(event: str, **fields: Any) -> None:
    """One line to whoever leads us; ``at_ms`` is epoch milliseconds."""
    line = json.dumps({"event": event, "at_ms": time.time() * 1000, **fields})
    os.write(_TOLD, line.encode() + b"\n")


class Call(pj.Call):  # type: ignore[misc]
    """One call, ours or theirs."""

    def __init__(self, phone: "Phone", call_id: int = pj.PJSUA_INVALID_ID) -> None:
        super().__init__(phone, call_id)
        self.phone = phone
        self.number = len(phone.calls)
        phone.calls.append(self)
        self.path = phone.folder / f"{phone.name}-{self.number}.wav"
        self.player: Any = None
        self.recorder: Any = None

    def onCallState(self, prm: Any) -> None:  # noqa: N802 - PJSIP's name
        """PJSIP: the call's signalling has moved."""
        info = self.getInfo()
        if info.state == pj.PJSIP_INV_STATE_DISCONNECTED:
            was_recording = self.recorder is not None
            # PJSIP closes the file when the last of its own holds on it goes.
            self.player = self.recorder = None
            if was_recording:
                self.phone.unfinished.append(self)
        tell(
            "call",
            call=self.number,
            state=info.stateText,
            code=info.lastStatusCode,
            remote=info.remoteUri,
        )

    def onCallMediaState(self, prm: Any) -> None:  # noqa: N802 - PJSIP's name
        """PJSIP: there is audio, or other audio than before."""
        if self.recorder is not None or self.getInfo().media.size() == 0:
            return
        audio = self.getAudioMedia(-1)
        self.player = pj.AudioMediaPlayer()
        self.player.createPlayer(str(self.phone.say))
        self.player.startTransmit(audio)
        self.recorder = pj.AudioMediaRecorder()
        self.recorder.createRecorder(str(self.path))
        audio.startTransmit(self.recorder)
        tell("audio", call=self.number)

    @property
    def is_on_disk(self) -> bool:
        """Whether the recording is whole: its header is written when it is closed."""
        try:
            with wave.open(str(self.path)) as file:
                return bool(file.getnframes())
        except (EOFError, wave.Error):
            return False


class Phone(pj.Account):  # type: ignore[misc]
    """The phone's account."""

    def __init__(self, *, say: Path, folder: Path, rtp_port: int) -> None:
        super().__init__()
        self.say, self.folder, self.rtp_port = say, folder, rtp_port
        self.name = "phone"
        self.calls: list[Call] = []
        self.unfinished: list[Call] = []
        self.registered = False

    def register(self, *, user: str, password: str, server: str) -> None:
        """Register with digest authentication; at a ``server`` with ``;transport=tls`` behind it
        by TLS, and with SRTP only."""
        self.name = user
        config = pj.AccountConfig()
        config.idUri = f"sip:{user}@{server.partition(';')[0]}"
        config.regConfig.registrarUri = f"sip:{server}"
        if server.endswith(";transport=tls"):
            transport = pj.TransportConfig()
            transport.boundAddress = "127.0.0.1"
            pj.Endpoint.instance().transportCreate(pj.PJSIP_TRANSPORT_TLS, transport)
            config.mediaConfig.srtpUse = pj.PJMEDIA_SRTP_MANDATORY
            config.mediaConfig.srtpSecureSignaling = 1
        # A refusal is final: no second try of PJSIP's own.
        config.regConfig.retryIntervalSec = 0
        config.regConfig.firstRetryIntervalSec = 0
        config.sipConfig.authCreds.append(pj.AuthCredInfo("digest", "*", user, 0, password))
        self._create(config)

    def call_from(self, *, user: str, server: str) -> None:
        """Be a caller's telephone, beyond the trunk: no registration, a number of its own."""
        self.name = user
        config = pj.AccountConfig()
        config.idUri = f"sip:{user}@{server}"
        self._create(config)

    def _create(self, config: Any) -> None:
        config.mediaConfig.transportConfig.boundAddress = "127.0.0.1"
        config.mediaConfig.transportConfig.port = self.rtp_port
        self.create(config)

    def onRegState(self, prm: Any) -> None:  # noqa: N802 - PJSIP's name
        """PJSIP: the registrar has answered."""
        self.registered = self.getInfo().regIsActive
        tell("registration", code=prm.code, registered=self.registered)

    def onIncomingCall(self, prm: Any) -> None:  # noqa: N802 - PJSIP's name
        """PJSIP: somebody rings."""
        call = Call(self, prm.callId)
        tell("rung", call=call.number, remote=call.getInfo().remoteUri)
        # The two ways in which a phone is asked to pick up by itself.
        asked = any(
            mark in prm.rdata.wholeMsg for mark in ("answer-after=0", "info=alert-autoanswer")
        )
        call.answer(_with_code(200 if asked else 180))

    def dial(self, *, to: str) -> None:
        """Call somebody."""
        call = Call(self)
        tell("dialled", call=call.number)
        call.makeCall(to, pj.CallOpParam(True))

    def answer(self, *, call: int) -> None:
        """Take a call that rings."""
        self.calls[call].answer(_with_code(200))

    def hang_up(self, *, call: int, code: int = 0) -> None:
        """End a call, or refuse it with this code."""
        self.calls[call].hangup(_with_code(code))

    def press(self, *, call: int, digits: str) -> None:
        """Press keys during a call (RFC 4733)."""
        self.calls[call].dialDtmf(digits)

    def hold(self, *, call: int) -> None:
        """Hold a call: a re-INVITE with sendonly."""
        self.calls[call].setHold(pj.CallOpParam(True))

    def unhold(self, *, call: int) -> None:
        """Take a call off hold."""
        again = pj.CallOpParam(True)
        again.opt.flag = pj.PJSUA_CALL_UNHOLD
        self.calls[call].reinvite(again)

    def refer(self, *, call: int, to: str) -> None:
        """Transfer a call without asking first."""
        self.calls[call].xfer(to, pj.CallOpParam(True))

    def join(self, *, call: int, other: int) -> None:
        """Transfer a call to the far end of another: REFER with Replaces."""
        self.calls[call].xferReplaces(self.calls[other], pj.CallOpParam(True))

    def tell_recordings(self) -> None:
        """Tell of recordings that have been closed since."""
        for call in list(self.unfinished):
            if call.is_on_disk:
                self.unfinished.remove(call)
                tell("recorded", call=call.number, path=str(call.path))


def _with_code(code: int) -> Any:
    parameters = pj.CallOpParam()
    parameters.statusCode = code
    return parameters


def _endpoint() -> Any:
    endpoint = pj.Endpoint()
    endpoint.libCreate()
    config = pj.EpConfig()
    config.logConfig.level = config.logConfig.consoleLevel = 0
    config.uaConfig.threadCnt = 0
    config.uaConfig.mainThreadOnly = True
    config.uaConfig.userAgent = "Huling-softphone"
    config.medConfig.clockRate = config.medConfig.sndClockRate = SAMPLE_RATE_HZ
    config.medConfig.noVad = True
    config.medConfig.ecTailLen = 0
    endpoint.libInit(config)
    transport = pj.TransportConfig()
    transport.boundAddress = "127.0.0.1"
    endpoint.transportCreate(pj.PJSIP_TRANSPORT_UDP, transport)
    endpoint.libStart()
    endpoint.audDevManager().setNullDev()
    for codec in endpoint.codecEnum2():
        endpoint.codecSetPriority(codec.codecId, 255 if codec.codecId.startswith(KEPT_CODEC) else 0)
    return endpoint


class _Orders:
    """Lines from the standard input, without ever waiting for one."""

    def __init__(self) -> None:
        self.ended = False
        self._rest = b""

    def read(self) -> list[dict[str, Any]]:
        if self.ended or not select.select([0], [], [], 0)[0]:
            return []
        data = os.read(0, 65536)
        self.ended = not data
        *lines, self._rest = (self._rest + data).split(b"\n")
        return [json.loads(line) for line in lines]


def _go_in_real_time() -> bool:
    """Be as a telephone is, a machine of its own: what else runs here holds up neither its sound
    nor its keys, which Asterisk hears twice when their packets come late.  False without the right
    to that; PJSIP's threads begin later and have what we have."""
    try:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(REAL_TIME_PRIORITY))
    except PermissionError:
        return False
    return True


def main() -> None:
    """Be a phone until the input ends."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--say", type=Path, required=True, help="what the phone says (WAV)")
    parser.add_argument("--folder", type=Path, required=True, help="where recordings go")
    parser.add_argument("--rtp-port", type=int, required=True, help="the first one it may take")
    given = parser.parse_args()
    in_real_time = _go_in_real_time()
    endpoint = _endpoint()
    phone = Phone(say=given.say, folder=given.folder, rtp_port=given.rtp_port)
    can: dict[str, Callable[..., None]] = {
        "register": phone.register,
        "call_from": phone.call_from,
        "dial": phone.dial,
        "answer": phone.answer,
        "hang_up": phone.hang_up,
        "press": phone.press,
        "hold": phone.hold,
        "unhold": phone.unhold,
        "refer": phone.refer,
        "join": phone.join,
    }
    orders = _Orders()
    tell("started", pid=os.getpid(), in_real_time=in_real_time)
    while not orders.ended:
        for order in orders.read():
            try:
                can[order.pop("do")](**order)
            except pj.Error as error:
                tell("failed", why=error.info())
        endpoint.libHandleEvents(LOOK_MS)
        phone.tell_recordings()
    endpoint.hangupAllCalls()
    if phone.registered:
        phone.setRegistration(False)
    end = time.monotonic() + LEAVE_S
    while (phone.registered or phone.unfinished) and time.monotonic() < end:
        endpoint.libHandleEvents(LOOK_MS)
        phone.tell_recordings()
    tell("ended")
    # Python's objects and PJSIP's library end in no agreed order: the process just goes.
    os._exit(0)


if __name__ == "__main__":
    main()
