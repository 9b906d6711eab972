"""The switch under faults: its servers, its service behind cables that can be cut, its agents."""

import os
import signal
import struct
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from acd.demo.directory import as_yaml, document
from acd.proof.phones import Account
from acd.proof.sipp import find_sipp
from acd.proof.stage import Switch as SipAddress
from bench.chaos.proxy import Proxy
from bench.chaos.view import View
from servers import namespaces
from servers.service import Service

JOURNAL_BYTES = 64 << 20
CLOCK = Path(__file__).with_name("clock")
SKILLS = {"talker": 5, "ringer": 10, "free": 1}
"""In emergencies: who rings is rung before who is merely free."""


@dataclass(frozen=True)
class Size:
    """How many calls of each sort are in flight."""

    talking: int
    waiting: int
    ringing: int
    arriving: int
    """In the middle of the fault."""
    cases: int = 0
    """How many of those who talk have an open case, with an agent B."""

    @property
    def calls(self) -> int:
        return self.talking + self.waiting + self.ringing + self.arriving


class World(View):
    """A running switch that faults are done to."""

    def __init__(self, service: Service, size: Size) -> None:
        """``service`` is stopped; its stack has PostgreSQL and Asterisk running."""
        super().__init__(service)
        self.size = size
        self.agents = {
            "talker": named(7000, size.talking),
            "ringer": named(7300, size.ringing),
            "free": named(7400, size.ringing + size.arriving + size.cases + 2),
            "enquiry": named(7600, 2),
        }
        self.sipp = find_sipp(None, self.stack.root)
        self.sip = SipAddress(self.settings.local_host, self.settings.sip_port)
        self.ari_cable = Proxy(self.settings.local_host, self.settings.ari_port)
        self.ami_cable = Proxy(self.settings.local_host, self.settings.ami_port)
        self._clock = self.settings.run_dir / "chaos-clock"
        self._clock.write_bytes(struct.pack("q", 0))
        self._filler = self.settings.journal_dir / "filler"
        self._mounted = False

    # ── Its life ─────────────────────────────────────────────────────────────────────────────

    def open(self) -> None:
        """Load the directory and start the service, its journal on a disk of its own."""
        folder = self.settings.journal_dir
        folder.mkdir(parents=True, exist_ok=True)
        options = f"size={JOURNAL_BYTES},mode=700"
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], check=True)
        self._mounted = True
        self.service.load(self._directory())
        self.start()

    def close(self) -> None:
        """Stop the service and give everything back."""
        self.service.stop()
        self.ari_cable.close()
        self.ami_cable.close()
        if self._mounted:
            subprocess.run(["umount", "--lazy", str(self.settings.journal_dir)], check=True)

    def start(self) -> None:
        """Start the service and wait until it is ready."""
        self.service.start(
            {
                "HULING_ARI_PORT": str(self.ari_cable.port),
                "HULING_AMI_PORT": str(self.ami_cable.port),
                "HULING_CHAOS_CLOCK": str(self._clock),
                "PYTHONPATH": str(CLOCK),
            }
        )

    def _directory(self) -> str:
        found = document()
        (emergency,) = (queue for queue in found["queues"] if queue["id"] == "emergency")
        emergency["wrap_up_ms"] = 1_000
        for kind, agents in self.agents.items():
            for agent in agents:
                skills = {"enquiry": 5} if kind == "enquiry" else {"emergency": SKILLS[kind]}
                found["agents"].append({"id": agent, "name": agent, "skills": skills})
                found["seats"].append({"id": f"s{agent}", "phones": [f"a{agent}"], "agent": agent})
        return as_yaml(found)

    def accounts(self, kinds: Sequence[str]) -> list[Account]:
        """The phones of these agents."""
        passwords = self.service.credentials()
        return [
            Account(f"a{agent}", passwords[f"a{agent}"])
            for kind in kinds
            for agent in self.agents[kind]
        ]

    # ── What there is to see ─────────────────────────────────────────────────────────────────

    def ready(self) -> bool:
        """Whether both links are up and the service says that it is ready."""
        try:
            return self.service.ready() and self.metric("huling_link_up") == 2
        except OSError:
            return False

    def stays(self) -> bool:
        """Whether the dialplan has written of callers who are not in the record yet."""
        return "PJSIP" in self.stack.cli("database show huling-stay")

    # ── What is done to it ───────────────────────────────────────────────────────────────────

    def step_clock(self, seconds: float) -> None:
        """Set the wall clock of the service off by so much."""
        with self._clock.open("r+b") as file:
            file.write(struct.pack("q", int(seconds * 1e9)))

    def fill_disk(self) -> None:
        """Leave no byte free where the journal is."""
        with self._filler.open("wb", buffering=0) as file, suppress(OSError):
            while True:
                file.write(bytes(1 << 16))
        with self._filler.open("ab", buffering=0) as file, suppress(OSError):
            while True:
                file.write(b"\0")

    def empty_disk(self) -> None:
        """Give the room back."""
        self._filler.unlink(missing_ok=True)

    def signal_postgres(self, number: signal.Signals) -> None:
        """Send a signal to PostgreSQL and every process of its."""
        first = self.stack.pid("postgres")
        for pid in (first, *namespaces.children(first)):
            os.kill(pid, number)


def named(first: int, count: int) -> list[str]:
    """Agents' numbers after ``first``."""
    return [str(first + n) for n in range(1, count + 1)]
