"""docs/metrics.md speaks of every metric and every figure of a rule, and of none that is gone."""

import re
from pathlib import Path

from acd.desk.metrics import DeskMetrics

REPO = Path(__file__).parents[2]
_NAME = re.compile(r"""["'](huling_[a-z_]+)["']""")


def exposed() -> set[str]:
    """Return the names given to metrics in the code, without Prometheus' ``_total``."""
    return {
        name
        for path in (REPO / "acd").rglob("*.py")
        for name in _NAME.findall(path.read_text(encoding="utf-8"))
        if "metric" in path.read_text(encoding="utf-8")
    }


def documented() -> set[str]:
    text = (REPO / "docs" / "metrics.md").read_text(encoding="utf-8")
    return {name.removesuffix("_total") for name in re.findall(r"`(huling_[a-z_]+)", text)} - {
        "huling_synthetic_"
    }


def test_every_metric_is_documented() -> None:
    assert exposed() - documented() == set()


def test_nothing_is_documented_that_is_not_exposed() -> None:
    assert documented() - exposed() == set()


def test_each_counter_of_the_desk_stood_at_metrics_twice() -> None:
    """As itself and as `…_created`, of which the table says nothing."""
    families = re.findall(r"^# TYPE (huling_\w+)", DeskMetrics().text().decode(), re.MULTILINE)
    assert families
    assert {name.removesuffix("_total") for name in families} - documented() == set()


def test_a_figure_that_is_asked_for_as_the_table_writes_it_has_data() -> None:
    """It named `huling:level_raw`, which Prometheus does not know: the span belongs to the name."""
    rules = (REPO / "docker" / "prometheus" / "levels.rules.yml").read_text(encoding="utf-8")
    text = (REPO / "docs" / "metrics.md").read_text(encoding="utf-8")
    kept = set(re.findall(r"record: (huling:\S+)", rules))
    assert set(re.findall(r"`(huling:[^`]+)`", text)) == kept
