"""Arrays as the generator puts them together."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from simulation.digital_twin.randomness import Integers

_Scalar = TypeVar("_Scalar", bound=np.generic)


def stacked(*parts: NDArray[_Scalar]) -> NDArray[_Scalar]:
    """Return arrays one after the other."""
    return np.concatenate(parts)


def numbered_within(counts: Integers) -> tuple[Integers, Integers]:
    """Return as many elements as ``counts`` says: the place of each one's count, and its number there."""
    place = np.repeat(np.arange(len(counts)), counts)
    return place, np.arange(len(place)) - np.repeat(np.cumsum(counts) - counts, counts)
