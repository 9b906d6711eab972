"""See the package."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import yaml

from acd.demo.directory import document
from bench.offer.capture import Capture
from bench.offer.figures import Figures, Spread, figures
from servers.asterisk import TEMPLATES
from servers.service import Service
from servers.settings import load
from servers.stack import Stack
from servers.waiting import wait_until

SCENARIOS = Path(__file__).with_name("scenarios")
CALLER_PORT = 6060
AGENT_PORT = 7070
ENTRY = "95001"
QUEUE = "94001"
DIALLED = {"queue": QUEUE, "service": ENTRY}
"""What is dialled decides who distributes the call."""
RATIO_MAX = 1.15
FIRST_CALLER = 2160100000

QUEUE_EXTENSION = f"exten => {QUEUE},1,Ringing()\n same => n,Queue(bench,r)\n"
RECORDED_EXTENSION = (
    f"exten => {QUEUE},1,MixMonitor(${{UNIQUEID}}.raw,D)\n same => n,Ringing()\n"
    " same => n,Queue(bench,r)\n"
)

Round = tuple[str, Figures, float]


def main() -> int:
    """Run the rounds, print a table and one line of JSON; exit code 1 when the ratio is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench.offer", description=__doc__)
    parser.add_argument("--rate", type=int, default=50, help="calls per second")
    parser.add_argument("--seconds", type=int, default=20, help="length of one round")
    parser.add_argument("--rounds", type=int, default=2, help="rounds of each kind, in turn")
    parser.add_argument("--agents", type=int, default=200)
    parser.add_argument("--recording", action="store_true", help="both record every call")
    given = parser.parse_args()
    rounds: list[Round] = []
    agents = [str(9000 + n) for n in range(given.agents)]
    with tempfile.TemporaryDirectory(prefix="huling-bench-") as name:
        folder = Path(name)
        changes = {"run_dir": folder / "run", "recording": given.recording}
        settings = load().model_copy(update=changes)
        queue = _queue_conf(folder / "conf", agents, recording=given.recording)
        with Stack(
            settings,
            {"asterisk", "postgres"},
            asterisk_templates=[*TEMPLATES, queue],
            quiet=True,
        ) as stack:
            service = Service(stack)
            service.migrate()
            service.load(yaml.safe_dump(_directory(agents), allow_unicode=True))
            service.start()
            _callers(folder, given.rate * given.seconds)
            _register(stack, service, folder, agents)
            with _sipp(stack, "agent", folder, "-p", str(AGENT_PORT), "-aa"):
                _log_in(service, agents)
                for _ in range(given.rounds):
                    for kind in DIALLED:
                        rounds.append(_round(kind, stack, service, folder, given))
                        _print(rounds[-1])
            complaints = service.complaints()
            service.stop()
    for line in complaints:
        print(f"  the service's log: {line}", file=sys.stderr)
    return _verdict(rounds)


def _directory(agents: list[str]) -> dict[str, Any]:
    """The demo with these agents on the emergency line, without wrap-up, as in the queue."""
    found: dict[str, Any] = document(terminals=1)
    found["agents"] = [{"id": agent, "name": agent, "skills": {"emergency": 5}} for agent in agents]
    found["seats"] = [
        {"id": f"s{agent}", "phones": [f"a{agent}"], "agent": agent} for agent in agents
    ]
    for queue in found["queues"]:
        if queue["id"] == "emergency":
            queue.update(wrap_up_ms=0, short_answer_ms=0, selection="longest_idle")
    return found


def _queue_conf(folder: Path, agents: list[str], *, recording: bool) -> Path:
    """Asterisk's own queue, as fast as it can be made: no announcements, round robin, no pause."""
    folder.mkdir()
    modules = (TEMPLATES[0] / "modules.conf").read_text(encoding="utf-8")
    (folder / "modules.conf").write_text(modules + "load = app_queue.so\n", encoding="utf-8")
    extension = RECORDED_EXTENSION if recording else QUEUE_EXTENSION
    dialplan = (TEMPLATES[1] / "extensions.conf").read_text(encoding="utf-8")
    (folder / "extensions.conf").write_text(
        dialplan.replace("[from-trunk]\n", f"[from-trunk]\n{extension}"), encoding="utf-8"
    )
    members = "\n".join(f"member = PJSIP/a{agent}" for agent in agents)
    (folder / "queues.conf").write_text(
        "[general]\npersistentmembers = no\nautofill = yes\nshared_lastcall = no\n"
        "[bench]\nstrategy = rrmemory\nringinuse = no\ntimeout = 15\nretry = 1\nwrapuptime = 0\n"
        f"joinempty = yes\nleavewhenempty = no\nautopause = no\n{members}\n",
        encoding="utf-8",
    )
    return folder


