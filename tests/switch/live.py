"""The running switch as a test sees it: by SIP, HTTP, SQL, ARI and its log; never from inside.

`running` is one per session: a real Asterisk and PostgreSQL, the demo directory, a real
`acd serve`.  `switch` is a test's own view of it; when the test is over, everybody it brought logs
out, and nothing may be left behind: no channel, no room, no busy agent, no defect, no line in the
log that tells of one.
"""

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from itertools import takewhile
from pathlib import Path
from typing import Any, Self, TypeVar, overload

import asyncpg
import httpx
import pytest

from acd.adapters.postgres.database import open_pool
from acd.demo.directory import document, text
from acd.proof.phones import Account
from acd.proof.sipp import find_sipp
from acd.proof.stage import Switch as ProofSwitch
from acd.runtime.directory.load import load as load_file
from bench.operators import QuietOperators, at_demo_trunks
from servers.service import Service
from servers.stack import Stack
from servers.waiting import wait_until
from tests.switch import sip

LOOK_S = 0.02
"""Between two looks at something that cannot tell us by itself."""

WAIT_S = 60.0
"""For whatever is waited for.  Generous, as it costs nothing when all is well: the machine may be
busy, and stand still for a while.  What must be soon is told by the records, not by this."""
LEFT_BEHIND_S = 60.0
FORGIVEN_S = 0.5
"""Between two looks at what is owed; the first callback comes 2 s after it began to be."""
SHOWN = 15_000
"""In characters, from the end: of each thing that is shown of a test that failed."""

LABEL = re.compile(r'\w+="(?:[^"\\]|\\.)*"')
"""One of a sample's labels (Prometheus' text format)."""

PASSING = ("wrap_up", "not_responding")

T = TypeVar("T")
Json = dict[str, Any]


