"""The dbt project as artefacts: of every node the hash of all that decides its rows, and its parents.

The rows of a node depend on its own SQL and configuration, on every macro that may be called on the way, and
on the variables that these read. Descriptions, owners, tags are not among them. dbt's own ``state:modified``
asks the same questions of two manifests; here the answers are hashes, so that each table of the build can be
compared with what it was built from, whichever build that was.

Which macros may be called is told from the text: whatever is named there counts. That includes more than is
called, never less, however a macro is called: by dispatch, from a hook, or in place of one of dbt's own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any
from uuid import uuid4

import yaml

from orchestration.builds.changes import MODEL, SEED, SOURCE, STEP, TEST, Artefact
from orchestration.builds.fingerprints import hash_of_values
from orchestration.settings import Settings
from orchestration.transformation.stages import PYTHON, Reads

INCREMENTAL = "incremental"
# What of a node's configuration says something about it, but changes no row.
_SAYS_ONLY = {"access", "description", "docs", "group", "meta", "persist_docs", "tags"}
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_GRAPH = re.compile(r"\bgraph\.")
_COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
_VARIABLE = re.compile(r"\bvar\(\s*['\"](\w+)['\"]")
_ENVIRONMENT = re.compile(r"\benv_var\(\s*['\"](\w+)['\"]")
# A name that is put together can be that of any macro that is written out nowhere.
_COMPUTED_CALL = re.compile(r"\bcontext\s*\[|\bcontext\.get\(")
_HOOKS = ("pre-hook", "post-hook")


class Project:
    """The code of a dbt project, read from its manifest.

    Parameters
    ----------
    manifest
        dbt's manifest.
    project_dir
        Folder of ``dbt_project.yml``: variables are not in the manifest.
    settings
        Settings that the project reads from the environment.
    """

    def __init__(self, manifest: Mapping[str, Any], project_dir: Path, settings: Settings) -> None:
        self._manifest = manifest
        self._adapter = manifest["metadata"]["adapter_type"]
        self._environment = settings.as_environment()
        content = yaml.safe_load((project_dir / "dbt_project.yml").read_text(encoding="utf-8"))
        self._vars = {name: str(value) for name, value in (content.get("vars") or {}).items()}
        own = manifest["metadata"]["project_name"]
        macros = [macro for macro in manifest["macros"].values() if macro["package_name"] == own]
        self._macros = {macro["name"]: _COMMENT.sub("", macro["macro_sql"]) for macro in macros}
        self._others = {
            macro["name"] for macro in manifest["macros"].values() if macro["package_name"] != own
        }
        self._words: dict[str, frozenset[str]] = {}

    def artefacts(
        self, reads: Reads, step_code: Mapping[str, str], rows: Mapping[str, tuple[str, str]]
    ) -> list[Artefact]:
        """Return models, seeds, tests, sources and the Python steps between them.

        Parameters
        ----------
        reads
            Tables, as ``schema.table``, that a Python step reads, by the dbt source that it writes.
        step_code
            Hash of the code of each Python step.
        rows
            By ``schema.table`` of a source that Python does not write: texts that say which rows
            were replaced, and which it holds. What is not in there may hold anything: it is new every time.
        """
        nodes = [
            self._node(node)
            for node in self._manifest["nodes"].values()
            if node["resource_type"] in {MODEL, SEED, TEST}
        ]
        by_relation = {node.relation: node.name for node in nodes if node.relation}
        sources = [self._source(source, rows) for source in self._manifest["sources"].values()]
        steps = [
            Artefact(
                name,
                STEP,
                step_code.get(name, ""),
                tuple(sorted(by_relation[table] for table in tables if table in by_relation)),
            )
            for name, tables in reads.items()
        ]
        return [*nodes, *sources, *steps]

    def _node(self, node: Mapping[str, Any]) -> Artefact:
        config = {name: value for name, value in node["config"].items() if name not in _SAYS_ONLY}
        is_test = node["resource_type"] == TEST
        text = _COMMENT.sub("", node.get("raw_code") or "")
        hooks = " ".join(str(node["config"].get(hook) or "") for hook in _HOOKS)
        materialized = node["config"].get("materialized")
        named = {f"materialization_{materialized}_{each}" for each in ("default", self._adapter)}
        called = self._called(f"{text} {hooks}") | (named & set(self._macros)) | self._in_place_of_dbts
        for name in sorted(named & set(self._macros)):
            called |= self._called(self._macros[name])
        everything = " ".join([text, hooks, *(self._macros[each] for each in called)])
        code = hash_of_values(
            {
                "adapter": self._versions,
                "checksum": node["checksum"]["checksum"] if node["resource_type"] == SEED else text,
                "columns": _columns(node),
                "config": _plain(config),
                "constraints": _plain(node.get("constraints")),
                "macros": [(name, self._macros[name]) for name in sorted(called)],
                "place": (node["path"], node["schema"], node["alias"]) if not is_test else "",
                "test": _plain(node.get("test_metadata")),
                # What reads the graph follows from what other nodes say of themselves.
                "graph": self._said if _GRAPH.search(everything) else "",
                "variables": self._values(everything),
            }
        )
        return Artefact(
            name=node["unique_id"],
            kind=node["resource_type"],
            code=code,
            parents=tuple(node["depends_on"].get("nodes", [])),
            relation="" if is_test or materialized == "ephemeral" else f"{node['schema']}.{node['alias']}",
            is_incremental=materialized == INCREMENTAL,
            docs="" if is_test else _docs(node),
        )

    def _source(self, source: Mapping[str, Any], rows: Mapping[str, tuple[str, str]]) -> Artefact:
        relation = f"{source['schema']}.{source['identifier']}"
        if source["config"].get("meta", {}).get("written_by") == PYTHON:
            return Artefact(source["unique_id"], SOURCE, relation, (source["source_name"],), relation)
        replaced, held = rows.get(relation, ("", uuid4().hex))
        return Artefact(source["unique_id"], SOURCE, f"{relation} {replaced}", (), relation, rows=held)

    @cached_property
    def _said(self) -> list[tuple[str, Any]]:
        """What nodes say of themselves in their ``meta``, by name."""
        return sorted(
            (node["unique_id"], _plain(node["config"]["meta"]))
            for node in self._manifest["nodes"].values()
            if node["config"].get("meta")
        )

    @cached_property
    def _versions(self) -> str:
        return f"dbt {version('dbt-core')}, {self._adapter} {version(f'dbt-{self._adapter}')}"

    @cached_property
    def _in_place_of_dbts(self) -> frozenset[str]:
        """Macros of the project that dbt calls for any node: those that have the name of one of its own."""
        own = {
            name
            for name in self._macros
            if not name.startswith("materialization_") and {name, self._base(name)} & self._others
        }
        nodes = self._manifest["nodes"].values()
        hooks = [node["raw_code"] for node in nodes if node["resource_type"] == "operation"]

        return self._called(" ".join([*own, *hooks]))

    @cached_property
    def _named_nowhere(self) -> frozenset[str]:
        texts = [
            *self._macros.values(),
            *(node.get("raw_code") or "" for node in self._manifest["nodes"].values()),
        ]
        named = {word for text in texts for word in _WORD.findall(_defined(text))}
        return frozenset(
            name
            for name in self._macros
            if name not in named and self._base(name) not in named and not name.startswith("materialization_")
        )

    def _base(self, name: str) -> str:
        """Return what a macro is called by: ``duckdb__x`` and ``default__x`` are called as ``x``."""
        prefix, mark, rest = name.partition("__")
        return rest if mark and prefix in {"default", self._adapter} else name

    def _called(self, text: str) -> frozenset[str]:
        """Return the names of the project's macros that ``text`` may call, however indirectly."""
        found: set[str] = set()
        waiting = [text]
        while waiting:
            new = self._named(waiting.pop()) - found
            found |= new
            waiting += [self._macros[name] for name in new]
        return frozenset(found)

    def _named(self, text: str) -> frozenset[str]:
        if text not in self._words:
            words = set(_WORD.findall(text))
            prefixes = ("", "default__", f"{self._adapter}__")
            named = {f"{prefix}{word}" for word in words for prefix in prefixes} & set(self._macros)
            if _COMPUTED_CALL.search(text):
                named |= self._named_nowhere
            self._words[text] = frozenset(named)
        return self._words[text]

    def _values(self, text: str) -> list[tuple[str, str]]:
        """Return the variables that ``text`` reads, with what decides their values."""
        names = set(_VARIABLE.findall(text))
        said = {name: self._vars.get(name, "") for name in names}
        for name in _ENVIRONMENT.findall(" ".join([text, *said.values()])):
            said[f"env {name}"] = self._environment.get(name, "")
        return sorted(said.items())


def _defined(macro: str) -> str:
    """Return the text of a macro without its own name."""
    return re.sub(r"\{%-?\s*(macro|test|materialization)\s+\w+", "", macro, count=1)


def _columns(node: Mapping[str, Any]) -> Any:
    """Return what a contract says about columns, and in which order; without one, they are only described."""
    if not (node.get("contract") or {}).get("enforced"):
        return None
    return [
        (name, column.get("data_type"), _plain(column.get("constraints")))
        for name, column in node["columns"].items()
    ]


def _docs(node: Mapping[str, Any]) -> str:
    columns = {name: column.get("description", "") for name, column in node["columns"].items()}
    return hash_of_values({"node": node.get("description", ""), "columns": sorted(columns.items())})


def _plain(value: Any) -> Any:
    """Return a value with its names in order, so that equal values are written equally."""
    if isinstance(value, Mapping):
        return [(name, _plain(value[name])) for name in sorted(value)]
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value
