"""`acd plan`: agents per half hour for a day's calls, by Erlang and by the simulator.

The day comes from a CSV file, from the records of a day that has been, or is a day to come as the
records let it be forecast (H09).  Prints a table; with `--html` also a page with a chart.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from pathlib import Path

import typer

from acd.adapters.postgres.profile import DayProfile
from acd.cli.forecast import Foreseen, day_of, foresee, recorded
from acd.desk.charts import chart
from acd.runtime.credentials import ConfigurationError
from acd.runtime.settings import Settings
from acd.simulation import plan as planning
from acd.simulation.comparison import Interval
from acd.simulation.forecast import RANGE, Forecast
from acd.simulation.profile import LABELS, Profile, ProfileError, parse
from acd.simulation.staffing import SEATS_MIN

APART_MAX = 0.02
"""The plan's share and that of days which it has not seen differ by chance; by more than this the
plan was made on too few days."""

FILE_BYTES_MAX = 100_000
"""A profile has 48 short lines."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What was asked for on the command line; None where the records or the default decide."""

    share_percent: float
    limit_s: float
    talk_s: float | None
    wrap_up_s: float | None
    emergency_percent: float | None
    patience_s: float | None
    days: int | None
    upper: bool
    """Of a forecast, each half hour's upper edge instead of what is expected."""


def _now() -> datetime:
    return datetime.now(UTC)


def plan_day(
    settings: Callable[[], Settings],
    *,
    file: Path | None,
    day: str | None,
    forecast: str | None,
    wanted: Wanted,
    page: Path | None,
    clock: Callable[[], datetime] = _now,
) -> int:
    """Print the plan, and write the page where one is wanted.

    ``settings`` are read only where the records are.  Raises ConfigurationError with one
    sentence for everything that a person got wrong.
    """
    _check(file, day, forecast, wanted)
    if page is not None:
        _check_folder(page)
    foreseen: Foreseen | None = None
    try:
        if file is not None:
            profile = _profile(wanted, parse(_text(file), str(file)), None)
        elif day is not None:
            found = _recorded(settings(), day, clock())
            profile = _profile(wanted, found.calls, found)
        else:
            assert forecast is not None
            foreseen = foresee(settings(), forecast, clock())
            told = foreseen.forecast
            profile = _profile(wanted, told.upper() if wanted.upper else told.expected(), told)
        made = planning.make(
            profile,
            share=wanted.share_percent / 100,
            limit_ms=round(wanted.limit_s * 1_000),
            days=wanted.days,
            tell=lambda sentence: typer.echo(sentence, err=True),
        )
    except ProfileError as error:
        raise ConfigurationError(str(error)) from error
    checked = planning.check(made)
    typer.echo(_table(made, checked, foreseen))
    if page is not None:
        _write(page, _page(made, checked, foreseen))
    return 0


def _check(file: Path | None, day: str | None, forecast: str | None, wanted: Wanted) -> None:
    if [file, day, forecast].count(None) != 2:
        raise ConfigurationError("Name a file, --day or --forecast, and one of them alone.")
    if wanted.upper and forecast is None:
        raise ConfigurationError("--upper is the upper edge of a --forecast: there is none.")
    for name, value, least, most in (
        ("--share", wanted.share_percent, 1, 99.9),
        ("--within", wanted.limit_s, 1, 3_600),
        ("--days", wanted.days or 2, 2, 1_000),
    ):
        if not least <= value <= most:
            raise ConfigurationError(f"{name} is {value:g}: it should be from {least} to {most}.")


def _profile(
    wanted: Wanted, calls: tuple[int, ...], found: DayProfile | Forecast | None
) -> Profile:
    """What was said on the command line goes before the records, and those before the defaults."""
    emergencies = wanted.emergency_percent

    def chosen(said: float | None, recorded: float | None, otherwise: float) -> float:
        return next(value for value in (said, recorded, otherwise) if value is not None)

    return Profile(
        calls=calls,
        talk_s=chosen(wanted.talk_s, None if found is None else found.talk_s, 240),
        wrap_up_s=chosen(wanted.wrap_up_s, None if found is None else found.wrap_up_s, 30),
        emergency_share=chosen(
            None if emergencies is None else emergencies / 100,
            None if found is None else found.emergency_share,
            0.03,
        ),
        patience_s=wanted.patience_s,
    )


def _text(file: Path) -> str:
    try:
        if file.stat().st_size > FILE_BYTES_MAX:
            raise ConfigurationError(f"{file} is too long for a profile of 48 half hours.")
        return file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ConfigurationError(f"{file} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{file} is not text in UTF-8.") from error


def _recorded(settings: Settings, text: str, now: datetime) -> DayProfile:
    day = day_of("--day", text)
    if day >= now.astimezone(settings.time_zone).date():
        raise ConfigurationError(
            f"{day} is not over: its calls are not all in the records. --forecast plans for it."
        )
    found = recorded(settings, day, day)[day]
    if not sum(found.calls):
        raise ConfigurationError(f"The records have no calls on {day}: nothing to plan for.")
    return found


