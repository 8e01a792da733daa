"""What a build has to do in the dbt project, and the record of what it did.

Where tables are on a cluster, the record of the build file says nothing about them: others may have built
there. So everything is built, and only whether incremental models are continued follows from the record.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from orchestration import warehouse
from orchestration.builds import changes, state
from orchestration.builds.changes import RELATIONS, SOURCE, TEST, Artefact, Plan, Version
from orchestration.ledger import landing_log, mirror
from orchestration.ledger import store as ledger
from orchestration.settings import Settings
from orchestration.transformation.command import Dbt
from orchestration.transformation.node_code import Project
from orchestration.transformation.stages import PYTHON, Reads, Stage, exact_arguments, members
from orchestration.warehouse import Connection, is_on_cluster
from orchestration.warehouse.sql import literal, quoted

logger = logging.getLogger("insight.dbt")

# A hash by the name of each dbt source that Python writes, of the code that writes it.
StepCode = Callable[[], Mapping[str, str]]


@dataclass(frozen=True)
class StagePlan:
    """What has to be done in one stage.

    Attributes
    ----------
    plan
        What to build there.
    is_whole
        Whether that is everything there.
    versions
        What everything in the project is to be, by name.
    incremental
        Names of the incremental models of the project.
    """

    manifest: Mapping[str, Any]
    stage: Stage
    plan: Plan
    is_whole: bool
    versions: Mapping[str, Version]
    incremental: frozenset[str]

    def arguments(self) -> list[str]:
        """Return the arguments that make ``dbt build`` do it."""
        return self.stage.arguments() if self.is_whole else exact_arguments(self.manifest, self.plan.build)

    @property
    def relations(self) -> set[str]:
        """Unique ids of the models and seeds to build."""
        return {name for name in self.plan.build if self.versions[name].kind in RELATIONS}

    def unchanged(self, selected: Iterable[str]) -> Unchanged:
        """Return those of the selected models and seeds that are not built."""
        wanted = set(selected) - self.relations
        nodes = self.manifest["nodes"]
        parents = {name: nodes[name]["depends_on"].get("nodes", []) for name in wanted}
        return Unchanged([name for name in self.versions if name in wanted], parents, self.relations)


class Unchanged:
    """Models and seeds that are as wanted, told one after the other, each after what it is made from.

    Parameters
    ----------
    names
        Their names, each after those that it is made from.
    parents
        What each model and seed is made from, by name.
    others
        Names of the models and seeds that are being built.
    """

    def __init__(self, names: Iterable[str], parents: Mapping[str, Iterable[str]], others: set[str]) -> None:
        self._waiting = list(names)
        self._parents = parents
        self._missing = set(others) | set(self._waiting)

    def next(self, built: Iterable[str]) -> list[str]:
        """Return those that need not wait any longer, now that ``built`` were built."""
        self._missing -= set(built)
        ready = []
        for name in self._waiting:
            if not self._missing & set(self._parents[name]):
                ready.append(name)
                self._missing.discard(name)
        self._waiting = [name for name in self._waiting if name in self._missing]
        return ready


def artefacts_of(
    dbt: Dbt, manifest: Mapping[str, Any], reads: Reads, step_code: Mapping[str, str]
) -> list[Artefact]:
    """Return the whole project as artefacts, from the batches of raw on.

    Parameters
    ----------
    dbt, manifest, reads
        The project, and what Python reads between its models.
    step_code
        Hash of the code of each Python step.
    """
    with ledger.writing(dbt.settings) as log:
        rows = landing_log.raw_states(log, dbt.settings.sources)
    return Project(manifest, dbt.project_dir, dbt.settings).artefacts(reads, step_code, rows)


def plan_stage(
    settings: Settings,
    manifest: Mapping[str, Any],
    stage: Stage,
    artefacts: list[Artefact],
    *,
    is_forced: bool = False,
    only: Iterable[str] | None = None,
) -> StagePlan:
    """Compare what the build file holds with what is wanted.

    Parameters
    ----------
    stage
        The part of the project to plan for.
    artefacts
        The whole project, from `artefacts_of`.
    is_forced
        Whether everything is built.
    only
        Models and seeds that were asked for: they are built, with the tests on them alone.
    """
    on_cluster = is_on_cluster(settings)
    if on_cluster:
        # A model that is continued there keeps its comments: other descriptions are a reason to rebuild it.
        artefacts = [
            replace(each, code=f"{each.code} {each.docs}") if each.is_incremental else each
            for each in artefacts
        ]
    recorded, without = state.recorded(settings)
    there = {each.relation for each in artefacts} if on_cluster else set(_kinds(settings))
    everything = members(manifest, stage)
    all_of_it = changes.plan(artefacts, recorded, there, without, is_forced or on_cluster or only is not None)
    if only is not None:
        chosen = frozenset(only)
        tests = {
            each.name
            for each in artefacts
            if each.kind == TEST and {*each.parents} & chosen and {*each.parents} <= chosen | recorded.keys()
        }
        everything &= chosen | tests
    plan = all_of_it.within(everything)
    return StagePlan(
        manifest,
        stage,
        plan,
        only is None and len(plan.build) == sum(each.name in everything for each in artefacts),
        changes.wanted(artefacts),
        frozenset(each.name for each in artefacts if each.is_incremental),
    )


def as_wanted(settings: Settings, manifest: Mapping[str, Any], artefacts: list[Artefact]) -> set[str]:
    """Return the models and seeds about which a build has nothing to do, nor about anything before them.

    That is known before a build only if nothing new can land in it.
    """
    if is_on_cluster(settings):
        return set()
    recorded, without = state.recorded(settings)
    plan = changes.plan(artefacts, recorded, _kinds(settings), without)
    # A test that has to run keeps what it is about; and what follows from what is built waits for it.
    touched = set(plan.build | plan.describe)
    touched |= {
        parent
        for each in artefacts
        if each.name in plan.build
        for parent in each.parents
        if each.kind == TEST
    }
    waiting = list(touched)
    while waiting:
        new = set(manifest["child_map"].get(waiting.pop(), [])) - touched
        touched |= new
        waiting += new
    return {each.name for each in artefacts if each.kind in RELATIONS} - touched


def begin(settings: Settings, planned: StagePlan) -> None:
    """Forget what is about to be built, and make room for what cannot be continued."""
    state.begin(settings, planned.plan.build)
    if is_on_cluster(settings):
        return
    # dbt fills a seed that is there with new rows, but gives it no new columns.
    rewritten = {
        planned.versions[name].relation
        for name in planned.plan.build
        if name in planned.plan.from_scratch or planned.versions[name].kind == changes.SEED
    }
    kinds = _kinds(settings)
    with warehouse.writing(settings) as connection:
        for relation in sorted(rewritten & kinds.keys()):
            _drop(connection, relation, kinds[relation])


def finish(settings: Settings, planned: StagePlan, good: Iterable[str], is_complete: bool) -> None:
    """Record what was built well, with its descriptions.

    Parameters
    ----------
    good
        Names of what dbt built, and of the tests that passed.
    is_complete
        Whether nothing failed.
    """
    built, plan = set(good), planned.plan
    described = plan.describe & (built | (set(planned.versions) - plan.build))
    if not is_on_cluster(settings):
        # dbt describes what it makes; what it leaves as it is, or adds to, is described here.
        _describe(settings, planned, described - (built - (planned.incremental - plan.from_scratch.keys())))
    sources = {name for name, version in planned.versions.items() if version.kind == SOURCE}
    state.finish(
        settings,
        [planned.versions[name] for name in sorted(built | described | (sources if is_complete else set()))],
    )


def remove_stale(settings: Settings, manifest: Mapping[str, Any]) -> list[str]:
    """Remove from the build file the tables of models and seeds that the project no longer has."""
    if is_on_cluster(settings):
        return []
    nodes = [node for node in manifest["nodes"].values() if node["resource_type"] in RELATIONS]
    sources = manifest["sources"].values()
    known = {f"{node['schema']}.{node['alias']}" for node in nodes} | {
        f"{source['schema']}.{source['identifier']}" for source in sources
    }
    # Where Python writes, a table that no model makes may be Python's: there only the record tells.
    of_python = {
        source["schema"] for source in sources if source["config"].get("meta", {}).get("written_by") == PYTHON
    }
    of_dbt = {node["schema"] for node in nodes} - of_python
    recorded, _ = state.recorded(settings)
    built = {record.relation: name for name, record in recorded.items() if record.kind in RELATIONS}
    kinds = _kinds(settings)
    stale = sorted(
        relation
        for relation in kinds
        if relation not in known
        and relation not in {mirror.LANDED_BATCHES, mirror.GATE_RESULTS}
        and (relation.partition(".")[0] in of_dbt or relation in built)
    )
    nodes_of_dbt = {*RELATIONS, TEST}
    gone = [each.name for each in recorded.values() if each.name not in manifest["nodes"]]
    state.begin(settings, [name for name in gone if recorded[name].kind in nodes_of_dbt])
    with warehouse.writing(settings) as connection:
        for relation in stale:
            logger.info("%s is removed: no model makes it any more", relation)
            _drop(connection, relation, kinds[relation])
    return stale


def _kinds(settings: Settings) -> dict[str, str]:
    """Return ``table`` or ``view`` by ``schema.table`` of everything in the build file."""
    with warehouse.writing(settings) as connection:
        found = connection.execute(
            "select table_schema || '.' || table_name, table_type from information_schema.tables "
            "where table_catalog = current_database()"
        ).fetchall()
    return {relation: "view" if kind == "VIEW" else "table" for relation, kind in found}


def _drop(connection: Connection, relation: str, kind: str) -> None:
    connection.execute(f"drop {kind} if exists {_quoted(relation)}")


def _describe(settings: Settings, planned: StagePlan, names: Iterable[str]) -> None:
    wanted = {planned.versions[name].relation: planned.manifest["nodes"][name] for name in names}
    if not wanted:
        return
    kinds = _kinds(settings)
    with warehouse.writing(settings) as connection:
        columns = connection.execute(
            "select table_schema || '.' || table_name, column_name from information_schema.columns "
            "where table_catalog = current_database()"
        ).fetchall()
        there = set(columns)
        for relation, node in wanted.items():
            says = node["config"].get("persist_docs") or {}
            if relation not in kinds:
                continue
            if says.get("relation"):
                _comment(connection, kinds[relation], _quoted(relation), node.get("description"))
            for name, column in node["columns"].items() if says.get("columns") else ():
                if (relation, name) in there:
                    _comment(
                        connection, "column", f"{_quoted(relation)}.{quoted(name)}", column.get("description")
                    )


def _comment(connection: Connection, kind: str, what: str, text: str | None) -> None:
    connection.execute(f"comment on {kind} {what} is {literal(text) if text else 'null'}")


def _quoted(relation: str) -> str:
    return ".".join(quoted(part) for part in relation.split(".", maxsplit=1))
