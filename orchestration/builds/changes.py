"""What has changed since a table was last built, and so what the next build has to do: pure functions.

Everything that a build makes is an artefact with a version: a hash of its own code and of the versions of
what it is made from, down to the batches of raw. A table whose recorded version is the wanted one need not
be built: building it would give the rows that it has. Beside the version stands the lineage, the same hash
without the batches: an incremental model can be continued as long as its lineage is the recorded one.

How the code of a dbt node is read is known to `orchestration.transformation.node_code`, where records are
kept to `orchestration.builds.state`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from orchestration.builds.fingerprints import hash_of_values

SEED, MODEL, TEST, SOURCE, STEP = "seed", "model", "test", "source", "step"
# What dbt makes tables or views of.
RELATIONS = frozenset({SEED, MODEL})


@dataclass(frozen=True)
class Artefact:
    """Something that a build makes or starts from.

    Attributes
    ----------
    name
        dbt's unique id; a Python step has the name of the dbt source that it writes.
    kind
        ``seed``, ``model``, ``test``, ``source`` or ``step``.
    code
        Hash of everything that decides its rows, but not of what it is made from.
    parents
        Names of the artefacts that it is made from.
    relation
        ``schema.table``; empty for what is none.
    is_incremental
        Whether building it adds to the rows that are there.
    docs
        Hash of its descriptions.
    rows
        Of a source: hash of the batches that it holds; empty for what is made here.
    """

    name: str
    kind: str
    code: str
    parents: tuple[str, ...] = ()
    relation: str = ""
    is_incremental: bool = False
    docs: str = ""
    rows: str = ""


@dataclass(frozen=True)
class Version:
    """An artefact as it is to be, or was, built.

    Attributes
    ----------
    code, docs
        As those of the artefact.
    lineage
        Hash of its code and of that of everything before it.
    version
        Hash of its lineage and of all rows that it is made from.
    """

    name: str
    kind: str
    relation: str
    code: str
    lineage: str
    version: str
    docs: str


@dataclass(frozen=True)
class Plan:
    """What a build has to do.

    Attributes
    ----------
    build
        Names of the models and seeds to build, and of the tests to run.
    from_scratch
        Why, by the name of each incremental model among them that cannot be continued.
    describe
        Names of the models and seeds whose descriptions have to be written again.
    """

    build: frozenset[str]
    from_scratch: Mapping[str, str]
    describe: frozenset[str]

    @property
    def reason(self) -> str | None:
        """Why incremental models are rebuilt, in a line; ``None`` if all of them are continued."""
        return "; ".join(sorted(set(self.from_scratch.values()))) or None

    def within(self, names: Iterable[str]) -> Plan:
        """Return the part of the plan that is about ``names``."""
        kept = frozenset(names)
        scratch = {name: reason for name, reason in self.from_scratch.items() if name in kept}
        return replace(self, build=self.build & kept, from_scratch=scratch, describe=self.describe & kept)


def wanted(artefacts: Iterable[Artefact]) -> dict[str, Version]:
    """Return what everything is to be, by name; parents that nobody describes count as unchanging.

    Raises
    ------
    ValueError
        If artefacts are made from each other.
    """
    known = {artefact.name: artefact for artefact in artefacts}
    found: dict[str, Version] = {}
    for name in _in_order(known):
        found[name] = version_of(known[name], found)
    return found


def version_of(artefact: Artefact, others: Mapping[str, Version]) -> Version:
    """Return what an artefact is to be, given those that it may be made from, by name."""
    parents = [others[parent] for parent in sorted(set(artefact.parents)) if parent in others]
    lineage = hash_of_values(
        {"code": artefact.code, "parents": [(each.name, each.lineage) for each in parents]}
    )
    rows = [(each.name, each.version) for each in parents]
    version = hash_of_values({"lineage": lineage, "parents": rows, "rows": artefact.rows})
    return Version(
        artefact.name, artefact.kind, artefact.relation, artefact.code, lineage, version, artefact.docs
    )


def plan(
    artefacts: Iterable[Artefact],
    recorded: Mapping[str, Version],
    there: Iterable[str],
    without_record: str,
    is_forced: bool = False,
) -> Plan:
    """Return what has to be built so that everything is as wanted.

    Parameters
    ----------
    artefacts
        Everything that a build makes or starts from.
    recorded
        What was built last, by name: of what was begun and not finished there is no record.
    there
        The relations that are there, as ``schema.table``: what is gone is built whatever its record says.
    without_record
        Why there is no record of anything, for when there is none.
    is_forced
        Whether to build everything, even what is as wanted.
    """
    known = {artefact.name: artefact for artefact in artefacts}
    versions, relations = wanted(known.values()), frozenset(there)
    good = {
        name: record
        for name, record in recorded.items()
        if name in versions
        and (record.kind not in RELATIONS or record.relation in relations)
        and record.relation == versions[name].relation
    }
    build, scratch, describe = set(), {}, set()
    for name, version in versions.items():
        if version.kind not in RELATIONS | {TEST}:
            continue
        record = good.get(name)
        if is_forced or record is None or record.version != version.version:
            build.add(name)
            if known[name].is_incremental and (record is None or record.lineage != version.lineage):
                if not recorded:
                    scratch[name] = without_record
                elif record is None:
                    scratch[name] = f"the last build of {_short(name)} did not complete"
                else:
                    scratch[name] = _reason(name, known, recorded)
        if version.kind in RELATIONS and (record is None or record.docs != version.docs):
            describe.add(name)
    return Plan(frozenset(build), scratch, frozenset(describe))


def _reason(name: str, known: Mapping[str, Artefact], recorded: Mapping[str, Version]) -> str:
    """Say why an incremental model cannot be continued: what changed before it, or in it."""
    changed = [
        each
        for each in _ancestors(name, known)
        if each in recorded and recorded[each].code != known[each].code
    ]
    replaced = sorted(_short(each) for each in changed if known[each].kind == SOURCE)
    if replaced:
        return f"a batch replaced rows of {', '.join(replaced)}"
    rewritten = sorted(_short(each) for each in changed)
    return f"{', '.join(rewritten)} changed" if rewritten else f"what {_short(name)} is made from changed"


def _ancestors(name: str, known: Mapping[str, Artefact]) -> set[str]:
    """Return a name and everything that it is made from, however indirectly."""
    found, waiting = {name}, [name]
    while waiting:
        new = {parent for parent in known[waiting.pop()].parents if parent in known} - found
        found |= new
        waiting += new
    return found


def _in_order(known: Mapping[str, Artefact]) -> list[str]:
    """Return all names, each after those of its parents."""
    from graphlib import CycleError, TopologicalSorter

    graph = {name: [each for each in artefact.parents if each in known] for name, artefact in known.items()}
    try:
        return list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        raise ValueError(f"made from each other: {' → '.join(error.args[1])}") from error


def _short(name: str) -> str:
    """``model.insight.dim_stores`` is ``dim_stores``, ``source.insight.raw_shop.lines`` is ``shop.lines``."""
    kind, *rest = name.split(".")
    if kind == SOURCE and len(rest) == 3:
        return ".".join(rest[1:]).removeprefix("raw_")
    return rest[-1] if rest else name