class Switch:
    """One test's view of the running switch."""

    def __init__(
        self,
        service: Service,
        api: httpx.AsyncClient,
        ari: httpx.AsyncClient,
        quiet: QuietOperators,
    ) -> None:
        self.service = service
        self.quiet = quiet
        """Who is at the far end of the trunks where a test has nobody there."""
        self.stack = service.stack
        self.settings = service.settings
        self.api = api
        self._ari = ari
        self._database: asyncpg.Connection[asyncpg.Record] | None = None
        """Kept for the whole test: to show a password takes longer than any answer (SCRAM)."""
        self._asking = asyncio.Lock()
        self.began = datetime.now(UTC)
        self.callbacks_too = False
        """Rows of callbacks count: a test in which somebody is called back says so."""
        self.allowed_complaints: tuple[str, ...] = ()
        """Log lines with one of these in them are expected: a test that cuts a link says so."""
        self._log_from = {service: service.log_size()}
        self._before: dict[str, float] = {}
        self._agents: dict[str, Agent] = {}
        self._phones: list[sip.Phone] = []

    def served_by(self, service: Service) -> None:
        """Another service has the switch: it is the one that is asked, and whose log counts."""
        self._log_from.setdefault(service, 0)
        self.service = service
        self.api.base_url = httpx.URL(service.settings.http_address)

    # ── Who takes part ───────────────────────────────────────────────────────────────────────

    @property
    def sip_address(self) -> tuple[str, int]:
        return self.settings.local_host, self.settings.sip_port

    @property
    def sipp(self) -> list[str]:
        """The command that runs SIPp."""
        return find_sipp(None, self.stack.root)

    @property
    def proof_switch(self) -> ProofSwitch:
        """Where the proof's toolkit finds us."""
        return ProofSwitch(self.settings.local_host, self.settings.sip_port)

    def account(self, user: str) -> Account:
        """A phone's user and password, for the proof's toolkit."""
        return Account(user, self.service.credentials()[user])

    async def terminal(
        self,
        number: str = "02160000001",
        *,
        host: str = "127.0.0.1",
        server: tuple[str, int] | None = None,
    ) -> sip.Phone:
        """A caller on the trunk, to another node's ``server`` if that is given."""
        phone = sip.Phone(number, server=server or self.sip_address)
        self._phones.append(phone)
        return await phone.open(host)

    async def phone(
        self, user: str, password: str, *, server: tuple[str, int] | None = None
    ) -> sip.Phone:
        """A phone with an account, not registered yet."""
        device = sip.Phone(user, server=server or self.sip_address, password=password)
        self._phones.append(device)
        return await device.open()

    async def agent(
        self, agent: str, *, phone: str | None = None, server: tuple[str, int] | None = None
    ) -> "Agent":
        """An agent whose phone is registered, at a node if one is given, but who has not logged
        in."""
        user = phone or f"a{agent}"
        device = await self.phone(user, self.service.credentials()[user], server=server)
        assert await device.register() == 200
        person = self._agents[agent] = Agent(self, agent, device)
        return person

    async def agent_when_there(self, agent: str) -> "Agent":
        """The same, for one just added: their account reaches Asterisk a moment later."""
        user = f"a{agent}"

        def password() -> str:
            return self.service.credentials().get(user, "")

        device = await self.phone(user, await self.until(password, f"the password of {user}"))

        async def registered() -> bool:
            return await device.register() == 200

        await self.until(registered, f"{user} to register")
        person = self._agents[agent] = Agent(self, agent, device)
        return person

    async def ready_agent(self, agent: str, *, server: tuple[str, int] | None = None) -> "Agent":
        """An agent who is logged in and ready."""
        person = await self.agent(agent, server=server)
        await person.ask("login")
        return await person.wait("ready")

    def token(self, role: str, person: str, agent: str | None) -> str:
        """A token for the APIs, made as a person makes it."""
        number = () if agent is None else ("--agent", agent)
        made = self.service.command("token", "create", "--role", role, "--person", person, *number)
        assert made.returncode == 0, made.stderr
        return made.stdout.strip()

    # ── What is to be seen ───────────────────────────────────────────────────────────────────

    @overload
    async def until(
        self, look: Callable[[], Awaitable[T]], what: str, seconds: float = WAIT_S
    ) -> T: ...

    @overload
    async def until(self, look: Callable[[], T], what: str, seconds: float = WAIT_S) -> T: ...

    async def until(self, look: Callable[[], Any], what: str, seconds: float = WAIT_S) -> Any:
        """Look until there is something; return it.  Fails with ``what`` after ``seconds``."""
        end = time.monotonic() + seconds
        while True:
            found = look()
            if isinstance(found, Awaitable):
                found = await found
            if found:
                return found
            if time.monotonic() >= end:
                raise AssertionError(f"waited {seconds:g} s in vain for {what}")
            await asyncio.sleep(LOOK_S)

    async def media(self, seconds: float) -> None:
        """Let audio flow: the only thing that takes time by itself."""
        await asyncio.sleep(seconds)

    async def get(self, path: str, **query: Any) -> Any:
        """What the API answers, which must be a success."""
        answer = await self.api.get(path, params=query)
        assert answer.status_code == 200, f"GET {path}: {answer.status_code} {answer.text}"
        return answer.json()

    async def search(self, what: str, **body: Any) -> Any:
        """Records of ``calls`` or ``cases`` that the API finds."""
        answer = await self.api.post(f"/{what}/search", json=body)
        assert answer.status_code == 200, f"{what}: {answer.status_code} {answer.text}"
        return answer.json()

    async def agent_state(self, agent: str) -> Json:
        """One agent as the API shows them."""
        found: Json = await self.get(f"/agents/{agent}")
        return found

    async def is_or_was(self, now: Json, state: str, reason: str | None = None) -> bool:
        """Whether an agent, as the API shows them now, is in this state.  Wrap-up and rest pass by
        by themselves, perhaps while nobody looks: when over, the record tells that they were."""
        if now["state"] == state:
            return reason is None or now["reason"] == reason
        if now["state"] != "ready" or state not in PASSING:
            return False
        rows = await self.sql(
            "SELECT state, reason FROM agent_state_records WHERE agent = $1 AND from_at >= $2"
            " ORDER BY from_at DESC",
            now["id"],
            self.began,
        )
        since = list(takewhile(lambda row: row["state"] != "talking", rows))
        return any(row["state"] == state and reason in (None, row["reason"]) for row in since)

    async def sql(self, query: str, *arguments: Any) -> list[Json]:
        """Rows straight from PostgreSQL."""
        async with self._asking:
            if self._database is None or self._database.is_closed():
                self._database = await asyncpg.connect(self.stack.database_url)
            return [dict(row) for row in await self._database.fetch(query, *arguments)]

    async def rows(self) -> list[Json]:
        """The rows of this test's calls so far, oldest first; a call still going on has no end."""
        return await self.sql(
            "SELECT * FROM call_records WHERE arrived_at >= $1"
            " AND ($2 OR direction = 'inbound' OR coalesce(reference, '') NOT LIKE '%-o%')"
            " ORDER BY arrived_at, call_id",
            self.began,
            self.callbacks_too,
        )

    async def records(self, count: int = 1, seconds: float = WAIT_S) -> list[Json]:
        """The rows of this test's calls, once there are ``count`` and all have ended."""
        shown: list[Json] = []

        async def complete() -> bool:
            shown[:] = await self.rows()
            return len(shown) >= count and all(row["ended_at"] for row in shown)

        try:
            await self.until(complete, f"{count} ended calls in the record", seconds)
        except AssertionError as late:
            raise AssertionError(f"{late}; it has {shown}") from None
        assert len(shown) == count, shown
        return shown

    async def records_of_all(self) -> list[Json]:
        """The rows of this test's calls, however many there were, once none is going on."""

        async def over() -> bool:
            return (
                await self.metric("huling_calls_live") == 0
                and await self.metric("huling_records_waiting") == 0
            )

        await self.until(over, "the end of all calls")
        return await self.records(len(await self.rows()))

    async def record(self) -> Json:
        """The row of this test's only call."""
        (row,) = await self.records()
        return row

    async def call_detail(self) -> Json:
        """This test's only call with its legs and offers, as the API shows it."""
        row = await self.record()
        found: Json = await self.get(f"/calls/{row['call_id']}")
        return found

    async def metrics(self) -> dict[str, float]:
        """All samples: ``name{label="value"}`` with labels in order of name."""
        answer = await self.api.get("/metrics")
        return dict(samples(answer.text))

    async def metric(self, name: str) -> float:
        """The sum of one metric over all labels."""
        return total(await self.metrics(), name)

    async def counted(self) -> dict[str, float]:
        """What every counter has gained in this test (labels as in ``metrics``)."""
        now = await self.metrics()
        return {
            name: value - self._before.get(name, 0.0)
            for name, value in now.items()
            if value != self._before.get(name, 0.0)
        }

    async def ari(self, path: str) -> Any:
        """What Asterisk says through ARI."""
        answer = await self._ari.get(f"/ari{path}")
        answer.raise_for_status()
        return answer.json()

    async def close_rooms(self) -> None:
        """Close what a killed service has left open; to find such rooms is recovery's work."""
        for room in await self.ari("/bridges"):
            if room["bridge_type"] != "holding":
                (await self._ari.delete(f"/ari/bridges/{room['id']}")).raise_for_status()

    async def one_waits(self, queue: str = "emergency") -> None:
        """Wait until one call waits there.  180 alone is Asterisk's: the service may not know."""

        async def waits() -> bool:
            queues = await self.get("/queues")
            return [one["waiting"] for one in queues if one["id"] == queue] == [1]

        await self.until(waits, f"one call to wait in {queue}")

    async def asterisk_has_noticed(self) -> None:
        """Wait until Asterisk knows that a killed service is gone: until then a new call still
        enters the application, where nobody hears it."""

        async def told() -> bool:
            shown = await asyncio.to_thread(self.stack.cli, "ari show websocket sessions")
            return "inbound" not in shown

        await self.until(told, "Asterisk to see the lost websocket")

    async def all_written(self) -> None:
        """Wait until nothing waits to be written into the record."""

        async def written() -> bool:
            return await self.metric("huling_records_waiting") == 0

        await self.until(written, "the record")

    # ── The end of a test ────────────────────────────────────────────────────────────────────

    async def begin(self) -> None:
        self._before = await self.metrics()

    async def leave(self) -> None:
        """Everybody hangs up, logs out and gives the registration back."""
        for phone in self._phones:
            for call in phone.calls.values():
                end(call)
        for person in self._agents.values():
            if not person.gone:
                person.is_heard_of()
        await self._log_everybody_out()
        for person in self._agents.values():
            if not person.phone.deaf and not person.gone:
                await person.phone.register(expires=0)
        # Phones stay up meanwhile: they answer what Asterisk still has to say.
        await self.nothing_left()

    async def forgive(self) -> list[str]:
        """End what this test owes, and tell it: whoever abandoned an emergency would be called
        back in the middle of another test; or of this one, 2 s after the end, and 20 s after a
        conversation of which nobody has said that somebody responded."""
        owed = await self.get("/obligations", state="open")
        for one in owed:
            await self.api.post(f"/obligations/{one['id']}/close", json={"reason": "test over"})
        return [f"obligation {one['id']}" for one in owed] + await self._cases()

    @asynccontextmanager
    async def owing_nothing(self) -> AsyncIterator[None]:
        """Forgive whatever comes to be owed meanwhile: nobody is called back."""

        async def forgive() -> None:
            while True:
                await self.forgive()
                await asyncio.sleep(FORGIVEN_S)

        forgiving = asyncio.create_task(forgive())
        try:
            yield
            assert not forgiving.done(), forgiving
        finally:
            forgiving.cancel()
            await asyncio.gather(forgiving, return_exceptions=True)

    async def _cases(self) -> list[str]:
        """Close the cases of this test: whoever calls about one is rung through to its agents."""
        left = await self.get("/cases")
        for case in left:
            path = f"/cases/{case['id']}"
            word = {"agent": "8001", "outcome": "test"}
            await self.api.post(f"{path}/outcome", json=word)
            await self.api.post(f"{path}/close", json={"agent": "8001", "reason": "test over"})
            await self.api.post(f"{path}/agree", json={"agent": "8002"})
        return [f"case {one['id']}" for one in left]

    async def close(self) -> None:
        for phone in self._phones:
            phone.close()
        if self._database is not None:
            await self._database.close()

    async def nothing_left(self) -> None:
        """No channel, no room, no call, no busy agent; no defect, no complaint in the log."""
        left: list[str] = []

        async def clean() -> bool:
            # First what goes on, then what is owed: the end of a call is what makes us owe.
            left[:] = [*await self._left(), *await self.forgive()]
            if left:
                # Whoever was in a call may not have been let go at the first time.
                await self._log_everybody_out()
            return not left

        try:
            await self.until(clean, "everything to be gone", LEFT_BEHIND_S)
        except AssertionError:
            found = list(left)
            await self._sweep()
            raise AssertionError(f"left behind: {found}") from None
        now = await self.metrics()
        for name in ("huling_defects", "huling_service_defects", "huling_invariants_violated"):
            assert total(now, f"{name}_total") == 0, f"{name}: {self.complaints()}"
        assert not self.complaints()

    async def _log_everybody_out(self) -> None:
        """Supervisors first: as long as one is there, others have to ask (D08)."""
        present = [one for one in await self.get("/agents") if one["state"] != "logged_out"]
        for agent in sorted(present, key=lambda one: one["role"] != "supervisor"):
            await self.api.post(f"/agents/{agent['id']}/logout")

    async def _sweep(self) -> None:
        """End by force what a failed test has left, so that the next one has a clean switch."""
        for channel in await self.ari("/channels"):
            await self._ari.delete(f"/ari/channels/{channel['id']}")
        await self._log_everybody_out()

    def complaints(self) -> list[str]:
        """What the service's log complains of since this test began."""
        return [
            line
            for line in self.service.complaints(self._log_from[self.service])
            if not any(allowed in line for allowed in self.allowed_complaints)
        ]

    def at_this_moment(self) -> str:
        """Asterisk's channels and rooms, what the service has logged in this test, and what the
        core decided of late: for whoever has to understand a failure that does not come back."""
        shown = [
            self.stack.cli(ask)
            for ask in ("core show channels concise", "bridge show all", "pjsip show channelstats")
        ]
        shown.append(self.service.logged(self._log_from[self.service])[-SHOWN:])
        for way in ("--effects", "--story"):
            told = self.service.command("replay", way, str(self.service.journals()[-1]))
            shown.append((told.stdout + told.stderr)[-SHOWN:])
        return "\n".join(shown)

    async def _left(self) -> list[str]:
        found = [f"channel {one['name']} {one['state']}" for one in await self.ari("/channels")]
        for room in await self.ari("/bridges"):
            # A queue's waiting room stands as long as the service does.
            if room["bridge_type"] != "holding" or room["channels"]:
                found.append(f"room {room['id']} with {room['channels']}")
        for agent in await self.get("/agents"):
            if agent["state"] != "logged_out":
                found.append(f"agent {agent['id']} is {agent['state']}")
        now = await self.metrics()
        for name in (
            "huling_calls_live",
            "huling_calls_waiting",
            "huling_commands_waiting",
            "huling_commands_under_way",
            "huling_records_waiting",
        ):
            if total(now, name):
                found.append(f"{name} is {total(now, name):g}")
        return found


