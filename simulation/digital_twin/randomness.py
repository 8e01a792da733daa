"""Random draws that are a function of what they are drawn for, and of nothing else.

A draw is a hash of the seed, its purpose and the keys of its subject (person, week, visit, ...). So it does
not depend on how many draws came before it, on the size of a block or on the order of the work: an event that
is added or taken away leaves every other event as it is.

The mixing function is the finaliser of SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number
generators, OOPSLA 2014), applied once per key.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

Keys = NDArray[np.int64] | NDArray[np.uint64] | int
Bits = NDArray[np.uint64]
Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_TO_UNIT = 2.0**-53


class Dice:
    """Draws of one system, all derived from one seed.

    Parameters
    ----------
    seed
        The seed of the whole twin.
    system
        Name of the system that draws; two systems never share a draw.
    """

    def __init__(self, seed: int, system: str) -> None:
        self._seed = seed
        self._system = system

    def bits(self, purpose: str, *keys: Keys) -> Bits:
        """Return 64 random bits per element of the broadcast ``keys``."""
        return hash_of(_stream(self._seed, self._system, purpose), *keys)

    def uniform(self, purpose: str, *keys: Keys) -> Floats:
        """Return numbers in [0, 1), one per element of the broadcast ``keys``."""
        bits = self.bits(purpose, *keys)
        bits >>= np.uint64(11)
        return np.multiply(bits, _TO_UNIT, dtype=np.float64)

    def chance(self, probability: float | Floats, purpose: str, *keys: Keys) -> Flags:
        """Return whether something of this probability happens, per element."""
        return self.uniform(purpose, *keys) < probability

    def index(self, count: int | Integers, purpose: str, *keys: Keys) -> Integers:
        """Return whole numbers from 0 to below ``count``, equally likely."""
        return (self.uniform(purpose, *keys) * count).astype(np.int64)

    def between(self, low: float, high: float, purpose: str, *keys: Keys) -> Floats:
        """Return numbers in [low, high), equally likely."""
        return low + (high - low) * self.uniform(purpose, *keys)

    def whole(self, low: float, high: float, purpose: str, *keys: Keys) -> Integers:
        """Return whole numbers from ``low`` to below ``high``, equally likely: milliseconds, mostly."""
        return self.between(low, high, purpose, *keys).astype(np.int64)

    def normal(self, purpose: str, *keys: Keys) -> Floats:
        """Return standard normal numbers (Box and Muller, 1958)."""
        radius = np.sqrt(-2.0 * np.log1p(-self.uniform(purpose + "/radius", *keys)))
        return radius * np.cos(2.0 * np.pi * self.uniform(purpose + "/angle", *keys))

    def poisson(self, mean: Floats, purpose: str, *keys: Keys, largest: int = 12) -> Integers:
        """Return Poisson counts, cut off at ``largest``, by inversion: for small means."""
        drawn = self.uniform(purpose, *keys)
        probability = np.exp(-mean)
        cumulated = probability.copy()
        counts = np.zeros(drawn.shape, dtype=np.int64)
        for count in range(1, largest + 1):
            above = drawn >= cumulated
            if not above.any():
                break
            counts += above
            probability = probability * mean / count
            cumulated = cumulated + probability
        return counts

    def pick(self, shares: Sequence[float], purpose: str, *keys: Keys) -> Integers:
        """Return indices into ``shares``, as likely as the shares say; they need not add up to 1."""
        limits = np.cumsum(np.asarray(shares, dtype=np.float64))
        drawn = self.uniform(purpose, *keys) * limits[-1]
        return np.minimum(np.searchsorted(limits, drawn, side="right"), len(shares) - 1)


def hash_of(start: np.uint64, *keys: Keys) -> Bits:
    """Mix ``keys`` into ``start``, one after the other.

    Returns
    -------
    numpy.ndarray
        64 bits per element of the broadcast keys, at least one-dimensional.
    """
    mixed = np.atleast_1d(np.asarray(start, dtype=np.uint64))
    with np.errstate(over="ignore"):
        for key in keys:
            number = np.atleast_1d(np.asarray(key)).astype(np.uint64)
            mixed = (mixed ^ (number * _GOLDEN)) + _GOLDEN
            mixed ^= mixed >> np.uint64(30)
            mixed *= _FIRST
            mixed ^= mixed >> np.uint64(27)
            mixed *= _SECOND
            mixed ^= mixed >> np.uint64(31)
    return mixed


def scrambled(numbers: Integers, digits: int, multiplier: int, offset: int) -> Integers:
    """Return other numbers of at most ``digits`` digits, one to one: a key that does not tell its origin.

    Parameters
    ----------
    numbers
        From 0 to below ``10 ** digits``; at most nine digits.
    multiplier
        Ends in 1, 3, 7 or 9, so that no two numbers meet.
    """
    return (numbers * multiplier + offset) % 10**digits


@lru_cache(maxsize=4096)
def _stream(seed: int, system: str, purpose: str) -> np.uint64:
    digest = blake2b(f"{seed}/{system}/{purpose}".encode(), digest_size=8).digest()
    return np.uint64(int.from_bytes(digest, "little"))