def _check_folder(page: Path) -> None:
    """Planning takes minutes: a mistyped folder is told before them."""
    if not page.parent.is_dir():
        raise ConfigurationError(f"{page} cannot be written: there is no folder {page.parent}.")


def _write(page: Path, text: str) -> None:
    try:
        page.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"{page} cannot be written: {error.strerror}.") from error


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:.1%}"


HEADINGS = ("half hour", "calls", "erlangs", "Erlang", "expects", "plan", "reaches", "lines")


def _lines(made: planning.Plan, foreseen: Foreseen | None) -> list[tuple[str, ...]]:
    """The table, headings first; of a forecast, what is expected and its range stand behind the
    calls that are planned for."""
    lines: list[tuple[str, ...]] = [
        HEADINGS,
        *(
            (
                label,
                str(row.calls),
                f"{row.load:.1f}",
                str(row.erlang),
                _percent(row.erlang_share if row.calls else None),
                str(row.agents),
                _percent(row.share),
                str(row.lines),
            )
            for label, row in zip(LABELS, made.rows, strict=True)
        ),
    ]
    if foreseen is None:
        return lines
    told = [
        ("forecast", f"{RANGE:.0%} within"),
        *((f"{one.expected:.1f}", f"{one.low}-{one.high}") for one in foreseen.forecast.half_hours),
    ]
    return [(*line[:2], *of, *line[2:]) for line, of in zip(lines, told, strict=True)]


def _summary(made: planning.Plan, checked: Interval, foreseen: Foreseen | None) -> list[str]:
    limit_s = made.limit_ms / 1_000
    busiest = made.rows[made.busiest]
    apart = abs(made.share - checked.mean)
    return [
        *([] if foreseen is None else foreseen.sentences()),
        f"Wanted: {made.share_wanted:.1%} within {limit_s:g} s; never fewer than "
        f"{SEATS_MIN} agents (C17).",
        f"Erlang: {sum(row.erlang for row in made.rows) / 2:g} agent hours, expects "
        f"{made.erlang_share():.1%}, reaches {made.erlang_reached:.1%} on {made.days} simulated "
        "days.",
        f"Plan: {sum(made.agents) / 2:g} agent hours, reaches {made.share:.1%} on the same days.",
        # Of few days the interval is wide, and a share is never outside 0 and 1.
        f"On days it has not seen: {checked.mean:.1%} "
        f"[{max(checked.low, 0.0):.1%}, {min(checked.high, 1.0):.1%}].",
        f"Side by side, within {limit_s:g} s: Erlang {made.erlang_share():.1%}, plan "
        f"{made.share:.1%}, days it has not seen {checked.mean:.1%}. The plan is "
        f"{100 * apart:.1f} points from these"
        + (": too far, give more --days." if apart > APART_MAX else "."),
        f"Lines: {busiest.lines} for {busiest.line_load:.1f} erlangs in the busiest half hour "
        f"({LABELS[made.busiest]}): at most {planning.LOSS:.1%} find none free (T30). So many "
        "at each of two operators, and one may be away (T31).",
    ]


def _table(made: planning.Plan, checked: Interval, foreseen: Foreseen | None) -> str:
    lines = _lines(made, foreseen)
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    text = ["  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True))
            for line in lines]  # fmt: skip
    return "\n".join([*text, *_summary(made, checked, foreseen)])


def _page(made: planning.Plan, checked: Interval, foreseen: Foreseen | None) -> str:
    """One page without anything from outside."""
    # Calls and agents differ tenfold: on one scale the plan would be a row of stumps.
    agents = chart(
        LABELS,
        [("agents: plan", list(made.agents)), ("agents: Erlang", [r.erlang for r in made.rows])],
        ("answered in time", [row.share for row in made.rows]),
    )
    came = [("calls", [row.calls for row in made.rows])]
    if foreseen is not None:
        edges = foreseen.forecast.half_hours
        came += [("range from", [one.low for one in edges]), ("to", [one.high for one in edges])]
    calls = chart(LABELS, came)
    headings, *lines = _lines(made, foreseen)
    head = "".join(f"<th>{escape(cell)}</th>" for cell in headings)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in line) + "</tr>" for line in lines
    )
    summary = "".join(f"<p>{escape(line)}</p>" for line in _summary(made, checked, foreseen))
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        "<title>Staff plan</title>"
        "<style>body{font:15px/1.5 sans-serif;max-width:1000px;margin:2em auto;padding:0 1em}"
        "svg{width:100%;height:auto}"
        "table{border-collapse:collapse}td,th{padding:2px .7em;text-align:right;"
        "border-bottom:1px solid #ddd}</style></head><body><h1>Agents per half hour</h1>"
        f"{summary}{agents}{calls}<table><tr>{head}</tr>{body}</table></body></html>\n"
    )