class Agent:
    """An agent at a phone of ours."""

    def __init__(self, switch: Switch, agent: str, phone: sip.Phone) -> None:
        self.switch = switch
        self.id = agent
        self.phone = phone
        self.gone = False
        """The phone has been taken away: it can give no registration back."""

    async def ask(self, what: str, **body: Any) -> httpx.Response:
        """One request through the API; ``what`` is the last part of its path."""
        return await self.switch.api.post(f"/agents/{self.id}/{what}", json=body or None)

    async def state(self) -> Json:
        return await self.switch.agent_state(self.id)

    async def wait(self, state: str, reason: str | None = None, seconds: float = WAIT_S) -> Self:
        """Wait until the switch says so (or has said so, of a state that passes by)."""

        seen: list[str] = []

        async def there() -> bool:
            now = await self.state()
            shown = " ".join(filter(None, (now["state"], now["reason"])))
            if shown not in seen[-1:]:
                seen.append(shown)
            return await self.switch.is_or_was(now, state, reason)

        what = " ".join(filter(None, (state, reason)))
        try:
            await self.switch.until(there, f"agent {self.id} to be {what}", seconds)
        except AssertionError as error:
            raise AssertionError(f"{error}, who was {', then '.join(seen)}") from None
        return self

    async def rung(self, seconds: float = WAIT_S, *, caller: str = "") -> sip.Call:
        """The next call (from this caller) that rings this phone; it has been told 180."""

        def new() -> list[sip.Call]:
            calls = self.phone.calls.values()
            return [
                call
                for call in calls
                if call.invite and not call.sequence and not call.ended
                if caller in call.invite["From"]
            ]

        (call, *_) = await self.switch.until(new, f"{self.phone.user} to be rung", seconds)
        call.sequence = 1
        call.ring()
        return call

    def is_heard_of(self) -> list[sip.Call]:
        """Reply to INVITEs that were left without one: only then can they be cancelled (RFC 3261
        9.1); Asterisk repeats them for 32 s otherwise, past the end of the test."""
        calls = self.phone.calls.values()
        left = [one for one in calls if one.invite and not one.sequence and not one.ended]
        for call in left:
            call.sequence = 1
            call.ring()
        return left

    async def settles(self) -> None:
        """The same, and wait for their end: their offers have ended long ago."""
        for call in self.is_heard_of():
            await call.over()

    async def answers(self, seconds: float = WAIT_S, *, caller: str = "") -> sip.Call:
        """Rung, answered, and acknowledged."""
        call = await self.rung(seconds, caller=caller)
        call.answer()
        return await call.until(lambda one: one.acknowledged, "the ACK")

    async def takes_the_call(self, seconds: float = WAIT_S, *, caller: str = "") -> sip.Call:
        """The same, and the switch has joined both: they hear each other."""
        call = await self.answers(seconds, caller=caller)

        await self.joined()
        return call

    async def joined(self) -> None:
        """Wait until this phone and one other are in one room.  Who has answered is talking, and
        joined a moment later."""

        async def are_in_one() -> bool:
            names = {one["id"]: one["name"] for one in await self.switch.ari("/channels")}
            rooms = [room["channels"] for room in await self.switch.ari("/bridges")]
            mine = f"PJSIP/{self.phone.user}-"
            return any(
                len(members) == 2 and any(names.get(one, "").startswith(mine) for one in members)
                for members in rooms
            )

        await self.switch.until(are_in_one, f"{self.phone.user} and a caller in one room")

    async def says(self, what: str) -> None:
        """Say something of the call they are in, through the API: ``responded``, ``outcome``.  Both
        may hear each other before the switch has heard that they do."""
        call = (await self.state())["call"]

        async def said() -> bool:
            answer = await self.switch.api.post(f"/calls/{call}/{what}")
            if answer.status_code == 409 and answer.json()["refusal"] == "no_conversation":
                return False
            assert answer.status_code == 200, answer.text
            return True

        await self.switch.until(said, f"call {call} to be a conversation")

    async def is_free(self) -> None:
        """Wait until they are ready and their phone has been let go of: who is ready again may
        still be seen at the phone of the last call, and is not rung before that is over."""

        async def free() -> bool:
            now = await self.state()
            return now["state"] == "ready" and not any(
                phone["in_use"] or phone["legs"] for phone in now["phones"]
            )

        await self.switch.until(free, f"agent {self.id} and their phone to be free")

    async def dials(self, code: str) -> sip.Call:
        """Dial a feature code."""
        return await self.phone.call(code)


