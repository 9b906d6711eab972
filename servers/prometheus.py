"""Prometheus: asks the service for its metrics and keeps them under run/prometheus."""

from __future__ import annotations

import shutil
import urllib.request
from pathlib import Path

from servers.daemon import Daemon
from servers.namespaces import Server
from servers.settings import REPO, Settings

# A broken promise must show within one look at the wallboard: 5 s, not the usual minute.  A target
# has no label of its own: one that a metric has too (node) would take its name away.
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
  - job_name: huling-desk
    static_configs:
      - targets: ["{desk}"]
"""


class Prometheus(Daemon):
    """One Prometheus with its data under run/prometheus."""

    name = "prometheus"
    title = "Prometheus"
    start_seconds = 120.0
    stop_seconds = 10.0

    def __init__(self, settings: Settings, *, root: Path | None) -> None:
        """`root` is the private root with the `prometheus` package; None only configures."""
        super().__init__()
        self._settings = settings
        self._root = root
        self.home = settings.run_dir / "prometheus"
        self.log = self.home / "log"

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
            ),
            encoding="utf-8",
        )
        return path

    def launch(self) -> Server:
        """Configure it and start it."""
        return Server(
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

    def ready(self) -> bool:
        """Whether it says so itself."""
        try:
            with urllib.request.urlopen(f"{self.url}/-/ready", timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def why(self) -> str:
        """Where to look."""
        return f"See {self.log}."
