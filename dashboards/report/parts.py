"""What a page is made of: sections, figures with takeaway and caption, and plain tables and bars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from markupsafe import Markup, escape

SIMULATED = "simulated"
PARTLY_SIMULATED = "partly simulated"


@dataclass(frozen=True)
class Figure:
    """A picture or table with what it says.

    Attributes
    ----------
    takeaway
        One sentence, computed from the data.
    body
        The picture or table.
    caption
        Unit, grain and where the numbers come from.
    notes
        What must be known to read it rightly.
    mark
        `SIMULATED` or `PARTLY_SIMULATED` where rows that a generator made up went in, else nothing.
    """

    takeaway: str
    body: Markup
    caption: str
    notes: Sequence[str] = ()
    mark: str = ""

    @property
    def origin(self) -> str:
        """What the mark means, as the first sentence of the caption."""
        return _ORIGINS.get(self.mark, "")


@dataclass(frozen=True)
class Section:
    """A part of the report with its own place in the navigation.

    Attributes
    ----------
    key
        Its anchor, unique within a chapter.
    title
        Its heading.
    figures
        What it shows.
    missing
        What it says when there is nothing to show, with the reason.
    badge
        A word of caution beside the heading.
    """

    key: str
    title: str
    figures: Sequence[Figure] = field(default_factory=tuple)
    missing: str = ""
    badge: str = ""


@dataclass(frozen=True)
class Bar:
    """One bar of a bar list: its length is ``share`` of the longest one, whatever the sign."""

    label: str
    share: float
    value: str
    tip: str = ""
    detail: str = ""


_ORIGINS = {
    SIMULATED: "Simulated data: a generator made it up.",
    PARTLY_SIMULATED: "Partly simulated: rows that a generator made up went in beside real ones.",
}


def stamp(mark: str) -> Markup:
    """Return the word that marks what is simulated, or nothing without a mark."""
    return Markup('<span class="stamp">{}</span>').format(mark.upper()) if mark else Markup("")


def table(
    columns: Sequence[str], rows: Sequence[Sequence[object]], numbers_from: int = 1, css: str = ""
) -> Markup:
    """Return a table whose columns from ``numbers_from`` on are numbers."""
    head = Markup("").join(
        Markup('<th scope="col"{}>{}</th>').format(_number_class(at >= numbers_from), name)
        for at, name in enumerate(columns)
    )
    body = Markup("").join(
        Markup("<tr>{}</tr>").format(
            Markup("").join(
                Markup("<td{}>{}</td>").format(_number_class(at >= numbers_from), cell)
                for at, cell in enumerate(row)
            )
        )
        for row in rows
    )
    return Markup(
        '<div class="scroll"><table class="{}"><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>'
    ).format(css, head, body)


def bars(items: Sequence[Bar], css: str = "") -> Markup:
    """Return a list of labelled bars; a negative one is told apart by its colour and its written sign."""
    lines = []
    for item in items:
        width = min(abs(item.share), 1.0) * 100
        side = "down" if item.share < 0 else "up"
        lines.append(
            Markup(
                '<li title="{}"><span class="label">{}<small>{}</small></span><span class="track">'
                '<span class="bar {}" style="width:{:.1f}%"></span></span>'
                '<span class="value">{}</span></li>'
            ).format(item.tip, item.label, item.detail, side, width, item.value)
        )
    return Markup('<ul class="bars {}">{}</ul>').format(css, Markup("").join(lines))


def side_by_side(*blocks: tuple[str, Markup]) -> Markup:
    """Return titled blocks beside each other where there is room, below each other where not."""
    return Markup('<div class="columns">{}</div>').format(
        Markup("").join(
            Markup("<div><h4>{}</h4>{}</div>").format(title, body)
            if title
            else Markup("<div>{}</div>").format(body)
            for title, body in blocks
        )
    )


def legend(entries: Sequence[tuple[str, str]]) -> Markup:
    """Return colour keys with their words."""
    return Markup('<p class="legend">{}</p>').format(
        Markup("").join(
            Markup('<span><i style="background:{}"></i>{}</span>').format(colour, words)
            for colour, words in entries
        )
    )


def anchor(*names: str) -> str:
    """Return an anchor that is safe in an address, whatever a source is called."""
    joined = "--".join(names).lower()
    return str(escape("".join(letter if letter.isalnum() or letter in "-_" else "-" for letter in joined)))


def _number_class(is_number: bool) -> Markup:
    return Markup(' class="number"') if is_number else Markup("")
