"""A result as one HTML page that loads nothing from outside: figures, plots as SVG, remarks."""

from __future__ import annotations

import io
from pathlib import Path

import matplotlib
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from bench.results.model import Figure, Plot, Result

matplotlib.use("svg")

from matplotlib.figure import Figure as Picture
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullFormatter

COLOURS = ("#1f5fa8", "#d1722b", "#5c8f5c", "#8a4f9e", "#7a7a7a")
"""Told apart in grey too."""
SHORT_AXIS = 10
STYLES = {
    "line": {"linewidth": 1.6},
    "dots": {"marker": "o", "linestyle": "--", "linewidth": 0.8, "markersize": 4},
    "steps": {"drawstyle": "steps-post", "linewidth": 1.6},
}


def write(result: Result, path: Path) -> Path:
    """Write the page beside its JSON file.  Returns its path."""
    page = path.with_suffix(".html")
    page.write_text(rendered(result, json_name=path.name), encoding="utf-8")
    return page


def rendered(result: Result, *, json_name: str) -> str:
    """Return the page's text."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = number
    return environment.get_template("page.html").render(
        result=result,
        json_name=json_name,
        plots=[(plot, Markup(drawn(plot))) for plot in result.plots],
    )


def number(value: float) -> str:
    """Return a value with four significant digits, and no exponent where it can be avoided."""
    if value == 0 or abs(value) >= 10_000:
        return f"{value:,.0f}"
    return f"{value:.4g}"


def interval(figure: Figure) -> str:
    """Return a figure with its interval."""
    if figure.low is None or figure.high is None:
        return number(figure.value)
    return f"{number(figure.value)} [{number(figure.low)}, {number(figure.high)}]"


def drawn(plot: Plot) -> str:
    """Return a plot as SVG to be put into a page."""
    picture = Picture(figsize=(8.4, 3.4), layout="tight")
    axes = picture.subplots()
    for n, line in enumerate(plot.lines):
        axes.plot(
            line.x,
            line.y,
            label=line.name,
            color=COLOURS[n % len(COLOURS)],
            **STYLES[plot.style],  # type: ignore[arg-type]  # keyword arguments of a line
        )
    if "x" in plot.log:
        axes.set_xscale("log")
    if "y" in plot.log:
        axes.set_yscale("log")
    elif (top := max((max(line.y, default=0) for line in plot.lines), default=0)) > 0 and all(
        value >= 0 for line in plot.lines for value in line.y
    ):
        axes.set_ylim(0, top * 1.08)  # Or a growth of nothing fills the picture.
    if "x" not in plot.log and all(x.is_integer() for line in plot.lines for x in line.x):
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    plain = FuncFormatter(lambda value, _: f"{value:g}")
    for name in plot.log:
        axis = axes.xaxis if name == "x" else axes.yaxis
        low, high = axis.get_view_interval()
        axis.set_major_formatter(plain)
        # Between two powers of ten there would else be one label or none.
        axis.set_minor_formatter(plain if high < low * SHORT_AXIS else NullFormatter())
    axes.set_xlabel(plot.x)
    axes.set_ylabel(plot.y)
    axes.grid(visible=True, color="#dddddd", linewidth=0.6)
    if plot.lines:
        axes.legend(loc="best", frameon=False, fontsize="small")
    text = io.StringIO()
    # Nothing that differs from run to run but the data.
    picture.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    svg = text.getvalue()
    return svg[svg.index("<svg") :]
