"""Both distributors in one Asterisk, with the same phones and callers that behave alike."""

from __future__ import annotations

import json
import math
import sys
import tempfile
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from acd.demo.directory import document
from acd.proof.tone import SAMPLE_RATE_HZ, SEND_AMPLITUDE, encode_alaw
from bench.offer.capture import Capture
from bench.offer.sipp import SCENARIOS, CallsFailed, Sipp
from servers.asterisk import TEMPLATES
from servers.service import Service
from servers.settings import load
from servers.stack import Stack
from servers.waiting import wait_until

CALLER_PORT = 6060
AGENT_PORT = 7070
ENTRY = "95002"
"""An enquiry line: an emergency of which no agent says how it ended is owed a callback (E33)."""
QUEUE = "94001"
DIALLED = {"queue": QUEUE, "service": ENTRY}
"""What is dialled decides who distributes the call."""
FIRST_CALLER = 2160100000
CALLS_AT_ONCE_MAX = 4000
"""SIPp would else hold calls back by itself."""

Change = Callable[[dict[str, Any]], None]

# "h" is Asterisk's name for "hung up": without one of its own the pattern of from-trunk would take
# each call that Queue() has ended for a call to "h", and hand it to the service.
_ENDED = "exten => h,1,NoOp()\n"
QUEUE_EXTENSION = f"{_ENDED}exten => {QUEUE},1,Ringing()\n same => n,Queue(bench,r)\n"
RECORDED_EXTENSION = (
    f"{_ENDED}exten => {QUEUE},1,MixMonitor(${{UNIQUEID}}.raw,D)\n same => n,Ringing()\n"
    " same => n,Queue(bench,r)\n"
)
MUSIC_EXTENSION = f"{_ENDED}exten => {QUEUE},1,Answer(,i)\n same => n,Queue(bench)\n"
MEDIA_EXTENSION = (
    f"{_ENDED}exten => {QUEUE},1,MixMonitor(${{UNIQUEID}}.raw,D)\n same => n,Answer(,i)\n"
    " same => n,Queue(bench)\n"
)
TONE_HZ, TONE_S = 1000, 5
CALLERS_RTP_PORTS = (30_000, 39_998)
AGENTS_RTP_PORT = 6002
"""All agents' phones: SIPp echoes there, to whom it came from, what it gets."""


class Bed:
    """A running switch and Asterisk's own queue beside it, with every agent there and free."""

    def __init__(
        self,
        stack: Stack,
        service: Service,
        folder: Path,
        *,
        media: bool = False,
        phones: Sipp | None = None,
    ) -> None:
        self.stack, self.service, self.folder = stack, service, folder
        self._scenario = "caller_media" if media else "caller"
        self._more = _rtp_ports(*CALLERS_RTP_PORTS) if media else []
        self._phones = [] if phones is None else [phones]

    def round(
        self, kind: str, *, rate: int, seconds: int, talk_ms: int
    ) -> tuple[list[list[Any]], int]:
        """Offer calls to one of ``DIALLED``; what passed (``Capture``), and CPU ms of Asterisk and,
        in the service's own rounds, of the service: ``Queue()`` needs none, though ours hears of
        its callers and phones.

        With media it is the agents who talk so long as the bed was told, and hang up.  Over when
        the last caller is gone and every agent free again.  Raises SippFailed when a SIPp fails in
        the middle; CallsFailed, when the round is over, if single calls did.
        """
        settings = self.stack.settings
        capture = Capture(
            sip_port=settings.sip_port,
            ari_port=settings.ari_port,
            ami_port=settings.ami_address[1],
        )
        capture.start()
        cpu_ms = self.cpu_ms(kind)
        self._callers(kind, rate * seconds)
        arguments = [
            "-p", str(CALLER_PORT), "-inf", f"{kind}.csv", "-r", str(rate), "-d", str(talk_ms),
            "-m", str(rate * seconds), "-l", str(CALLS_AT_ONCE_MAX), *self._more,
            switch_address(self.stack),
        ]  # fmt: skip
        scenario = SCENARIOS / f"{self._scenario}.xml"
        failed: CallsFailed | None = None
        try:
            with sipp(self.stack, scenario, self.folder, *arguments) as callers:
                callers.wait(*self._phones)
        except CallsFailed as problem:
            failed = problem
        finally:
            seen = capture.stop()
        cpu_ms = self.cpu_ms(kind) - cpu_ms
        self.all_free("every phone to be free before the next round")
        if failed is not None:
            raise failed
        return seen, cpu_ms

    def all_free(self, what: str) -> None:
        """Wait until every agent's phone is there and free.  Raises TimeoutError naming ``what``:
        a phone is asked every 15 s whether it is there."""
        wait_until(
            lambda: all(one["available"] for one in _ask(self.service, "/agents")),
            seconds=40,
            what=what,
        )

    def cpu_ms(self, kind: str) -> int:
        """CPU time that those whom one of ``DIALLED`` needs have used since their start: Asterisk,
        and the service but for ``Queue()``."""
        return self.stack.cpu_ms("asterisk") + self.own_cpu_ms(kind)

    def own_cpu_ms(self, kind: str) -> int:
        """The service's part of it."""
        return 0 if kind == "queue" else self.service.server.cpu_ms()

    def _callers(self, kind: str, count: int) -> None:
        lines = [f"0{FIRST_CALLER + n};{DIALLED[kind]}" for n in range(count)]
        path = self.folder / f"{kind}.csv"
        path.write_text("\n".join(["SEQUENTIAL", *lines, ""]), encoding="utf-8")


