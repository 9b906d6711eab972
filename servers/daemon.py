"""A server of the stack: started and waited for, asked whether it lives, ended."""

from __future__ import annotations

import signal
from abc import ABC, abstractmethod

from servers.namespaces import Server
from servers.steps import Failure
from servers.waiting import wait_until


class Daemon(ABC):
    """What all servers of the stack have in common. Blocking; safe to call from any thread.

    One kind of server says how it is launched, when it is ready, and where to look when it is not.
    """

    title: str
    """Its name in a sentence."""
    start_seconds: float
    stop_seconds: float
    stop_signal = signal.SIGTERM
    """Asks it to end in order."""

    def __init__(self) -> None:
        self._server: Server | None = None

    @abstractmethod
    def launch(self) -> Server:
        """Prepare its files and start the program."""

    @abstractmethod
    def ready(self) -> bool:
        """Whether it does its work; asked only while it runs."""

    @abstractmethod
    def why(self) -> str:
        """Where its log is or how it ends, as a sentence for a message."""

    def start(self) -> None:
        """Start it and wait until it is ready. Raises Failure when it does not become so."""
        server = self._server = self.launch()
        try:
            wait_until(
                lambda: not server.running or self.ready(),
                seconds=self.start_seconds,
                what=f"{self.title} to be ready",
            )
        except TimeoutError:
            self.kill()
            raise Failure(
                f"{self.title} was not ready in {self.start_seconds:g} s. {self.why()}"
            ) from None
        if not server.running:
            raise Failure(
                f"{self.title} ended while starting (exit code {server.exit_code}). {self.why()}"
            )

    @property
    def running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._server is not None and self._server.running

    @property
    def server(self) -> Server:
        """The process. Raises Failure before the first start."""
        if self._server is None:
            raise Failure(f"{self.title} has not been started.")
        return self._server

    def stop(self) -> None:
        """End it in order, by force when that takes too long."""
        if self._server is not None:
            self._server.stop(self.stop_signal, seconds=self.stop_seconds)

    def kill(self) -> None:
        """End it at once, as a crash would."""
        if self._server is not None:
            self._server.kill()
