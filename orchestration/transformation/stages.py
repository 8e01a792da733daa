"""In which order dbt and Python take turns, told from dbt's manifest alone.

A dbt source whose ``config.meta.written_by`` says ``python`` is written by a Python step; what the step reads
is in its declaration. A model can be built once every such step is done that it depends on, however
indirectly. So a model belongs to the stage of the last one: the first stage follows none, and each takes one
dbt command.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from orchestration.errors import ExpectedError

PYTHON = "python"

Reads = Mapping[str, Iterable[str]]


class StagesError(ExpectedError):
    """Models and Python steps wait for each other, or a step reads what no model makes."""


@dataclass(frozen=True)
class Stage:
    """The models that are built by one dbt command.

    Attributes
    ----------
    follows
        The dbt sources, as ``source.table``, that Python steps write right before it.
    later
        Those that are written only after it.
    """

    follows: tuple[str, ...]
    later: tuple[str, ...]

    @property
    def name(self) -> str:
        """``models``, or ``models_after_`` and the names of the sources before it."""
        sources = sorted({name.partition(".")[0] for name in self.follows})
        return f"models_after_{'_and_'.join(sources)}" if sources else "models"

    @property
    def select(self) -> str:
        """Which models, as dbt selects them."""
        return " ".join(f"source:{name}+" for name in self.follows) or "fqn:*"

    @property
    def exclude(self) -> str:
        """Which of these not, as dbt selects them."""
        return " ".join(f"source:{name}+" for name in self.later)

    def arguments(self) -> list[str]:
        """Return the arguments that make ``dbt build`` run the stage and the tests that go with it.

        Each test runs with the stage that holds its last parent: excluding what comes later leaves out every
        test that touches it, selecting a stage takes in every test that touches the stage.
        """
        select = ["--select", *self.select.split()] if self.follows else []
        return [*select, *(["--exclude", *self.exclude.split()] if self.later else [])]


def stages(manifest: Mapping[str, Any], reads: Reads) -> list[Stage]:
    """Return the stages of a project, in order.

    Parameters
    ----------
    manifest
        dbt's manifest.
    reads
        Tables, as ``schema.table``, that the Python steps behind a dbt source read, by the source's name.

    Raises
    ------
    StagesError
        If a model and a Python step wait for each other, or a step reads a table that is no model.
    """
    ranks = _ranks(manifest, reads)
    written = {_name(manifest["sources"][unique_id]): rank for unique_id, rank in ranks.items()}
    return [
        Stage(
            tuple(sorted(name for name, rank in written.items() if rank == stage)),
            tuple(sorted(name for name, rank in written.items() if rank > stage)),
        )
        for stage in range(max(written.values(), default=0) + 1)
    ]


def selection_arguments(manifest: Mapping[str, Any], reads: Reads, selected: set[str]) -> list[str]:
    """Return the arguments that make ``dbt build`` run ``selected`` and the tests that go with it.

    Parameters
    ----------
    manifest, reads
        As for `stages`.
    selected
        Unique ids of the models, seeds and snapshots to build.
    """
    ranks = _ranks(manifest, reads)
    nodes = {
        unique_id
        for unique_id, node in manifest["nodes"].items()
        if node["resource_type"] in {"model", "seed", "snapshot"}
    }
    if selected == nodes:
        return []
    for number, stage in enumerate(stages(manifest, reads)):
        of_stage = _descendants(manifest, [each for each, rank in ranks.items() if rank == number])
        later = _descendants(manifest, [each for each, rank in ranks.items() if rank > number])
        if selected == ((of_stage if number else nodes) & nodes) - later:
            return stage.arguments()
    return ["--indirect-selection", "buildable", *_by_name(manifest, selected)]


def exact_arguments(manifest: Mapping[str, Any], wanted: Iterable[str]) -> list[str]:
    """Return the arguments that make ``dbt build`` run models, seeds and tests by unique id, and no other."""
    return ["--indirect-selection", "empty", *_by_name(manifest, wanted)]


def _by_name(manifest: Mapping[str, Any], wanted: Iterable[str]) -> list[str]:
    names = sorted({".".join(manifest["nodes"][unique_id]["fqn"]) for unique_id in wanted})
    return ["--select", *(f"fqn:{name}" for name in names)]


def members(manifest: Mapping[str, Any], stage: Stage) -> set[str]:
    """Return the unique ids of what dbt builds and tests with a stage."""
    ids = {_name(source): unique_id for unique_id, source in manifest["sources"].items()}
    first = _descendants(manifest, [ids[name] for name in stage.follows])
    later = _descendants(manifest, [ids[name] for name in stage.later])
    return (first & set(manifest["nodes"]) if stage.follows else set(manifest["nodes"])) - later


def _ranks(manifest: Mapping[str, Any], reads: Reads) -> dict[str, int]:
    """Return, for each source that Python writes, how many Python steps in a row end with it."""
    tables = {
        f"{node['schema']}.{node.get('alias') or node['name']}": unique_id
        for unique_id, node in manifest["nodes"].items()
        if node["resource_type"] in {"model", "seed", "snapshot"}
    }
    written = {
        unique_id: tuple(reads.get(source["source_name"], ()))
        for unique_id, source in manifest["sources"].items()
        if source.get("config", {}).get("meta", {}).get("written_by") == PYTHON
    }
    ranks: dict[str, int] = {}
    of_nodes: dict[str, int] = {}

    def rank_of(unique_id: str, waiting: tuple[str, ...]) -> int:
        if unique_id in waiting:
            names = [_short(each) for each in (*waiting[waiting.index(unique_id) :], unique_id)]
            raise StagesError(
                f"models and Python steps wait for each other: {' → '.join(names)}. Let the step read a "
                "model that does not depend on what it writes."
            )
        if unique_id in of_nodes:
            return of_nodes[unique_id]
        parents = manifest["parent_map"].get(unique_id, [])
        rank = max((rank_of(parent, (*waiting, unique_id)) for parent in parents), default=0)
        if unique_id in written:
            inputs = []
            for table in written[unique_id]:
                if table not in tables:
                    raise StagesError(
                        f"{_short(unique_id)} is written by Python from {table}, but no model makes that "
                        "table. Correct it in the declaration of the step."
                    )
                inputs.append(rank_of(tables[table], (*waiting, unique_id)))
            rank = ranks[unique_id] = 1 + max(inputs, default=0)
        of_nodes[unique_id] = rank
        return rank

    for unique_id in sorted(written):
        rank_of(unique_id, ())
    return ranks


def _descendants(manifest: Mapping[str, Any], sources: Sequence[str]) -> set[str]:
    waiting = list(sources)
    found: set[str] = set()
    while waiting:
        children = set(manifest["child_map"].get(waiting.pop(), [])) - found
        found |= children
        waiting += children
    return found


def _name(source: Mapping[str, Any]) -> str:
    return f"{source['source_name']}.{source['name']}"


def _short(unique_id: str) -> str:
    return ".".join(unique_id.split(".")[2:])
