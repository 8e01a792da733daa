"""What a mapping becomes in the dbt project: the files that follow from it, and those written once."""

from __future__ import annotations

import json
import re
import textwrap
from pathlib import Path

from orchestration.ingestion.entries import SourceEntry
from orchestration.onboarding.base_models import ROW_KEY, base_sql, written_name
from orchestration.onboarding.mapping import SourceMapping
from orchestration.onboarding.shapes import shapes
from orchestration.onboarding.staging_models import StagingModel, staging_models
from orchestration.onboarding.writing import scalar

GENERATED = "Generated from mappings/{0}.yml by `insight source generate`: edit that file, not this one."
_RULES = (
    "churn_min_shopping_days churn_active_within_days churn_horizon_days new_within_days at_risk_after_days"
)
_RULE_COLUMNS = [
    *_RULES.split(),
    "dormant_after_days",
    "lost_after_days",
    "loyal_window_days",
    "loyal_min_shopping_days",
]
_RULE_VALUES = ",,,28,84,168,364,364,2"
_WIDTH = 116


def generated_files(mapping: SourceMapping, entry: SourceEntry) -> dict[Path, str]:
    """Return the text of every file that follows from a mapping, by its path in the dbt project."""
    source = mapping.source
    folder = Path("models/staging") / source
    models = staging_models(mapping, entry)
    files = {Path("macros/sources") / f"{source}.sql": _entities_macro(mapping, models)}
    for table in mapping.tables:
        files[folder / "base" / f"base_{source}__{table}.sql"] = _marked(
            base_sql(mapping, entry, table), source
        )
    for entity, model in models.items():
        files[folder / f"stg_{source}__{entity}.sql"] = _marked(model.sql, source)
    files[folder / f"_{source}__sources.yml"] = _sources_yaml(mapping, entry)
    files[folder / f"_{source}__models.yml"] = _models_yaml(mapping, entry, models)
    if "customer_rules" in models:
        files[folder / f"_{source}__seeds.yml"] = _seeds_yaml(mapping)
    return files


def first_files(mapping: SourceMapping) -> dict[Path, str]:
    """Return the files of the dbt project that are written once, and are a person's from then on."""
    if "customer_records" not in mapping.entities:
        return {}
    path = Path("seeds") / mapping.source / f"{mapping.source}__customer_rules.csv"
    return {path: f"{','.join(_RULE_COLUMNS)}\n{_RULE_VALUES}\n"}


def is_generated(text: str) -> bool:
    """Whether a file says that it was generated, so that it may be overwritten or removed."""
    return "by `insight source generate`" in text.split("\n", 2)[0]


def _marked(sql: str, source: str) -> str:
    return f"{{# {GENERATED.format(source)} #}}\n{sql}"


def _entities_macro(mapping: SourceMapping, models: dict[str, StagingModel]) -> str:
    names = sorted({*models, *mapping.written_by_hand})
    listed = "".join(f"        '{name}',\n" for name in names)
    source = mapping.source
    return _marked(
        f"{{# Entities that the source system `{source}` provides, "
        f"one file `stg_{source}__<entity>.sql` each. #}}\n"
        f"{{% macro {source}__entities() %}}\n    {{{{ return([\n{listed}    ]) }}}}\n{{% endmacro %}}\n",
        source,
    )


def _sources_yaml(mapping: SourceMapping, entry: SourceEntry) -> str:
    tables = "".join(
        f"      - name: {name}\n{_described(entry.tables[name].description, 8)}" for name in mapping.tables
    )
    description = f"{_sentence(entry.description)} What each column means is said in its connector entry."
    return (
        f"# {GENERATED.format(mapping.source)}\nsources:\n"
        f"  - name: raw_{mapping.source}\n    schema: raw_{mapping.source}\n{_described(description, 4)}"
        f"    config:\n      meta: {{owner: {json.dumps(entry.owner, ensure_ascii=False)}}}\n"
        f"    tables:\n{tables}"
    )


