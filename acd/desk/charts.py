"""Small charts as SVG text: bars, and a line of shares over them.  Nothing is loaded from outside.

Colours differ in lightness too, so that a printed page in grey can be read.
"""

from collections.abc import Sequence
from html import escape

WIDTH, HEIGHT = 900, 260
LEFT, RIGHT, TOP, BOTTOM = 56, 48, 28, 40
COLOURS = ("#1f5fa8", "#f0a23c", "#5c8f5c", "#7a4a8c", "#b5b5b5")
LINE = "#b33a3a"
_LABELS_MAX = 16


def chart(
    labels: Sequence[str],
    bars: Sequence[tuple[str, Sequence[int]]],
    line: tuple[str, Sequence[float | None]] | None = None,
) -> str:
    """Return an SVG: bars side by side (counts), and a line of shares, broken where there are none.

    Raises ValueError when lengths differ or there is nothing to draw.
    """
    if not labels or any(len(values) != len(labels) for _, values in bars):
        raise ValueError("a chart needs as many values as labels, and one at least")
    top = _round_up(max(max(values) for _, values in bars))
    parts = [
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" xmlns="http://www.w3.org/2000/svg">',
        *_grid(top, shares=line is not None),
        *_bars(labels, bars, top),
    ]
    if line is not None:
        parts += _line(line[1])
    parts += _axis(labels)
    named = [(name, COLOURS[n]) for n, (name, _) in enumerate(bars)]
    parts += _legend([*named, (line[0], LINE)] if line is not None else named)
    return "".join(parts) + "</svg>"


def _x(n: float, count: int) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * n / count


def _y(share: float) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share


def _grid(top: int, *, shares: bool) -> list[str]:
    parts = []
    for quarter in range(5):
        y = _y(quarter / 4)
        parts.append(
            f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ddd"/>'
        )
        parts.append(_text(LEFT - 6, y + 4, f"{top * quarter / 4:g}", "end"))
        if shares:
            parts.append(_text(WIDTH - RIGHT + 6, y + 4, f"{quarter * 25}%", "start"))
    return parts


def _bars(labels: Sequence[str], bars: Sequence[tuple[str, Sequence[int]]], top: int) -> list[str]:
    parts = []
    room = (WIDTH - LEFT - RIGHT) / len(labels)
    width = room * 0.8 / len(bars)
    for which, (name, values) in enumerate(bars):
        for n, value in enumerate(values):
            y = _y(value / top)
            parts.append(
                f'<rect x="{_x(n, len(labels)) + room * 0.1 + which * width:.1f}" y="{y:.1f}" '
                f'width="{width:.1f}" height="{_y(0) - y:.1f}" fill="{COLOURS[which]}">'
                f"<title>{escape(labels[n])} {escape(name)} {value}</title></rect>"
            )
    return parts


def _line(shares: Sequence[float | None]) -> list[str]:
    parts, run = [], []
    for n, share in enumerate([*shares, None]):
        if share is not None:
            run.append(f"{_x(n + 0.5, len(shares)):.1f},{_y(share):.1f}")
        elif run:
            parts.append(
                f'<polyline points="{" ".join(run)}" fill="none" stroke="{LINE}" '
                'stroke-width="2.5"/>'
            )
            parts += [
                f'<circle cx="{point.partition(",")[0]}" cy="{point.partition(",")[2]}" r="3" '
                f'fill="{LINE}"/>'
                for point in run
            ]
            run = []
    return parts


def _axis(labels: Sequence[str]) -> list[str]:
    every = -(-len(labels) // _LABELS_MAX)
    return [
        _text(_x(n + 0.5, len(labels)), HEIGHT - BOTTOM + 18, label, "middle")
        for n, label in enumerate(labels)
        if n % every == 0
    ]


def _legend(named: Sequence[tuple[str, str]]) -> list[str]:
    parts = []
    for n, (name, colour) in enumerate(named):
        x = LEFT + n * 150
        parts.append(f'<rect x="{x}" y="6" width="12" height="12" fill="{colour}"/>')
        parts.append(_text(x + 18, 16, name, "start"))
    return parts


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="12" fill="#333" '
        f'text-anchor="{anchor}">{escape(text)}</text>'
    )


def _round_up(value: int) -> int:
    """The next number that divides into four without a crooked label; 4 at least."""
    step = 4
    while step < value:
        step = step * 5 // 2 if str(step)[0] == "8" else step * 2
    return step
