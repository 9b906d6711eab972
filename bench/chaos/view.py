"""What there is to see of a switch that faults are done to: by HTTP, SQL and ARI, never from
inside."""

import asyncio
import json
import time
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any

import asyncpg

from acd.proof.stage import ProofFailure
from servers.service import Service

Json = dict[str, Any]

RECORD_S = 60.0


class View:
    """Asks the service that serves, and the stack's PostgreSQL and Asterisk."""

    def __init__(self, service: Service) -> None:
        self.service, self.stack, self.settings = service, service.stack, service.settings

    def get(self, path: str) -> Any:
        """What the control API answers."""
        address = f"{self.service.settings.http_address}{path}"
        with urllib.request.urlopen(address, timeout=30) as answer:
            return json.load(answer)

    def post(self, path: str, body: Json | None = None) -> bool:
        """Ask for something; False when it is refused."""
        data = json.dumps(body or {}).encode()
        address = f"{self.service.settings.http_address}{path}"
        asked = urllib.request.Request(address, data, method="POST")
        asked.add_header("Content-Type", "application/json")
        with suppress(urllib.error.HTTPError), urllib.request.urlopen(asked, timeout=30):
            return True
        return False

    def metric(self, name: str) -> float:
        """The sum of one metric over its labels."""
        address = f"{self.service.settings.http_address}/metrics"
        with urllib.request.urlopen(address, timeout=30) as answer:
            lines = answer.read().decode().splitlines()
        return sum(
            float(line.rpartition(" ")[2])
            for line in lines
            if line.startswith((f"{name} ", f"{name}{{"))
        )

    def in_stasis(self, ari_address: str = "") -> list[str]:
        """The callers' channels that the service is to look after, from Asterisk itself: the
        stack's own, or the one whose ARI is there."""
        where = ari_address or self.settings.ari_address
        asked = urllib.request.Request(f"{where}/ari/channels")
        token = b64encode(f"acd:{self.stack.secrets.ari_password}".encode()).decode()
        asked.add_header("Authorization", f"Basic {token}")
        with urllib.request.urlopen(asked, timeout=30) as answer:
            return [
                one["id"]
                for one in json.load(answer)
                if one["dialplan"]["app_name"] == "Stasis"
                and one["dialplan"]["app_data"].startswith("acd,call")
            ]

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

    def stays(self) -> bool:
        """Whether a dialplan has written of callers who are not in the record yet."""
        raise NotImplementedError

    def records(self, since: datetime) -> list[Json]:
        """The records, once everything has been written.  Raises ProofFailure when it is not."""

        def written() -> bool:
            return (
                self.metric("huling_calls_live") == 0
                and self.metric("huling_records_waiting") == 0
                and not self.stays()
            )

        if not wait(written, RECORD_S):
            live, waiting, links = map(
                self.metric, ("huling_calls_live", "huling_records_waiting", "huling_link_up")
            )
            raise ProofFailure(
                f"not everything is in the record after {RECORD_S:g} s: {live:g} calls live, "
                f"{waiting:g} facts to be written, {links:g} links up"
            )
        return self.rows(since)

    def close_what_is_owed(self) -> int:
        """Nobody is called back about one fault in the middle of the next; how much was owed."""
        owed = self.get("/obligations?state=open&limit=1000")
        for one in owed:
            self.post(f"/obligations/{one['id']}/close", {"reason": "trial over"})
        return len(owed)

    def defects(self) -> float:
        """How often the service has met what must never be."""
        return sum(
            self.metric(f"huling_{name}_total")
            for name in ("defects", "service_defects", "invariants_violated")
        )


def wait(condition: Callable[[], bool], seconds: float) -> bool:
    """Look until it holds; False when it does not in time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() >= end:
            return False
        time.sleep(0.05)
    return True
