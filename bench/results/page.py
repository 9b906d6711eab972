"""A result as one HTML page that loads nothing from outside: figures, plots as SVG, remarks."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from bench.results.model import Figure, Result


def write(result: Result, path: Path) -> Path:
    """Write the page beside its JSON file.  Returns its path."""
    page = path.with_suffix(".html")
    page.write_text(rendered(result, json_name=path.name), encoding="utf-8")
    return page


def rendered(result: Result, *, json_name: str) -> str:
    """Return the page's text."""
    from bench.results.picture import drawn

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
    if figure.low is None:
        return number(figure.value)
    top = "…" if figure.high is None else number(figure.high)
    return f"{number(figure.value)} [{number(figure.low)}, {top}]"
