"""``acd prove``: one synthetic call through real SIP and RTP, and a verdict in one line of JSON.

An agent robot (8099) registers and dials *60; a terminal calls the synthetic entry 95009; the robot
is rung and answers; each side plays its own tone and must find the other's; the terminal hangs up;
the call's row must be there and right, and its recording must hold both tones. Afterwards the robot
logs out (*69) and unregisters. There is one robot, so one proof at a time: another waits its turn.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from acd.proof.load import CallReport, run_calls
from acd.proof.phones import Account
from acd.proof.recorded import missing_from
from acd.proof.records import differences, read_record
from acd.proof.rtp import PortTaken
from acd.proof.sipp import SippError, find_sipp
from acd.proof.stage import ProofFailure, Switch


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofSettings:
    """Which switch to prove, and with whom."""

    credentials: Path
    """JSON object of SIP user to password."""
    api_url: str = "http://127.0.0.1:8080"
    api_token: str | None = None
    switch: Switch = Switch()  # noqa: RUF009 - frozen
    sipp: str | None = None
    """HULING_SIPP; None looks in PATH, then in ``root``."""
    root: Path | None = None
    """A Debian root that has SIPp, when the host has none."""
    agent: str = "8099"
    caller: str = "02160000001"
    entry: str = "95009"
    talk_ms: int = 2000
    answer_timeout_s: float = 20.0
    folder: Path | None = None
    """Keep SIPp's scenarios and logs here."""
    spool: Path | None = None
    """Where Asterisk writes recordings; None: the recording is not looked at."""
    archive: Path | None = None
    """Where the desk keeps them; None: nowhere."""


# Asterisk closes the file a moment after the leg has ended.
_RECORDING_S = 3.0
_LOOK_S = 0.1
_TURN_S = 90.0


@dataclass(slots=True)
class ProofResult:
    """The verdict. Times in ms, by the two SIPp processes' one clock; None: it did not happen."""

    ok: bool = False
    invite_to_ring_ms: float | None = None
    """Terminal's INVITE sent → agent's INVITE received."""
    invite_to_answer_ms: float | None = None
    """Terminal's INVITE sent → first RTP packet with the agent's tone at the terminal (T09)."""
    audio_to_agent: bool = False
    audio_to_terminal: bool = False
    call_id: str | None = None
    record: bool = False
    """The call's row is there and says what happened."""
    recording: bool | None = None
    """Its recording holds both tones (T21); None: not looked at."""
    reason: str | None = None
    """Why not ok, in one sentence; absent from the JSON when ok."""

    def to_json(self) -> str:
        """One line."""
        shown = asdict(self)
        if self.reason is None:
            del shown["reason"]
        return json.dumps(shown, ensure_ascii=False)


def prove(settings: ProofSettings) -> ProofResult:
    """Place the call and judge it. Never raises for what the switch does: the result says it."""
    result = ProofResult()
    user = f"a{settings.agent}"
    try:
        account = Account(user, _password(settings.credentials, user))
        with _in_turn(settings.credentials.with_name("proof.lock")):
            (report,) = run_calls(
                1, 20.0, settings.talk_ms, [account],
                sipp=find_sipp(settings.sipp, settings.root), switch=settings.switch,
                entry=settings.entry, numbers=[settings.caller],
                answer_timeout_s=settings.answer_timeout_s, folder=settings.folder,
            )  # fmt: skip
        _take_over(result, report)
        if report.agent is not None:
            row = read_record(
                settings.api_url, report, entry=settings.entry, token=settings.api_token
            )
            result.call_id = str(row.get("call_id"))
            wrong = differences(
                row, report, entry=settings.entry, agent=settings.agent, synthetic=True
            )
            result.record = not wrong
            result.reason = result.reason or (wrong[0] if wrong else None)
            if settings.spool is not None:
                lacking = _judge_recording(settings, report, row.get("recording"))
                result.recording = lacking is None
                result.reason = result.reason or lacking
    except (ProofFailure, SippError, PortTaken) as problem:
        result.reason = result.reason or str(problem)
    result.ok = result.reason is None and result.record
    return result


def _judge_recording(
    settings: ProofSettings, report: CallReport, recording: str | None
) -> str | None:
    """What is wrong with the call's recording once Asterisk has closed it; None when nothing is."""
    assert settings.spool is not None
    end = time.monotonic() + _RECORDING_S
    while True:
        lacking = missing_from(
            recording,
            spool=settings.spool,
            archive=settings.archive or settings.spool,
            caller_hz=report.tone_hz,
            agent_hz=report.agent_tone_hz,
        )
        if lacking is None or time.monotonic() >= end:
            return lacking
        time.sleep(_LOOK_S)