def _callers(folder: Path, count: int) -> None:
    for kind, dialled in DIALLED.items():
        lines = [f"0{FIRST_CALLER + n};{dialled}" for n in range(count)]
        (folder / f"{kind}.csv").write_text("\n".join(["SEQUENTIAL", *lines, ""]), "utf-8")


def _register(stack: Stack, service: Service, folder: Path, agents: list[str]) -> None:
    """Every phone registers with its own password, from the port where its calls will come."""
    passwords = service.credentials()
    lines = [f"a{agent};{passwords[f'a{agent}']}" for agent in agents]
    (folder / "phones.csv").write_text("\n".join(["SEQUENTIAL", *lines, ""]), "utf-8")
    arguments = ["-p", str(AGENT_PORT), "-inf", str(folder / "phones.csv"), "-r", "50",
                 "-m", str(len(agents)), _switch(stack)]  # fmt: skip
    with _sipp(stack, "register", folder, *arguments) as registering:
        registering.wait()


def _log_in(service: Service, agents: list[str]) -> None:
    for agent in agents:
        _ask(service, f"/agents/{agent}/login", {})
    wait_until(
        lambda: all(one["available"] for one in _ask(service, "/agents")),
        seconds=40,  # a phone is asked every 15 s whether it is there
        what="every phone to be registered and free",
    )


def _ask(service: Service, path: str, body: dict[str, Any] | None = None) -> Any:
    request = urllib.request.Request(
        service.settings.http_address + path,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.loads(answer.read())


def _switch(stack: Stack) -> str:
    return f"{stack.settings.local_host}:{stack.settings.sip_port}"


def _round(
    kind: str, stack: Stack, service: Service, folder: Path, given: argparse.Namespace
) -> Round:
    capture = Capture(stack.settings.sip_port, stack.settings.ari_port)
    capture.start()
    cpu_ms = stack.cpu_ms("asterisk") + service.server.cpu_ms()
    arguments = [
        "-p", str(CALLER_PORT), "-inf", str(folder / f"{kind}.csv"), "-r", str(given.rate),
        "-m", str(given.rate * given.seconds), "-l", "4000", _switch(stack),
    ]  # fmt: skip
    with _sipp(stack, "caller", folder, *arguments) as callers:
        callers.wait()
    found = figures(capture.stop())
    cpu_ms = stack.cpu_ms("asterisk") + service.server.cpu_ms() - cpu_ms
    wait_until(
        lambda: all(one["available"] for one in _ask(service, "/agents")),
        seconds=30,
        what="every phone to be free before the next round",
    )
    return kind, found, cpu_ms / max(1, found.calls)


@contextmanager
def _sipp(
    stack: Stack, scenario: str, folder: Path, *arguments: str
) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        stack.tool_argv(
            ["/usr/bin/sipp", "-sf", str(SCENARIOS / f"{scenario}.xml"), "-i", "127.0.0.1",
             "-nostdin", "-trace_err", *arguments],
            share=[folder],
        ),
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


def _print(done: Round) -> None:
    kind, found, cpu_ms = done
    parts = [found.before, found.ours, found.after] if kind == "service" else []
    print(
        f"{kind:8} {found.offered}/{found.calls} calls | offer {_show(found.offer)} | answer "
        f"{_show(found.answer)} | release {_show(found.release)} | CPU {cpu_ms:.1f} ms/call | "
        f"load {os.getloadavg()[0]:.1f}"
        + "".join(f" | {part.p10:.2f} {part.p50:.2f} {part.p99:.2f}" for part in parts),
        flush=True,
    )


def _show(values: Spread) -> str:
    return f"p10 {values.p10:.2f} p50 {values.p50:.2f} p99 {values.p99:.2f} ms"


def _verdict(rounds: list[Round]) -> int:
    """Compare the medians over the rounds: one bad second on a shared machine is not a finding."""

    def median(kind: str, name: str) -> float:
        values = sorted(getattr(found.offer, name) for which, found, _ in rounds if which == kind)
        middle = len(values) // 2
        return float(
            values[middle] if len(values) % 2 else sum(values[middle - 1 : middle + 1]) / 2
        )

    ratio = {
        name: round(median("service", name) / median("queue", name), 3) for name in ("p50", "p99")
    }
    complete = all(found.offered == found.calls for _, found, _ in rounds)
    ok = complete and all(value <= RATIO_MAX for value in ratio.values())
    result = {
        "ok": ok,
        "ratio_to_queue": ratio,
        "rounds": [
            {"kind": kind, "cpu_ms_per_call": round(cpu_ms, 2), **msgspec.to_builtins(found)}
            for kind, found, cpu_ms in rounds
        ],
    }
    print(json.dumps(result))
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
