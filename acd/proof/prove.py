"""``acd prove``: one synthetic call through real SIP and RTP, and a verdict in one line of JSON.

An agent robot (8099) registers and dials *60; a terminal calls the synthetic entry 95009; the robot
is rung and answers; each side plays its own tone and must find the other's; the terminal hangs up;
the call's row must be there and right. Afterwards the robot logs out (*69) and unregisters.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from acd.proof.load import CallReport, run_calls
from acd.proof.phones import Account
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
    except (ProofFailure, SippError, PortTaken) as problem:
        result.reason = result.reason or str(problem)
    result.ok = result.reason is None and result.record
    return result


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
        )
    )
    print(result.to_json(), flush=True)
    return 0 if result.ok else 1


if __name__ == "__main__":
    raise SystemExit(main())