def samples(text: str) -> Iterator[tuple[str, float]]:
    """What `/metrics` says, by name and sorted labels.  The client library's parser, which tests/
    runtime/test_metrics.py holds the text to, takes ten times as long, and each test asks often."""
    for line in text.splitlines():
        if line and not line.startswith("#"):
            sample, value = line.rsplit(" ", 1)
            name, _, labels = sample.partition("{")
            pairs = ",".join(sorted(LABEL.findall(labels)))
            yield f"{name}{{{pairs}}}" if pairs else name, float(value)


def total(metrics: Mapping[str, float], name: str) -> float:
    """The sum of one metric over all its labels."""
    return sum(v for key, v in metrics.items() if key == name or key.startswith(name + "{"))


def end(call: sip.Call) -> None:
    """End a call of ours, whatever its state; nothing when it has ended."""
    if call.ended:
        return
    if call.invite is not None:
        if call.acknowledged:
            call.hang_up()
        return
    if call.code == 200:
        call.hang_up()
    elif call.code < 200:
        call.cancel()


def load_directory(service: Service, directory: str) -> None:
    """Load a directory as `acd directory load` does, but without a process of its own: to start one
    costs more than to load.  A service that runs has read it when this returns: else the next call
    might still be served by the one before."""
    log_from = service.log_size()
    path = service.settings.run_dir / "directory.yaml"
    path.write_text(directory, encoding="utf-8")
    with ThreadPoolExecutor(1) as elsewhere:  # a loop may be running in this thread
        newest = elsewhere.submit(asyncio.run, _load(path, service.stack.database_url)).result()
    if not service.running:
        return

    def has_read(since: int) -> bool:
        found = re.findall(r'"revision": (\d+),', service.logged(since))
        return max(map(int, found), default=0) >= newest

    # The whole log, of megabytes, is read once: who loads what is there already makes no revision.
    if not has_read(0):
        wait_until(
            lambda: has_read(log_from), seconds=WAIT_S, what="the service to read the directory"
        )


