"""Which engine holds customers' tables: the one place that asks.

What differs by engine is chosen here and handed on: nothing outside this room compares names of engines.
"""

from __future__ import annotations

from typing import TypeVar

from orchestration.settings import SPARK, Settings

T = TypeVar("T")


def by_engine(settings: Settings, *, embedded: T, cluster: T) -> T:
    """Return what is meant for the engine at hand: for tables in the build file, or on a Spark cluster."""
    return cluster if settings.engine == SPARK else embedded


def is_on_cluster(settings: Settings) -> bool:
    """Whether customers' tables are on a Spark cluster, not in the build file."""
    return by_engine(settings, embedded=False, cluster=True)


def readers_place(settings: Settings) -> str:
    """Return where readers find the publication, in words: a file, or databases of the cluster."""
    databases = "the databases insight_* on {}:{}".format(*settings.spark.server)
    return by_engine(settings, embedded=str(settings.published_path), cluster=databases)
