"""A treemap of categories within departments: rectangles as square as they get, coloured by growth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from markupsafe import Markup

from dashboards.report import colours, drawing, formats
from dashboards.report.drawing import Drawing
from dashboards.report.parts import legend
from dashboards.report.tables import records

# Growth at which the colour is at its strongest.
FULL_GROWTH = 0.2
_HEADER = 17.0


@dataclass(frozen=True)
class Box:
    """A rectangle."""

    x: float
    y: float
    width: float
    height: float


def key() -> Markup:
    """Return what the colours mean."""
    steps = (-1.0, -0.5, 0.0, 0.5, 1.0)
    names = [formats.change(step * FULL_GROWTH, 0) for step in steps]
    names = [f"{names[0]} or less", names[1], "no change", names[3], f"{names[4]} or more"]
    return legend([(colours.diverging(step), name) for step, name in zip(steps, names, strict=True)])


def draw(categories: pd.DataFrame, currency: str, width: float) -> Markup:
    """Draw ``categories`` (with department_name, category_name, sales_amount, sales_share, growth)."""
    height = 520.0 if width > drawing.NARROW else 640.0
    picture = Drawing(width, height, "Sales by category within department; larger areas sold more")
    sold = categories[categories["sales_amount"] > 0]
    departments = sold.groupby("department_name")["sales_amount"].sum().sort_values(ascending=False)
    for name, box in zip(
        departments.index, squarify(list(departments), Box(0, 0, width, height)), strict=True
    ):
        has_header = box.height > 3 * _HEADER and box.width > 50
        inner = Box(box.x, box.y + _HEADER, box.width, box.height - _HEADER) if has_header else box
        if has_header:
            share = formats.share(departments[name] / departments.sum())
            title = f"{name} {share}"
            if drawing.text_width(title, 12, is_bold=True) > box.width - 6:
                title = _cut(str(name), box.width - 6)
            picture.text(box.x + 4, box.y + 13, title, class_="strong")
        members = sold[sold["department_name"] == name].sort_values("sales_amount", ascending=False)
        for row, cell in zip(records(members), squarify(list(members["sales_amount"]), inner), strict=True):
            _draw_cell(picture, row, cell, currency)
        picture.shape(
            "rect",
            x=box.x,
            y=box.y,
            width=box.width,
            height=box.height,
            fill="none",
            stroke="#ffffff",
            stroke_width=3,
        )
    return picture.markup()


def squarify(values: Sequence[float], box: Box) -> list[Box]:
    """Divide a rectangle into parts of the given sizes, sorted from the largest, close to squares.

    The method is that of Bruls, Huizing and van Wijk: rows along the shorter side, each filled as long as its
    worst part gets more square by it.
    """
    total = sum(values)
    scale = box.width * box.height / total if total else 0.0
    areas = [value * scale for value in values]
    boxes: list[Box] = []
    at = 0
    while at < len(areas):
        side = min(box.width, box.height)
        end = at + 1
        while end < len(areas) and _worst(areas[at : end + 1], side) <= _worst(areas[at:end], side):
            end += 1
        row = areas[at:end]
        depth = sum(row) / side if side else 0.0
        offset = 0.0
        for area in row:
            length = area / depth if depth else 0.0
            if box.width >= box.height:
                boxes.append(Box(box.x, box.y + offset, depth, length))
            else:
                boxes.append(Box(box.x + offset, box.y, length, depth))
            offset += length
        if box.width >= box.height:
            box = Box(box.x + depth, box.y, max(box.width - depth, 0.0), box.height)
        else:
            box = Box(box.x, box.y + depth, box.width, max(box.height - depth, 0.0))
        at = end
    return boxes


def _worst(row: Sequence[float], side: float) -> float:
    total = sum(row)
    return (
        max(side * side * max(row) / total**2, total**2 / (side * side * min(row))) if total and side else 0.0
    )


def _draw_cell(picture: Drawing, row: Any, cell: Box, currency: str) -> None:
    name = str(row.category_name)
    growth = row.growth
    colour = colours.EMPTY if pd.isna(growth) else colours.diverging(growth / FULL_GROWTH)
    changed = "" if pd.isna(growth) else f", {formats.change(growth, 0)} in three months"
    share = formats.share(row.sales_share, 1)
    amount = formats.money(row.sales_amount, currency)
    picture.shape(
        "rect",
        f"{name}: {amount}, {share} of sales{changed}",
        x=cell.x,
        y=cell.y,
        width=max(cell.width, 0.1),
        height=max(cell.height, 0.1),
        fill=colour,
        stroke="#ffffff",
    )
    size = 11.0
    lines = _wrapped(name, cell.width - 8, size)
    room = int((cell.height - 6) // 13)
    if not lines or len(lines) > room:
        return
    if room > len(lines) and not pd.isna(growth):
        lines.append(formats.change(growth, 0))
    for at, line in enumerate(lines):
        picture.text(
            cell.x + 4,
            cell.y + 14 + at * 13,
            line,
            fill=colours.text_on(colour),
            font_size=size,
            class_="inside",
        )


def _wrapped(text: str, width: float, size: float) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        if drawing.text_width(word, size) > width:
            return []
        joined = f"{lines[-1]} {word}" if lines else word
        if lines and drawing.text_width(joined, size) <= width:
            lines[-1] = joined
        else:
            lines.append(word)
    return lines


def _cut(text: str, width: float) -> str:
    while text and drawing.text_width(f"{text}…", 12, is_bold=True) > width:
        text = text[:-1]
    return f"{text.rstrip()}…"
