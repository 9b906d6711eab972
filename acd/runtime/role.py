"""What this process is now, for whoever asks: starting, the standby, or the one who serves."""

from acd.adapters.http.waiting import Duty
from acd.runtime.logs import logger
from acd.runtime.metrics.exposition import Exposition

log = logger(__name__)


class Role:
    """Implements ``acd.adapters.http.waiting.WaitingPort`` while another serves."""

    def __init__(self) -> None:
        self.duty = Duty.STARTING
        self.takeovers = 0
        """How often this process has taken the switch over from another that did not give it."""
        self._why = ""
        self._active: str | None = None
        self._metrics = Exposition()
        self.show_in(self._metrics)

    def show_in(self, metrics: Exposition) -> None:
        """Show who is active among these metrics."""
        metrics.gauge(
            "huling_active",
            "Whether this service decides; 0 for a standby.",
            lambda: self.duty is Duty.ACTIVE,
        )
        metrics.counters(
            "huling_takeovers",
            "How often the switch was taken over from a service that was gone.",
            (),
            lambda: {"": self.takeovers},
        )

    def starts(self, why: str) -> None:
        """Say what is waited for."""
        self.duty, self._why, self._active = Duty.STARTING, why, None

    def stands_by(self, active: str | None, why: str = "") -> None:
        """Another serves, at ``active``; or ``why`` nobody knows."""
        if self.duty is not Duty.STANDBY or (active, why) != (self._active, self._why):
            log.info("Standing by.", active=active, why=why)
        self.duty, self._why, self._active = Duty.STANDBY, why, active

    def serves(self) -> None:
        """We decide."""
        self.duty, self._why, self._active = Duty.ACTIVE, "", None

    def reasons(self) -> list[str]:
        if self.duty is Duty.STANDBY and self._active is not None:
            return [f"This is the standby; the active service is at {self._active}."]
        if self.duty is Duty.STANDBY:
            return [f"This is the standby, and cannot take over now: {self._why}"]
        return [self._why or "The service is starting."]

    def metrics(self) -> bytes:
        return self._metrics.exposition()
