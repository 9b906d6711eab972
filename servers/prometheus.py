"""Prometheus: asks the service for its metrics and keeps them under run/prometheus."""

from __future__ import annotations

import shutil
import signal
import urllib.request
from pathlib import Path

from servers.namespaces import Server
from servers.settings import REPO, Settings
from servers.steps import Failure
from servers.waiting import wait_until

START_SECONDS = 30.0
STOP_SECONDS = 10.0

# A broken promise must show within one look at the wallboard: 5 s, not the usual minute.
CONFIG = """\
global:
  scrape_interval: 5s
  scrape_timeout: 4s
  evaluation_interval: 5s
{rules}
scrape_configs:
  - job_name: huling
    static_configs:
      - targets: ["{target}"]
        labels: {{node: "{node}"}}
  - job_name: huling-desk
    static_configs:
      - targets: ["{desk}"]
"""


class Prometheus:
    """One Prometheus with its data under run/prometheus."""

    name = "prometheus"

    def __init__(self, settings: Settings, *, root: Path | None) -> None:
        """`root` is the private root with the `prometheus` package; None only configures."""
        self._settings = settings
        self._root = root
        self.home = settings.run_dir / "prometheus"
        self.log = self.home / "log"
        self._server: Server | None = None

    @property
    def url(self) -> str:
        """Its address on this machine."""
        return f"http://{self._settings.local_host}:{self._settings.prometheus_port}"

    def configure(self) -> Path:
        """Write run/prometheus/prometheus.yml; its path."""
        self.home.mkdir(parents=True, exist_ok=True)
        settings = self._settings
        rules = sorted((REPO / "docker" / "prometheus").glob("*.rules.yml"))
        for rule in rules:
            shutil.copy(rule, self.home / rule.name)
        path = self.home / "prometheus.yml"
        path.write_text(
            CONFIG.format(
                rules="rule_files: ['*.rules.yml']" if rules else "",
                target=f"{settings.local_host}:{settings.http_port}",
                desk=f"{settings.local_host}:{settings.desk_port}",
                node=settings.node,
            ),
            encoding="utf-8",
        )
        return path

    def start(self) -> None:
        """Start and wait until it says it is ready. Raises Failure when it does not."""
        self._server = Server(
            self.name,
            [
                "/usr/bin/prometheus",
                f"--config.file={self.configure()}",
                f"--storage.tsdb.path={self.home / 'data'}",
                "--storage.tsdb.retention.time=30d",
                f"--web.listen-address={self._settings.bind}:{self._settings.prometheus_port}",
            ],
            root=self._root,
            share=[self.home],
            log=self.log,
            cwd=self.home,
        )
        try:
            wait_until(self._ready_or_ended, seconds=START_SECONDS, what="Prometheus")
        except TimeoutError:
            self.kill()
            raise Failure(
                f"Prometheus was not ready in {START_SECONDS:g} s: see {self.log}."
            ) from None
        if not self._server.running:
            raise Failure(f"Prometheus ended while starting: see {self.log}.")

    def _ready_or_ended(self) -> bool:
        assert self._server is not None
        if not self._server.running:
            return True
        try:
            with urllib.request.urlopen(f"{self.url}/-/ready", timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    @property
    def running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._server is not None and self._server.running

    @property
    def server(self) -> Server:
        """The process. Raises Failure before the first start."""
        if self._server is None:
            raise Failure("Prometheus has not been started.")
        return self._server

    def stop(self) -> None:
        """End it in order."""
        if self._server is not None:
            self._server.stop(signal.SIGTERM, seconds=STOP_SECONDS)

    def kill(self) -> None:
        """End it at once."""
        if self._server is not None:
            self._server.kill()
