"""Colours that people with colour-blindness tell apart, and that survive a grey printer where order matters.

Qualitative colours are taken from Paul Tol's schemes, the diverging pair is blue and orange; no statement
rests on colour alone: labels, signs or shapes say the same.
"""

from __future__ import annotations

INK = "#1b2733"
MUTED = "#5a6876"
GRID = "#e3e8ed"
ACCENT = "#1f5a96"
PALE = "#a9c4de"
WARM = "#c4621b"
EMPTY = "#f1f3f5"

STAGES = {
    "loyal": "#1f3f77",
    "active": "#4a7fb5",
    "new": "#44aa99",
    "won_back": "#9bd3c6",
    "prospect": "#d9d9d9",
    "at_risk": "#e3b34c",
    "dormant": "#cc7a50",
    "lost": "#8a3b52",
}

_SEQUENCE = ("#f3f7fb", "#cfe0f0", "#94bddf", "#4b8fc4", "#1f5a96", "#12365f")
_DIVERGING = ("#b6560d", "#e2934d", "#f5d2ac", "#f2f3f4", "#bcd5ea", "#6aa3d0", "#22609c")


def sequential(share: float) -> str:
    """Return the colour of a value between nothing (0) and the most (1)."""
    return _between(_SEQUENCE, share)


def diverging(value: float) -> str:
    """Return the colour of a value between the strongest fall (-1) and the strongest rise (1)."""
    return _between(_DIVERGING, (value + 1) / 2)


def text_on(colour: str) -> str:
    """Return the text colour that is readable on ``colour``."""
    red, green, blue = _parts(colour)
    return "#ffffff" if 0.299 * red + 0.587 * green + 0.114 * blue < 140 else INK


def _between(stops: tuple[str, ...], share: float) -> str:
    position = min(max(share, 0.0), 1.0) * (len(stops) - 1)
    lower = min(int(position), len(stops) - 2)
    weight = position - lower
    mixed = [
        round(a + (b - a) * weight)
        for a, b in zip(_parts(stops[lower]), _parts(stops[lower + 1]), strict=True)
    ]
    return "#" + "".join(f"{part:02x}" for part in mixed)


def _parts(colour: str) -> list[int]:
    return [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
