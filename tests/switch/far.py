"""A second host: a network namespace of its own, joined to ours by a pair of devices.

What it needs of us, PostgreSQL, ARI and AMI, is relayed on our end of the pair, as those listen on
127.0.0.1 alone.  `cut` loses every packet between the two, in both directions and without a word;
`hush` stops what the relays of Asterisk carry, and leaves the connections as they are.
"""

import asyncio
import os
import subprocess
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from servers.service import Service
from servers.stack import Stack

NEAR, FAR = "10.77.0.1", "10.77.0.2"
_NOWHERE = "02:00:00:00:00:99"
"""Nobody's address: what is sent there is dropped by the other end."""


class FarHost:
    """The other host."""

    def __init__(self, stack: Stack, folder: Path) -> None:
        self._stack = stack
        self._folder = folder
        self._net = folder / "net"
        self._relays: list[Relay] = []
        self.within = ["nsenter", f"--net={self._net}"]
        """Before a command line: run it there."""

    def service(self) -> Service:
        """A service there, which reaches ours by the relays; not started yet."""
        settings = self._stack.settings.model_copy(
            update={"run_dir": self._folder / "run", "bind": FAR}
        )
        return Service(self._stack, settings, within=self.within)

    def where(self) -> dict[str, str]:
        """What it has to be told."""
        own = self._stack.settings
        return {
            "HULING_ARI_URL": f"http://{NEAR}:{own.ari_port}",
            "HULING_AMI_HOST": NEAR,
            "HULING_DATABASE_URL": self._stack.database_url.replace("127.0.0.1", NEAR),
        }

    def cut(self) -> None:
        """Lose every packet from now on."""
        self._ip("neigh", "replace", FAR, "lladdr", _NOWHERE, "dev", "near0", "nud", "permanent")
        self._far_ip(
            "neigh", "replace", NEAR, "lladdr", _NOWHERE, "dev", "far0", "nud", "permanent"
        )

    def mend(self) -> None:
        """Carry packets, and what the relays were given, again."""
        self._ip("neigh", "del", FAR, "dev", "near0")
        self._far_ip("neigh", "del", NEAR, "dev", "far0")

    def hush(self) -> None:
        """Let nothing through to Asterisk and from it."""
        for relay in self._relays[:2]:
            relay.flows.clear()

    def unhush(self) -> None:
        """Let it through again, with what has waited."""
        for relay in self._relays[:2]:
            relay.flows.set()

    async def open(self, stack: AsyncExitStack) -> None:
        self._net.touch()
        self._run("unshare", f"--net={self._net}", "true")
        stack.callback(self._run, "umount", str(self._net))
        self._far_ip("link", "add", "far0", "type", "veth", "peer", "name", "near0")
        self._far_ip("link", "set", "near0", "netns", str(os.getpid()))
        stack.callback(self._ip, "link", "del", "near0")
        self._ip("addr", "add", f"{NEAR}/24", "dev", "near0")
        self._ip("link", "set", "near0", "up")
        self._far_ip("addr", "add", f"{FAR}/24", "dev", "far0")
        self._far_ip("link", "set", "far0", "up")
        self._far_ip("link", "set", "lo", "up")
        own = self._stack.settings
        for port in (own.ari_port, own.ami_port, own.postgres_port):
            self._relays.append(await stack.enter_async_context(Relay(port)))

    def _ip(self, *arguments: str) -> None:
        self._run("ip", *arguments)

    def _far_ip(self, *arguments: str) -> None:
        self._run(*self.within, "ip", *arguments)

    def _run(self, *command: str) -> None:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{' '.join(command)}: {done.stderr}"


class Relay:
    """Carries the connections of one port from our end of the pair to 127.0.0.1."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._tasks: set[asyncio.Task[None]] = set()
        self.flows = asyncio.Event()
        self.flows.set()

    async def __aenter__(self) -> "Relay":
        self._server = await asyncio.start_server(self._join, NEAR, self._port)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._carry(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            near_reader, near_writer = await asyncio.open_connection("127.0.0.1", self._port)
        except OSError:
            writer.transport.abort()
            return
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(self._copy(reader, near_writer))
                both.create_task(self._copy(near_reader, writer))
        except* OSError:
            pass  # one end has gone, and the other one goes with it
        finally:
            writer.transport.abort()
            near_writer.transport.abort()

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            await self.flows.wait()
            writer.write(data)
        raise ConnectionResetError("The end of what was to be carried.")


@asynccontextmanager
async def far_host(stack: Stack, folder: Path) -> AsyncIterator[FarHost]:
    """Make the host; nothing of it stays."""
    host = FarHost(stack, folder)
    async with AsyncExitStack() as parts:
        await host.open(parts)
        yield host