@contextmanager
def bed(
    agent_count: int,
    *,
    recording: bool,
    media_talk_ms: int | None = None,
    extension: str | None = None,
    change: Change = lambda queue: None,
) -> Iterator[Bed]:
    """Bring everything up with so many agents logged in at their phones, and down again.

    With ``media_talk_ms`` both record and pick up at once, callers wait with music, everybody sends
    sound, and the agents hang up after so long.  ``extension`` is what ``Queue()``'s callers go
    through, else one that does as the switch does.  ``change`` is applied to the queue of the
    directory; what the log complains of is shown.  Without agents there is no telephone.
    """
    agents = [str(9000 + n) for n in range(agent_count)]
    media = media_talk_ms is not None
    recording = recording or media
    phone = ["-p", str(AGENT_PORT), "-aa"]
    if media:
        phone += ["-d", str(media_talk_ms), "-rtp_echo", *_rtp_ports(AGENTS_RTP_PORT)]
    with tempfile.TemporaryDirectory(prefix="huling-bench-") as name:
        folder = Path(name)
        settings = load().model_copy(
            update={"run_dir": folder / "run", "recording": recording},
        )
        extension = extension or (
            MEDIA_EXTENSION if media else RECORDED_EXTENSION if recording else QUEUE_EXTENSION
        )
        queue = _queue_conf(folder / "conf", agents, extension)
        if media:
            (folder / "tone.alaw").write_bytes(_tone())
        with Stack(
            settings,
            {"asterisk", "postgres"},
            asterisk_templates=[*TEMPLATES, queue],
            quiet=True,
        ) as stack:
            service = Service(stack)
            service.migrate()
            service.load(
                yaml.safe_dump(_directory(agents, change, media=media), allow_unicode=True)
            )
            service.start()
            try:
                if not agents:
                    yield Bed(stack, service, folder)
                    return
                _register(stack, service, folder, agents)
                scenario = SCENARIOS / f"{'agent_media' if media else 'agent'}.xml"
                with sipp(stack, scenario, folder, *phone) as phones:
                    found = Bed(stack, service, folder, media=media, phones=phones)
                    for agent in agents:
                        _ask(service, f"/agents/{agent}/login", {})
                    found.all_free("every phone to be registered and free")
                    yield found
            finally:
                for line in service.complaints():
                    print(f"  the service's log: {line}", file=sys.stderr)
                service.stop()


def _directory(agents: Sequence[str], change: Change, *, media: bool) -> dict[str, Any]:
    """The demo with these agents on the enquiry line, without wrap-up and sticky agents, as in the
    queue."""
    found: dict[str, Any] = document(terminals=1)
    found["agents"] = [{"id": agent, "name": agent, "skills": {"enquiry": 5}} for agent in agents]
    found["seats"] = [
        {"id": f"s{agent}", "phones": [f"a{agent}"], "agent": agent} for agent in agents
    ]
    for queue in found["queues"]:
        if queue["id"] == "enquiry":
            queue.update(wrap_up_ms=0, short_answer_ms=0, sticky=[], treatment={})
            change(queue)
            if media:
                queue["pick_up_ms"] = 0
    return found


def _queue_conf(folder: Path, agents: Sequence[str], extension: str) -> Path:
    """Asterisk's own queue, as fast as it can be made: no announcements, round robin, no pause."""
    folder.mkdir()
    modules = (TEMPLATES[0] / "modules.conf").read_text(encoding="utf-8")
    (folder / "modules.conf").write_text(modules + "load = app_queue.so\n", encoding="utf-8")
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


def _tone() -> bytes:
    """What callers say: a tone in A-law, without a jump where it begins again."""
    samples = range(TONE_S * SAMPLE_RATE_HZ)
    turn = 2 * math.pi * TONE_HZ / SAMPLE_RATE_HZ
    return bytes(encode_alaw(SEND_AMPLITUDE * math.sin(turn * n)) for n in samples)


def _rtp_ports(first: int, last: int | None = None) -> list[str]:
    ports = ["-min_rtp_port", str(first)]
    return ports if last is None else [*ports, "-max_rtp_port", str(last)]


def _register(stack: Stack, service: Service, folder: Path, agents: Sequence[str]) -> None:
    """Every phone registers with its own password, from the port where its calls will come."""
    passwords = service.credentials()
    lines = [f"a{agent};{passwords[f'a{agent}']}" for agent in agents]
    (folder / "phones.csv").write_text("\n".join(["SEQUENTIAL", *lines, ""]), "utf-8")
    arguments = ["-p", str(AGENT_PORT), "-inf", "phones.csv", "-r", "50",
                 "-m", str(len(agents)), switch_address(stack)]  # fmt: skip
    with sipp(stack, SCENARIOS / "register.xml", folder, *arguments) as registering:
        registering.wait()


def _ask(service: Service, path: str, body: dict[str, Any] | None = None) -> Any:
    request = urllib.request.Request(
        service.settings.http_address + path,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.loads(answer.read())


def switch_address(stack: Stack) -> str:
    """Where SIPp sends."""
    return f"{stack.settings.local_host}:{stack.settings.sip_port}"


def sipp(stack: Stack, scenario: Path, folder: Path, *arguments: str) -> Sipp:
    """Start the private root's SIPp on a scenario, with these options; a context that ends it."""
    command = ["/usr/bin/sipp", "-sf", str(scenario), "-i", "127.0.0.1", *arguments]
    return Sipp(stack.tool_argv(command, share=[folder]), name=scenario.stem, folder=folder)
