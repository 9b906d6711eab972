"""The whole switch on the demo directory, and a way to each of its faces: what the shows run on."""

from __future__ import annotations

import asyncio
import json
import math
import re
import sys
import urllib.error
import urllib.request
from base64 import b64encode
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import asyncpg
import yaml
from prometheus_client.parser import text_string_to_metric_families

from acd.demo.directory import document
from acd.proof.phones import Account, AgentCall
from acd.proof.sipp import find_sipp
from acd.proof.stage import Switch as SipAddress
from servers.service import Service
from servers.settings import load
from servers.stack import Stack
from servers.waiting import wait_until

SETTLE_S = 15.0

Json = dict[str, Any]


class Running:
    """The whole switch, and a way to each of its faces."""

    def __init__(self, stack: Stack, service: Service) -> None:
        self.stack, self.service, self.settings = stack, service, stack.settings
        self.sipp = find_sipp(None, stack.root)
        self.sip = SipAddress(self.settings.local_host, self.settings.sip_port)
        self.folder = self.settings.run_dir / "show"

    def accounts(self, agents: Sequence[str]) -> list[Account]:
        """The agents' phones."""
        passwords = self.service.credentials()
        return [Account(f"a{agent}", passwords[f"a{agent}"]) for agent in agents]

    def metrics(self) -> dict[tuple[str, str], float]:
        """Samples by name and by the value of ``le``, ``state`` or ``outcome``; others summed."""
        with urllib.request.urlopen(f"{self.settings.http_address}/metrics", timeout=5) as answer:
            text = answer.read().decode()
        found: defaultdict[tuple[str, str], float] = defaultdict(float)
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                label = next(
                    (v for k, v in sample.labels.items() if k in ("le", "state", "outcome")), ""
                )
                found[sample.name, label] += sample.value
        return dict(found)

    def gauge(self, name: str) -> float:
        """One metric without labels that matter."""
        return self.metrics().get((name, ""), 0.0)

    def http(self, method: str, path: str, body: Json | None = None) -> tuple[int, Any]:
        """What the control API answers: the status, and its JSON."""
        request = urllib.request.Request(
            f"{self.settings.http_address}{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                return int(answer.status), json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def gone(self) -> str | None:
        """Say which of the two that serve calls has ended by itself; None while both live."""
        for name, server in (
            ("Asterisk", self.stack.server("asterisk")), ("acd serve", self.service.server),
        ):  # fmt: skip
            if not server.running:
                return f"{name} has ended in the middle of the run (exit code {server.exit_code})."
        return None

    def says_responded(self, call: AgentCall) -> None:
        """Give the agent's word on a call: without it an emergency is owed a callback (E33)."""
        agent = call.user.removeprefix("a")
        _, state = self.http("GET", f"/agents/{agent}")
        if state["call"]:
            self.http("POST", f"/calls/{state['call']}/responded", {"agent": agent})

    def ari(self, path: str) -> list[Json]:
        """What Asterisk says."""
        request = urllib.request.Request(f"{self.settings.ari_address}/ari{path}")
        token = b64encode(f"acd:{self.stack.secrets.ari_password}".encode()).decode()
        request.add_header("Authorization", f"Basic {token}")
        with urllib.request.urlopen(request, timeout=5) as answer:
            found: list[Json] = json.load(answer)
        return found

    def left(self) -> Json:
        """Channels, and rooms except the waiting rooms, which stand as long as the service."""
        rooms = [
            room
            for room in self.ari("/bridges")
            if room["bridge_type"] != "holding" or room["channels"]
        ]
        return {"channels": len(self.ari("/channels")), "rooms": len(rooms)}

    def rows(self) -> list[Json]:
        """The record of every call that is not synthetic, in order of arrival."""

        found = self._fetch("SELECT * FROM call_records WHERE NOT synthetic ORDER BY arrived_at")
        return [row | {"arrived_at": row["arrived_at"].isoformat()} for row in found]

    def table(self, name: Literal["obligation", "recording"]) -> list[Json]:
        """All rows of a table."""
        return self._fetch(f"SELECT * FROM {name}")

    def facts(self, kind: str) -> list[Json]:
        """The facts of one kind, in order: the call and the moment in epoch ms."""
        if not kind.isalpha():
            raise ValueError(f"{kind} is no kind of fact")
        return self._fetch(
            "SELECT call, extract(epoch FROM at)::float8 * 1000 AS at_ms FROM fact"
            f" WHERE kind = '{kind}' ORDER BY at, seq"
        )

    def counted(self) -> list[Json]:
        """How many facts there are of each kind, of each way and result where they have one."""
        return self._fetch(
            "SELECT kind, body->>'kind' AS way, body->>'result' AS result, count(*) AS times"
            " FROM fact GROUP BY 1, 2, 3"
        )

    def _fetch(self, query: str) -> list[Json]:
        async def read() -> list[Json]:
            connection = await asyncpg.connect(self.stack.database_url)
            try:
                return [dict(row) for row in await connection.fetch(query)]
            finally:
                await connection.close()

        return asyncio.run(read())

    def memory_mb(self) -> Json:
        """What `acd serve` holds now, and the most it has held, in MB."""
        status = Path(f"/proc/{self.service.server.pid}/status").read_text(encoding="utf-8")
        now, peak = (re.search(rf"{name}:\s+(\d+) kB", status) for name in ("VmRSS", "VmHWM"))
        assert now is not None and peak is not None
        return {"now": round(int(now[1]) / 1024, 1), "peak": round(int(peak[1]) / 1024, 1)}


@contextmanager
def running(change: Callable[[dict[str, list[Json]]], None]) -> Iterator[Running]:
    """The switch on the demo directory with a change; stopped at the end of the block."""
    directory = document()
    change(directory)
    with Stack(load(), {"asterisk", "postgres"}, quiet=True) as stack:
        service = Service(stack)
        service.migrate()
        service.load(yaml.safe_dump(directory, allow_unicode=True, sort_keys=False))
        service.start()
        try:
            found = Running(stack, service)
            found.folder.mkdir()
            yield found
        finally:
            service.stop()


def settled(switch: Running) -> None:
    """Wait until the last call is on record and nobody is busy, or until it takes too long."""
    gauges = ("huling_calls_live", "huling_commands_under_way", "huling_records_waiting")
    try:
        wait_until(
            lambda: not any(map(switch.gauge, gauges)) and not any(switch.left().values()),
            seconds=SETTLE_S,
            what="the switch to be idle",
        )
    except TimeoutError as late:
        said(str(late))  # and what is left shows in the result


def spread(values: Sequence[float]) -> Json:
    """Median, 99th percentile and maximum of sorted values."""
    if not values:
        return {}
    return {
        "p50": round(values[len(values) // 2], 1),
        "p99": round(values[min(len(values) - 1, math.ceil(len(values) * 0.99) - 1)], 1),
        "max": round(values[-1], 1),
    }


def said(sentence: str) -> None:
    """A line of progress, beside the result."""
    print(sentence, file=sys.stderr, flush=True)