def _models_yaml(mapping: SourceMapping, entry: SourceEntry, models: dict[str, StagingModel]) -> str:
    lines = [f"# {GENERATED.format(mapping.source)}\nmodels:\n"]
    for table in mapping.tables:
        told = entry.tables[table].description.rstrip(".").partition("; one row")[0]
        lines.append(f"  - name: base_{mapping.source}__{table}\n")
        lines.append(_described(f"{told}: renamed, read and checked; one row per raw row.", 4))
        lines.append("    columns:\n")
        for name, description in _base_descriptions(mapping, entry, table).items():
            lines.append(f"      - name: {scalar(name)}\n{_described(description, 8)}")
    for entity, model in models.items():
        shape = shapes()[entity]
        lines.append(f"  - name: stg_{mapping.source}__{entity}\n")
        lines.append(_described(_of_one_source(shape.description, mapping.name), 4))
        lines.append("    columns:\n")
        for name in model.columns:
            lines.append(f"      - name: {name}\n{_described(shape.fields[name].description, 8)}")
    return "".join(lines)


def _base_descriptions(mapping: SourceMapping, entry: SourceEntry, table: str) -> dict[str, str]:
    """Return descriptions by column: those of core's fields are inherited, the others stand in the entry."""
    found = {}
    inherited = _fields_of_core(mapping, table)
    for name, (raw, column) in mapping.base_columns(table).items():
        found[name] = inherited.get(name) or _sentence(entry.tables[table].columns[raw].description)
        if column.reads in {"email", "phone"}:
            found[written_name(name)] = f"The same as it was written, before it was read as {column.reads}."
    if not mapping.tables[table].key:
        found[ROW_KEY] = "Hash of all that the row says: it has no other key."
    for name in ("loaded_at", "batch_id", "quarantine_reason"):
        found[name] = _shared(name)
    return found


def _fields_of_core(mapping: SourceMapping, table: str) -> dict[str, str]:
    """Return the descriptions of the fields that columns of a table become as they are, keys aside."""
    found: dict[str, str] = {}
    for entity, parts in mapping.entities.items():
        for part in parts:
            for field, value in part.fields.items() if part.table == table else ():
                told = shapes()[entity].fields.get(field)
                # A key of the base model is the source's own; the warehouse's has the source before it.
                if isinstance(value, str) and told is not None and not told.is_key:
                    found.setdefault(value, told.description)
    return found


def _shared(name: str) -> str:
    """Return the reference to the one description that a shared column has, in `models/_columns.md`."""
    return f"{{{{ doc('column_{name}') }}}}"


def _seeds_yaml(mapping: SourceMapping) -> str:
    columns = "".join(f"      - name: {name}\n{_described(_shared(name), 8)}" for name in _RULE_COLUMNS)
    description = (
        f"Churn population and horizon, and thresholds of the lifecycle, of {mapping.name}; one row."
    )
    return (
        f"# {GENERATED.format(mapping.source)}\nseeds:\n  - name: {mapping.source}__customer_rules\n"
        f"{_described(description, 4)}    columns:\n{columns}"
    )


def _of_one_source(description: str, name: str) -> str:
    """Return what core says of an entity of all sources as what is true of one."""
    return re.sub(r", (in all their versions, )?from all enabled sources", f", of {name}", description)


def _sentence(text: str) -> str:
    text = " ".join(text.split())
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _described(text: str, indent: int) -> str:
    """Return a description as YAML: on one line where it fits, else folded."""
    margin = " " * indent
    line = f"{margin}description: {json.dumps(text, ensure_ascii=False)}\n"
    if len(line) <= _WIDTH + 4 and "\n" not in text:
        return line
    folded = textwrap.wrap(text, _WIDTH - indent - 2, break_long_words=False, break_on_hyphens=False)
    return f"{margin}description: >\n" + "".join(f"{margin}  {each}\n" for each in folded)
