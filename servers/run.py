"""`make run`: everything up, the proof, then serving until Ctrl-C."""

from __future__ import annotations

import fcntl
import importlib.util
import json
import os
import re
import select
import signal
import sys
import textwrap
import urllib.request
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import NoReturn

from acd.demo.directory import text as demo_directory
from servers import locks, namespaces
from servers.asterisk import PROMPTS
from servers.namespaces import Server
from servers.root import ensure_root
from servers.settings import REPO, Settings, load
from servers.stack import ORDER, Stack, write_tools
from servers.steps import Failure, Refusal, Step, say
from servers.waiting import wait_until

PROCESSES = ("acd", "desk", "watchdog")
"""Our own; the others are servers."""
ALL = (*ORDER, *PROCESSES)

READY_SECONDS = 120.0
STOP_SECONDS = 15.0


class _Asked(Exception):
    """Somebody asked us to stop (Ctrl-C, SIGTERM, the parent's end)."""


def run(only: Collection[str] = ALL, *, once: bool = False, proof: bool = True) -> int:
    """Start the servers named in `only`, prove the switch, serve until asked to stop.

    `once` stops after the proof. The exit code is 0, the proof's when it failed, or 1 when a
    server died. Raises Refusal and Failure with one sentence.
    """
    unknown = set(only) - set(ALL)
    if unknown:
        raise Refusal(f"There is no server {min(unknown)!r}: choose from {', '.join(ALL)}.")
    settings = load()
    stopping = _Stopping()
    stack: Stack | None = None
    ours: dict[str, Server] = {}
    code = 0
    try:
        stack = Stack(settings, servers=[name for name in only if name not in PROCESSES])
        mine = [name for name in PROCESSES if name in only]
        locks.refuse_taken_ports(settings, [*stack.servers, *mine])
        if "asterisk" in only:
            build_prompts(stack.root)
        stack.start()
        if mine:
            _set_up(stack)
        for name in mine:
            ours[name] = _start(stack, name)
        if "acd" in only:
            if proof:
                code = _prove(stack)
            say(_how_to(settings, stack))
        else:
            say(f"Serving {', '.join(stack.servers)}; Ctrl-C stops.")
        if not once:
            died = _until_one_ends(stack, ours)
            say(f"{died} has ended by itself: stopping the others. Logs are in {settings.run_dir}.")
            return 1
    except _Asked:
        say("")
    finally:
        stopping.no_more()
        if stack is not None:
            _stop(stack, ours)
    if code:
        say(f"The proof had failed (exit code {code}).")
    return code


class _Stopping:
    """The first request to stop raises _Asked; one more while we stop ends everything at once."""

    def __init__(self) -> None:
        self._ending = False
        for sig in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(sig, self._asked)

    def _asked(self, number: int, frame: FrameType | None) -> None:
        del frame
        if self._ending:
            if number == signal.SIGINT:
                os._exit(130)  # the kernel takes the servers with us
            return
        self._ending = True
        raise _Asked

    def no_more(self) -> None:
        """From now on we are stopping: do not raise in the middle of it."""
        self._ending = True


def _stop(stack: Stack, ours: Mapping[str, Server]) -> None:
    if not ours and not any(stack.running(name) for name in stack.servers):
        stack.stop()
        return
    with Step("Stopping") as step:
        for name, process in reversed(list(ours.items())):
            step.note(name)
            process.stop(signal.SIGTERM, seconds=STOP_SECONDS)
        step.note(", ".join(reversed(stack.servers)))
        stack.stop()
        step.result("nothing is left running")


def acd_argv(*arguments: str) -> list[str]:
    """The service's command line, from this environment. Raises Refusal when it is not there."""
    if importlib.util.find_spec("acd.cli") is None:
        raise Refusal("The package `acd` has no command line here; start servers with --only.")
    script = Path(sys.executable).with_name("acd")
    if script.exists():
        return [str(script), *arguments]
    return [sys.executable, "-c", "from acd.cli import main; main()", *arguments]


def environment(stack: Stack) -> dict[str, str]:
    """What a command of the service needs to find its servers and tools."""
    return {
        **stack.environment(),
        "HULING_RUN_DIR": str(stack.settings.run_dir),
        "PYTHONUNBUFFERED": "1",
    }


def _with_token(stack: Stack) -> dict[str, str]:
    """The same for our own programs, which show the control API a token where it asks for one."""
    settings = stack.settings
    if settings.api_is_open or settings.api_token is not None:
        return environment(stack)
    token = json.loads(settings.trial_tokens_path.read_bytes())["robot"]
    return {**environment(stack), "HULING_API_TOKEN": token}


def _acd(stack: Stack, title: str, *arguments: str) -> None:
    """Run one command of the service to its end. Raises Failure with its last words."""
    log = stack.settings.run_dir / "log" / "setup.log"
    with Step(title) as step:
        begun = log.stat().st_size if log.exists() else 0
        command = Server(
            arguments[0], acd_argv(*arguments), log=log, env=environment(stack), cwd=REPO
        )
        try:
            code = command.wait()
        except BaseException:
            command.kill()
            raise
        with log.open("rb") as file:
            file.seek(begun)
            words = file.read().decode(errors="replace").strip()
        if code != 0:
            raise Failure(f"`acd {' '.join(arguments)}` ended with exit code {code}:\n{words}")
        if words:
            step.result(textwrap.shorten(words.splitlines()[-1], 90, placeholder=" …"))