@contextlib.contextmanager
def _in_turn(path: Path) -> Iterator[None]:
    """Hold the robot. Raises ProofFailure when another proof keeps it for too long."""
    end = time.monotonic() + _TURN_S
    with path.open("w") as lock:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= end:
                    raise ProofFailure(f"another proof has held {path} for {_TURN_S:g} s") from None
                time.sleep(_LOOK_S)
        yield


def _take_over(result: ProofResult, report: CallReport) -> None:
    result.invite_to_ring_ms = report.invite_to_ring_ms
    result.invite_to_answer_ms = report.invite_to_answer_ms
    result.audio_to_agent = report.audio_to_agent
    result.audio_to_terminal = report.audio_to_terminal
    if report.problems:
        result.reason = report.problems[0]


def _password(path: Path, user: str) -> str:
    try:
        passwords = json.loads(path.read_text("utf-8"))
        found = passwords.get(user)
    except FileNotFoundError as problem:
        raise ProofFailure(
            f"there are no phones' passwords in {path}; load the directory first"
        ) from problem
    except (OSError, ValueError, AttributeError) as problem:
        raise ProofFailure(f"{path} is not a readable JSON object of passwords") from problem
    if not isinstance(found, str):
        raise ProofFailure(f"{path} has no password for {user}; load the demo directory first")
    return found


def main(argv: Sequence[str] | None = None) -> int:
    """Prove a running switch; print one line of JSON; 0 only when all of it holds."""
    environment = os.environ.get
    bind = environment("HULING_BIND", "127.0.0.1")
    host = "127.0.0.1" if bind == "0.0.0.0" else bind
    http_port = environment("HULING_HTTP_PORT", "8080")
    run_dir = environment("HULING_RUN_DIR", "run")
    parser = argparse.ArgumentParser(prog="acd prove", description=main.__doc__)
    add = parser.add_argument
    add("--host", default=host, help="the switch's SIP address")
    add("--sip-port", type=int, default=int(environment("HULING_SIP_PORT", "5060")))
    add("--local-host", default=None, help="our own address; 127.0.0.1 or the host's by default")
    add("--api-url", default=f"http://{host}:{http_port}", help="the control API")
    add("--credentials", type=Path, default=Path(run_dir) / "credentials.json")
    add("--agent", default="8099")
    add("--caller", default="02160000001")
    add("--entry", default="95009")
    add("--talk-ms", type=int, default=2000)
    add("--answer-timeout-s", type=float, default=20.0)
    add("--sipp", default=environment("HULING_SIPP"), help="a SIPp of 3.8 or newer")
    add("--root", type=Path, default=None, help="a Debian root with SIPp in it")
    add("--folder", type=Path, default=None, help="keep SIPp's scenarios and logs here")
    add("--spool", type=Path, default=_spool(environment, run_dir), help="where Asterisk records")
    add("--archive", type=Path, help="where the desk keeps recordings",
        default=Path(environment("HULING_RECORDINGS_DIR") or f"{run_dir}/recordings"))  # fmt: skip
    options = parser.parse_args(argv)
    local = options.local_host or ("127.0.0.1" if options.host.startswith("127.") else options.host)
    result = prove(
        ProofSettings(
            credentials=options.credentials,
            api_url=options.api_url,
            api_token=environment("HULING_API_TOKEN"),
            switch=Switch(options.host, options.sip_port, local),
            sipp=options.sipp,
            root=options.root,
            agent=options.agent,
            caller=options.caller,
            entry=options.entry,
            talk_ms=options.talk_ms,
            answer_timeout_s=options.answer_timeout_s,
            folder=options.folder,
            spool=options.spool,
            archive=options.archive,
        )
    )
    print(result.to_json(), flush=True)
    return 0 if result.ok else 1


def _spool(environment: Callable[[str], str | None], run_dir: str) -> Path | None:
    """Asterisk's folder of recordings; None where nothing is recorded, or elsewhere."""
    if (environment("HULING_RECORDING") or "yes").lower() in ("no", "0", "false", "off"):
        return None
    named = environment("HULING_RECORDINGS_SPOOL")
    spool = Path(named) if named else Path(run_dir) / "asterisk" / "spool" / "monitor"
    return spool if spool.is_dir() else None


if __name__ == "__main__":
    # Whoever stops us stops SIPp too, and takes the robot's registration back.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    raise SystemExit(main())