async def _load(path: Path, database_url: str) -> int:
    """Load a file; the newest revision of the directory."""
    pool = await open_pool(database_url, connections_max=1)
    try:
        await load_file(path, pool)
        return int(await pool.fetchval("SELECT max(revision) FROM directory_revisions"))
    finally:
        await pool.close()


def demo_with(change: Callable[[dict[str, list[Json]]], None]) -> str:
    """The demo directory with a change, as a file's text."""
    found = document()
    change(found)
    return json.dumps(found, ensure_ascii=False)  # JSON is YAML, and quicker to write


def demo() -> str:
    """The demo directory as it is."""
    return demo_with(lambda _: None)


def ringing_on(directory: dict[str, list[Json]]) -> None:
    """Nobody is picked up in an agent's place: what SIPp's terminals hear then has tones like those
    of other calls, and a busy machine may keep an agent from answering within the demo's 2 s."""
    for queue in directory["queues"]:
        queue["pick_up_ms"] = 9_000  # below every promise


@pytest.fixture(scope="session")
def quiet_operators() -> Iterator[QuietOperators]:
    """Operators who answer OPTIONS and refuse every call."""
    with at_demo_trunks() as opened:
        yield opened


@pytest.fixture(scope="session")
def running(stack: Stack, quiet_operators: QuietOperators) -> Iterator[Service]:
    """The session's service with the demo directory; ends with exit code 0."""
    stack.ensure("postgres")
    stack.ensure("asterisk")
    service = Service(stack)
    service.migrate()
    service.load(text())
    # Callers whom the dialplan served in an adapter's test are owed nothing in the next one.
    stack.cli("database deltree huling-stay")
    service.start()
    try:
        yield service
    finally:
        code = service.stop()
    assert code == 0
    assert not [line for line in service.complaints() if "Traceback" in line]


@pytest.fixture
async def switch(running: Service, quiet_operators: QuietOperators) -> AsyncIterator[Switch]:
    """This test's view of the running switch; what the test leaves behind fails it."""
    settings = running.settings
    secrets = settings.secrets()
    async with AsyncExitStack() as clients:
        # Nothing here speaks TLS, and to load the authorities that nobody asks takes 40 ms.
        plain = partial(httpx.AsyncClient, timeout=WAIT_S, verify=False)
        api = await clients.enter_async_context(plain(base_url=settings.http_address))
        ari = await clients.enter_async_context(
            plain(base_url=settings.ari_address, auth=("acd", secrets.ari_password))
        )
        view = Switch(running, api, ari, quiet_operators)
        await view.begin()
        clients.push_async_callback(view.close)
        yield view
        await view.leave()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test that fails shows what Asterisk and the service's log have at that moment."""
    report = yield
    switch = getattr(item, "funcargs", {}).get("switch")
    if report.when == "call" and report.failed and isinstance(switch, Switch):
        report.sections.append(("the switch at that moment", switch.at_this_moment()))
    return report
