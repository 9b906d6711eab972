"""What the kernel says of this process, in Prometheus' text format.

The names, words and numbers are those of prometheus_client's ``ProcessCollector``, which a test
compares; made here they cost a scrape a fifth as much.
"""

import os
import resource
from collections.abc import Iterator
from pathlib import Path

from prometheus_client.utils import floatToGoString

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE_BYTES = resource.getpagesize()
_STAT_BYTES_MAX = 4_096
"""One line of some 50 numbers."""


def _boot_time_s() -> float:
    """Return when the machine was started (seconds of the epoch)."""
    lines = Path("/proc/stat").read_text(encoding="ascii").splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith("btime "))


def _number(value: float) -> str:
    return str(floatToGoString(value))  # type: ignore[no-untyped-call]  # it has no types


class ProcessFigures:
    """Memory, processor time and open files of this process."""

    def __init__(self) -> None:
        self._boot_s = _boot_time_s()

    def text(self) -> str:
        """Return all lines; nothing when the process may open no more files: the other figures are
        wanted then more than ever."""
        try:
            figures = list(self._read())
        except OSError:
            return ""
        return "".join(
            f"# HELP process_{name} {text}\n# TYPE process_{name} {kind}\n"
            f"process_{name} {_number(value)}\n"
            for name, kind, text, value in figures
        )

    def _read(self) -> Iterator[tuple[str, str, str, float]]:
        opened = os.open("/proc/self/stat", os.O_RDONLY)
        try:
            line = os.read(opened, _STAT_BYTES_MAX)
        finally:
            os.close(opened)
        # Numbered as in proc(5), from the third field on: the second may contain anything.
        stat = line[line.rindex(b")") + 1 :].split()
        yield "virtual_memory_bytes", "gauge", "Virtual memory size in bytes.", float(stat[20])
        yield (
            "resident_memory_bytes", "gauge", "Resident memory size in bytes.",
            float(stat[21]) * _PAGE_BYTES,
        )  # fmt: skip
        yield (
            "start_time_seconds", "gauge", "Start time of the process since unix epoch in seconds.",
            float(stat[19]) / _TICKS + self._boot_s,
        )  # fmt: skip
        yield (
            "cpu_seconds_total", "counter", "Total user and system CPU time spent in seconds.",
            float(stat[11]) / _TICKS + float(stat[12]) / _TICKS,
        )  # fmt: skip
        with os.scandir("/proc/self/fd") as found:
            files = len(list(found))
        yield "open_fds", "gauge", "Number of open file descriptors.", float(files)
        yield (
            "max_fds", "gauge", "Maximum number of open file descriptors.",
            float(resource.getrlimit(resource.RLIMIT_NOFILE)[0]),
        )  # fmt: skip
