"""The switch under faults: its servers, its service behind cables that can be cut, its agents."""

import asyncio
import json
import os
import signal
import struct
import subprocess
import time
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import asyncpg
import yaml

from acd.demo.directory import document
from acd.proof.phones import Account
from acd.proof.sipp import find_sipp
from acd.proof.stage import Switch as SipAddress
from bench.chaos.proxy import Proxy
from servers import namespaces
from servers.service import Service

Json = dict[str, Any]

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


class World:
    """A running switch that faults are done to."""

    def __init__(self, service: Service, size: Size) -> None:
        """``service`` is stopped; its stack has PostgreSQL and Asterisk running."""
        self.service, self.stack, self.settings = service, service.stack, service.settings
        self.size = size
        self.agents = {
            "talker": _named(7000, size.talking),
            "ringer": _named(7300, size.ringing),
            "free": _named(7400, size.ringing + size.arriving + size.cases + 2),
            "enquiry": _named(7600, 2),
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
        plain: str = yaml.safe_dump(found, allow_unicode=True, sort_keys=False)
        return plain

    def accounts(self, kinds: Sequence[str]) -> list[Account]:
        """The phones of these agents."""
        passwords = self.service.credentials()
        return [
            Account(f"a{agent}", passwords[f"a{agent}"])
            for kind in kinds
            for agent in self.agents[kind]
        ]

    # ── What there is to see ─────────────────────────────────────────────────────────────────

    def get(self, path: str) -> Any:
        """What the control API answers."""
        with urllib.request.urlopen(f"{self.settings.http_address}{path}", timeout=30) as answer:
            return json.load(answer)

    def post(self, path: str, body: Json | None = None) -> bool:
        """Ask for something; False when it is refused."""
        data = json.dumps(body or {}).encode()
        asked = urllib.request.Request(f"{self.settings.http_address}{path}", data, method="POST")
        asked.add_header("Content-Type", "application/json")
        with suppress(urllib.error.HTTPError), urllib.request.urlopen(asked, timeout=30):
            return True
        return False

    def metric(self, name: str) -> float:
        """The sum of one metric over its labels."""
        address = f"{self.settings.http_address}/metrics"
        with urllib.request.urlopen(address, timeout=30) as answer:
            lines = answer.read().decode().splitlines()
        return sum(
            float(line.rpartition(" ")[2])
            for line in lines
            if line.startswith((f"{name} ", f"{name}{{"))
        )

    def ready(self) -> bool:
        """Whether both links are up and the service says that it is ready."""
        try:
            return self.service.ready() and self.metric("huling_link_up") == 2
        except OSError:
            return False

    def in_stasis(self) -> list[str]:
        """The callers' channels that the service is to look after, from Asterisk itself."""
        asked = urllib.request.Request(f"{self.settings.ari_address}/ari/channels")
        token = b64encode(f"acd:{self.stack.secrets.ari_password}".encode()).decode()
        asked.add_header("Authorization", f"Basic {token}")
        with urllib.request.urlopen(asked, timeout=30) as answer:
            return [
                one["id"]
                for one in json.load(answer)
                if one["dialplan"]["app_name"] == "Stasis"
                and one["dialplan"]["app_data"].startswith("acd,call")
            ]

    def stays(self) -> bool:
        """Whether the dialplan has written of callers who are not in the record yet."""
        return "PJSIP" in self.stack.cli("database show huling-stay")

    def rows(self, since: datetime) -> list[Json]:
        """The records of calls that came in since then, as they stand."""

        async def read() -> list[Json]:
            connection = await asyncpg.connect(self.stack.database_url)
            try:
                found = await connection.fetch(
                    "SELECT * FROM call_records WHERE direction = 'inbound' AND arrived_at >= $1"
                    " ORDER BY arrived_at",
                    since,
                )
            finally:
                await connection.close()
            return [dict(row) for row in found]

        return asyncio.run(read())

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


def wait(condition: Callable[[], bool], seconds: float) -> bool:
    """Look until it holds; False when it does not in time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() >= end:
            return False
        time.sleep(0.05)
    return True


def _named(first: int, count: int) -> list[str]:
    return [str(first + n) for n in range(1, count + 1)]
