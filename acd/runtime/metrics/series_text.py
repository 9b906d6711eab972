"""Counters and histograms in Prometheus' text format (version 0.0.4).

All of a line but its value is made once: a scrape writes some hundred to some thousand lines, and
with prometheus_client, which makes every line anew, that cost each step half a microsecond.
"""

from collections.abc import Iterator, Sequence

from acd.runtime.metrics.series import Count, Distribution, Labelled

_NOTHING = -1, ""


class CounterText:
    """One counter, all its series."""

    def __init__(
        self,
        name: str,
        text: str,
        labels: Sequence[str],
        series: Labelled[Count] | Labelled[Distribution],
    ) -> None:
        self._name = f"{name}_total"
        self._head = _head(self._name, text, "counter")
        self._labels = labels
        self._series = series
        self._lines: dict[tuple[str, ...], str] = {}

    def write(self) -> Iterator[str]:
        """Yield its lines."""
        yield self._head
        for key, one in self._series.children.items():
            line = self._lines.get(key)
            if line is None:
                line = self._lines[key] = f"{self._name}{_labels(self._labels, key)}"
            yield f"{line} {one.value}\n"


class HistogramText:
    """One histogram, all its series."""

    def __init__(
        self, name: str, text: str, labels: Sequence[str], series: Labelled[Distribution]
    ) -> None:
        self._name = name
        self._head = _head(name, text, "histogram")
        self._labels = labels
        self._series = series
        self._lines: dict[tuple[str, ...], str] = {}
        """Of each series its lines with ``%s`` in the place of each value."""
        self._written: dict[tuple[str, ...], tuple[int, str]] = {}
        """Of each series how many it had observed when it was written last, and its lines: without
        new ones they are the same."""

    def write(self) -> Iterator[str]:
        """Yield its lines."""
        yield self._head
        for key, one in self._series.children.items():
            count, text = self._written.get(key, _NOTHING)
            if one.value != count:
                text = self._made(key, one)
                self._written[key] = one.value, text
            yield text

    def _made(self, key: tuple[str, ...], one: Distribution) -> str:
        lines = self._lines.get(key)
        if lines is None:
            begun = [line.replace("%", "%%") for line in self._begun(key, one.names)]
            lines = self._lines[key] = "".join([f"{line} %s\n" for line in begun])
        return lines % (*one.below(), one.total)

    def _begun(self, key: tuple[str, ...], bounds: Sequence[str]) -> Iterator[str]:
        for bound in bounds:
            yield f"{self._name}_bucket{_labels((*self._labels, 'le'), (*key, bound))}"
        for what in ("count", "sum"):
            yield f"{self._name}_{what}{_labels(self._labels, key)}"


def _head(name: str, text: str, kind: str) -> str:
    escaped = text.replace("\\", r"\\").replace("\n", r"\n")
    return f"# HELP {name} {escaped}\n# TYPE {name} {kind}\n"


def _labels(names: Sequence[str], values: Sequence[str]) -> str:
    if not names:
        return ""
    pairs = (f'{name}="{_escaped(value)}"' for name, value in zip(names, values, strict=True))
    return f"{{{','.join(pairs)}}}"


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")
