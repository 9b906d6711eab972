"""A report as a page to read and to print, in Chinese, with charts (K03); loads nothing else."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from acd.desk.charts import chart
from acd.desk.columns import (
    COLUMNS,
    GROUP_NAMES,
    STATES,
    TREND_NAME,
    Column,
    flow_name,
    heading_of,
    shown,
)
from acd.desk.figures import NOBODY, Figures
from acd.desk.periods import Period
from acd.desk.report import Report

TILES = (
    "offered", "outcome_answered", "outcome_abandoned", "connect", "level_10", "level_15",
    "level_20", "speed_of_answer_ms", "talk_ms", "wrap_up_ms", "handle_ms", "longest_wait_ms",
)  # fmt: skip

HALVES = (
    ("数量", [column for column in COLUMNS if column.form == "count"]),
    ("水平与时长", [column for column in COLUMNS if column.form != "count"]),
)
"""All columns beside each other are wider than a sheet of paper."""

templates = Environment(
    loader=FileSystemLoader(Path(__file__).with_name("templates")),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
)


def as_page(report: Report, period: Period) -> str:
    """Return the page's HTML."""
    total = report.total
    by_key = {column.key: column for column in COLUMNS}
    states = [*STATES, *sorted({s for one in report.agents.values() for s in one} - set(STATES))]
    states = [state for state in states if any(state in one for one in report.agents.values())]
    return templates.get_template("report.html").render(
        report=report,
        words=report.filter.words(),
        made_at=report.made_at.astimezone(period.zone).strftime("%Y-%m-%d %H:%M:%S"),
        tiles=[]
        if total is None
        else [
            (by_key[key].heading, shown(by_key[key].value(total), by_key[key].form))
            for key in TILES
        ],
        # Made by ourselves from numbers and escaped labels.
        chart=Markup(_chart(report, period)) if total is not None else "",
        trend_name=TREND_NAME,
        trend=Markup(_trend(report, period)),
        flows=[flow_name(flow) for flow in report.trend],
        counts=_counts(report, period),
        halves=[(title, [column.heading for column in half]) for title, half in HALVES],
        placed=[]
        if report.placed is None
        else [(heading_of(name), n) for name, n in report.placed.outcomes.items() if n],
        tables=_tables(report),
        states=[STATES.get(state, state) for state in states],
        hours=_hours(report, states),
    )


def _chart(report: Report, period: Period) -> str:
    labels = period.parts()
    found = [report.groups["part"].get(label) for label in labels]
    return chart(
        [label.removeprefix(f"{period.first:%Y}-") for label in labels],
        [
            ("来电", [_count(one) for one in found]),
            ("接通", [0 if one is None else one.answered for one in found]),
        ],
        ("10秒接通率", [None if one is None else one.level_10 for one in found]),
    )


def _trend(report: Report, period: Period) -> str:
    """How many calls of each flow came in, part by part; nothing where nobody has said any."""
    if not set(report.trend) - {NOBODY}:
        return ""
    return chart(
        [label.removeprefix(f"{period.first:%Y}-") for label in period.parts()],
        [
            (flow_name(flow), [_count(parts.get(label)) for label in period.parts()])
            for flow, parts in report.trend.items()
        ],
    )


def _counts(report: Report, period: Period) -> list[tuple[str, list[int]]]:
    """The same as a table: each part of the span in which calls came, and how many of each flow."""
    return [
        (label, [_count(parts.get(label)) for parts in report.trend.values()])
        for label in period.parts()
        if label in report.groups.get("part", {})
    ]


def _count(figures: Figures | None) -> int:
    """How many calls came in; none where there are no figures, for they are of all calls."""
    return 0 if figures is None else figures.offered


def _tables(report: Report) -> list[tuple[str, list[list[tuple[str, list[str]]]]]]:
    """Each group's name, and its lines in two halves: counts, and shares with times."""
    if report.total is None:
        return []
    groups = {GROUP_NAMES[group]: members for group, members in report.groups.items()}
    queues = GROUP_NAMES["queue"]
    groups[queues] = {_queue(report, k): one for k, one in groups[queues].items()}
    flows = GROUP_NAMES["flow"]
    groups[flows] = {flow_name(k): one for k, one in groups[flows].items()}
    return [
        (
            title,
            [[(what, _values(one, half)) for what, one in members.items()] for _, half in HALVES],
        )
        for title, members in {"合计与对比": report.wholes, **groups}.items()
    ]


def _queue(report: Report, key: str) -> str:
    """A queue's name, and its id beside it, for two may be called the same."""
    name = report.queue_names.get(key)
    return key if name is None else f"{name}（{key}）"


def _values(figures: Figures, columns: list[Column]) -> list[str]:
    return [shown(column.value(figures), column.form) for column in columns]


def _hours(report: Report, states: list[str]) -> list[tuple[str, list[str]]]:
    return [
        (
            agent,
            [
                *(_clock(times[state]) if state in times else "—" for state in states),
                _clock(sum(times.values())),
            ],
        )
        for agent, times in sorted(report.agents.items())
    ]


def _clock(ms: int) -> str:
    minutes, seconds = divmod(round(ms / 1000), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
