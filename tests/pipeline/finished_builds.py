"""Builds that many tests look at, with what happened while they were made."""

from __future__ import annotations

from dataclasses import dataclass

from installations import Answer, Installation
from networkless import Networkless
from readers import Reader


@dataclass(frozen=True)
class FirstBuilds:
    """Two undisturbed builds from scratch.

    Attributes
    ----------
    sliced
        Of all days but the last.
    both_days
        Of all days, without any network.
    """

    sliced: Installation
    sliced_answer: Answer
    both_days: Installation
    both_days_answer: Answer
    networkless: Networkless


@dataclass(frozen=True)
class Grown:
    """A build that took in the last day, while readers read.

    Attributes
    ----------
    holder
        Opened the publication before the build and kept it.
    watcher
        Opened it again all the time.
    """

    installation: Installation
    answer: Answer
    holder: Reader
    watcher: Reader
