"""A plot as SVG.  Apart from the page's other parts because matplotlib takes most of a second to
load, which nobody needs who only judges figures."""

from __future__ import annotations

import io

import matplotlib

from bench.results.model import Plot

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