def _set_up(stack: Stack) -> None:
    settings = stack.settings
    _acd(stack, "Database schema", "db", "migrate")
    demo = settings.run_dir / "demo.yaml"
    demo.write_text(demo_directory(), encoding="utf-8")
    _acd(stack, "Demo directory", "directory", "load", "--if-empty", str(demo))
    if not settings.api_is_open:
        _acd(stack, "Tokens", "token", "trial", str(settings.trial_tokens_path))


def _start(stack: Stack, name: str) -> Server:
    """Start `acd serve` or `acd desk`, and wait until it says that it is ready; the watchdog waits
    for nothing, and nobody for it."""
    settings = stack.settings
    command, url = {
        "acd": ("serve", settings.http_address),
        "desk": ("desk", settings.desk_address),
        "watchdog": ("watchdog", ""),
    }[name]
    log = settings.run_dir / "log" / f"{name}.log"
    with Step(f"acd {command}") as step:
        service = Server(name, acd_argv(command), log=log, env=_with_token(stack), cwd=REPO)
        try:
            wait_until(
                lambda: not (url and service.running) or _answers(f"{url}/health/ready"),
                seconds=READY_SECONDS,
                what=f"acd {command} to be ready",
            )
        except TimeoutError:
            service.kill()
            raise Failure(
                f"acd {command} was not ready in {READY_SECONDS:g} s. {_end_of(log)}"
            ) from None
        except BaseException:
            service.kill()
            raise
        if not service.running:
            raise Failure(f"acd {command} ended with exit code {service.exit_code}. {_end_of(log)}")
        step.result(f"{f'ready on {url}' if url else 'watching'}, log in {log}")
    return service


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _end_of(log: Path) -> str:
    text = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
    return f"{log} ends with:\n" + "\n".join(text.splitlines()[-12:])


def _prove(stack: Stack) -> int:
    """`acd prove`: one call through real SIP and RTP; its JSON line goes to our output."""
    say("· Proof: one call from a terminal to an agent …")
    command = Server("proof", acd_argv("prove"), env=_with_token(stack), cwd=REPO)
    try:
        code = command.wait()
    except BaseException:
        command.kill()
        raise
    if code != 0:
        say(f"✗ The proof FAILED (exit code {code}): calls may not be answered. Serving goes on.")
    return code


def build_prompts(root: Path) -> None:
    """Bring prompts/built up to date with the private root's voice; one builder at a time."""
    if importlib.util.find_spec("prompts.build") is None:
        return
    PROMPTS.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "prompts.build", "--out", str(PROMPTS), "--root", str(root)]
    with Step("Mandarin prompts") as step, _alone(PROMPTS / ".lock"):
        last = ""
        with namespaces.piped(command, cwd=REPO) as builder:
            assert builder.stdout is not None
            for line in builder.stdout:
                last = line.strip() or last
                part = re.search(r"\b(\d+)/(\d+)\b", last)
                # A tenth at a time: a log wants to be read too.
                if part and int(part[1]) % max(1, int(part[2]) // 10) == 0:
                    step.note(part[0])
        if builder.returncode != 0:
            raise Failure(f"The prompts could not be made: {last}")
        step.result(last.removeprefix("prompts: ") or "done")


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _until_one_ends(stack: Stack, ours: Mapping[str, Server]) -> str:
    """Wait, without polling, until one of our programs ends; its name."""
    programs: list[tuple[str, Server]] = [(name, stack.server(name)) for name in stack.servers]
    programs += ours.items()
    watch = select.poll()
    names: dict[int, str] = {}
    try:
        for name, program in programs:
            descriptor = program.pidfd()
            names[descriptor] = name
            watch.register(descriptor, select.POLLIN)
        ready = watch.poll()
        return names[ready[0][0]]
    finally:
        for descriptor in names:
            os.close(descriptor)


def _how_to(settings: Settings, stack: Stack) -> str:
    sip = f"{settings.local_host}:{settings.sip_port}"
    lines = [
        "",
        "Huling is serving.",
        f"  A softphone   register user a8001 at {sip} (UDP); its password: "
        f"{settings.credentials_path}",
        "  An agent      dials *60 log in and ready · *61 ready · *62 pause · *63 end wrap-up · "
        "*69 log out",
        f"  A caller      another softphone, without an account, calls sip:95001@{sip} "
        "(emergency) or 95002 (enquiry)",
        f"  The service   {settings.http_address}/docs · {settings.http_address}/metrics",
        f"  The desk      {settings.desk_address}/wall · /docs: recordings, reports ("
        + (
            "any name)"
            if settings.api_is_open
            else f"password: a token of {settings.trial_tokens_path})"
        ),
    ]
    if "prometheus" in stack.servers:
        lines.append(f"  Prometheus    {stack.prometheus.url}")
    lines.append("  Stop          Ctrl-C")
    return "\n".join(lines)


def prove(arguments: Sequence[str]) -> NoReturn:
    """`make prove`: become `acd prove`, with SIPp at hand, against whatever is running."""
    settings = load()
    tools = write_tools(settings.run_dir, ensure_root(settings))
    command = acd_argv("prove", *arguments)
    path = f"{tools}:{os.environ.get('PATH', os.defpath)}"
    os.execve(command[0], command, {**os.environ, "PATH": path})


def run_tool(name: str, arguments: Sequence[str]) -> NoReturn:
    """`python -m servers tool psql …`: become a tool of the private root."""
    settings = load()
    folders = [REPO, Path.cwd(), Path("/tmp"), settings.run_dir]
    command = namespaces.tool_argv(
        [name, *arguments],
        root=ensure_root(settings),
        share=[folder for folder in folders if folder.is_dir()],
    )
    os.execvp(command[0], command)
