"""Pictures as inline SVG.

The report needs a handful of plain charts that print well and open at once, also on a phone. As SVG they
weigh some kilobytes each, scale on paper, and need no script; the smallest plotly.js that the Python package
ships is 4.8 MB.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd
from markupsafe import Markup, escape

from dashboards.report import colours

WIDE = 900.0
NARROW = 360.0


class Drawing:
    """An SVG picture under construction.

    Parameters
    ----------
    width, height
        Size in pixels at scale 1; the page scales the picture to the room there is.
    description
        What a screen reader says instead of the picture.
    """

    def __init__(self, width: float, height: float, description: str) -> None:
        self.width = width
        self.height = height
        self._description = description
        self._elements: list[str] = []

    def shape(self, name: str, tip: str = "", **attributes: object) -> None:
        """Add an element; ``tip`` is shown when it is pointed at or tapped."""
        self._add(name, attributes, f"<title>{escape(tip)}</title>" if tip else "")

    def text(self, x: float, y: float, content: str, **attributes: object) -> None:
        """Add a text that starts (or, by ``text_anchor``, is centred or ends) at a point of its base line."""
        self._add("text", {"x": x, "y": y, **attributes}, escape(content))

    def line(self, x1: float, y1: float, x2: float, y2: float, **attributes: object) -> None:
        """Add a straight line."""
        self._add("line", {"x1": x1, "y1": y1, "x2": x2, "y2": y2, "stroke": colours.GRID, **attributes})

    def path(self, points: list[tuple[float, float]], **attributes: object) -> None:
        """Add a line through points."""
        steps = "L".join(f"{_number(x)} {_number(y)}" for x, y in points)
        self._add("path", {"d": f"M{steps}", "fill": "none", **attributes})

    def markup(self) -> Markup:
        """Return the finished picture."""
        return Markup('<svg viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
            _number(self.width), _number(self.height), self._description, Markup("".join(self._elements))
        )

    def _add(self, name: str, attributes: dict[str, object], content: str = "") -> None:
        self._elements.append(f"<{name}{_attributes(attributes)}>{content}</{name}>")


@dataclass(frozen=True)
class Scale:
    """Where a value lies on an axis: ``low`` at ``start``, ``high`` at ``end``."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Return the position of ``value``."""
        span = (self.high - self.low) or 1.0
        return self.start + (value - self.low) / span * (self.end - self.start)


def for_both_widths(draw: Callable[[float], Markup]) -> Markup:
    """Draw once for a page and once for a phone; the style sheet shows the one that fits.

    Scaled down, the labels of a wide picture would be too small to read.
    """
    return Markup('<div class="wide">{}</div><div class="narrow">{}</div>').format(draw(WIDE), draw(NARROW))


def ticks(low: float, high: float, target: int = 5) -> list[float]:
    """Return round numbers that divide an axis into about ``target`` parts."""
    span = high - low
    if span <= 0 or not math.isfinite(span):
        return [low]
    rough = span / target
    magnitude = 10 ** math.floor(math.log10(rough))
    step = next(factor * magnitude for factor in (1, 2, 2.5, 5, 10) if factor * magnitude >= rough * 0.999)
    first = math.ceil(low / step - 1e-9)
    return [number * step for number in range(first, math.floor(high / step + 1e-9) + 1)]


def month_ticks(start: pd.Timestamp, end: pd.Timestamp, most: int) -> list[pd.Timestamp]:
    """Return firsts of months between two dates, at most about ``most``, in steps that divide a year."""
    months = list(pd.date_range(start, end, freq="MS"))
    step = next((step for step in (1, 2, 3, 6, 12) if len(months) / step <= most), 12)
    return [month for month in months if (month.month - 1) % step == 0]


def axis_label(date: pd.Timestamp) -> str:
    """Return the name of a month on an axis; January carries the year."""
    return f"{date:%b %Y}" if date.month == 1 else f"{date:%b}"


def text_width(text: str, size: float, is_bold: bool = False) -> float:
    """Estimate how wide a text is, on the wide side, as the font differs from machine to machine."""
    return len(text) * size * (0.66 if is_bold else 0.57)


def _attributes(attributes: dict[str, object]) -> str:
    written = {
        name.rstrip("_").replace("_", "-"): _number(value)
        if isinstance(value, int | float)
        else escape(str(value))
        for name, value in attributes.items()
    }
    return "".join(f' {name}="{value}"' for name, value in written.items())


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
