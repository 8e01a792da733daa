"""What holds for every model by its text and its YAML alone; nothing is built."""

from __future__ import annotations

import re
from collections import defaultdict

import pytest

from ml.declaration import declared_names, load_declaration

pytestmark = pytest.mark.tier0

LAYERS_WITH_CONTRACT = ("core", "identity", "marts", "features", "scores", "quality")
LAYERS_WITH_KEYS = ("core", "identity", "marts", "features", "quality")

# Rows kept out of the warehouse: a key is what many of them lack. Counts are keyed where they are summed up.
WITHOUT_KEY = {"int_row_counts__unioned", "quarantine"}

MAX_MODEL_LINES, MAX_MACRO_LINES = 120, 40
# Longer than they should be; a name leaves this list when its model is split.
LONG_MODELS = {"int_customers__staged", "label_customers__churn"}
LONG_MACROS: set[str] = set()

# What other engines lack or call otherwise; such things live in macros/engine, one file each.
ENGINE_SPECIFIC = [
    r"::",
    r"\bqualify\b",
    r"\b(group|order) by all\b",
    r"\bselect\s+\*\s+(exclude|replace)\b",
    r"\b(asof|positional|anti|semi)\s+join\b",
    r"\b(try_cast|ilike|pivot|unpivot)\b",
    r"\bisodow\b",
    r"\b(arg_max|arg_min|epoch|epoch_ms|epoch_us)\s*\(",
    r"\b(generate_series|range|unnest|list|list_\w+|array_agg|string_agg|struct_pack|row_to_json|to_json)\s*\(",
    r"\b(strftime|strptime|timezone|make_date|make_timestamp|date_diff|datediff|date_add|date_sub|age)\s*\(",
    r"\b(quantile|quantile_cont|quantile_disc|approx_quantile|mode)\s*\(",
    r"\b(regexp_matches|regexp_extract|regexp_replace|string_split|str_split|md5|hash|printf|format)\s*\(",
    r"\b(now|current_date|current_timestamp|today|random|uuid)\b\s*(\(|$)",
    r"\bread_(csv|parquet|json)\w*\s*\(",
    r"\bpragma\b",
]


def sql_of(path, engine_macros):
    """The file's SQL without comments, and without the names of dbt's and our own dispatched macros."""
    text = re.sub(r"\{#.*?#\}", "", path.read_text(), flags=re.DOTALL)
    text = re.sub(r"--[^\n]*", "", text)
    # A loop of the template is not SQL.
    text = re.sub(r"\{%-? for \w+ in range\(", "", text)
    return re.sub(rf"\bdbt\.\w+|\{{\{{\s*({'|'.join(engine_macros)})\b", "", text)


@pytest.fixture(scope="module")
def models(dbt):
    return {node.name: node for node in dbt.manifest.nodes.values() if node.resource_type == "model"}


@pytest.fixture(scope="module")
def tests_of(dbt):
    """Generic tests by the model that they are attached to: pairs of name and column."""
    tests = defaultdict(set)
    for node in dbt.manifest.nodes.values():
        if node.resource_type == "test" and hasattr(node, "test_metadata"):
            tests[node.attached_node].add((node.test_metadata.name, node.column_name))
    return tests


def test_every_model_seed_source_and_column_is_described(dbt):
    silent = []
    for node in [*dbt.manifest.nodes.values(), *dbt.manifest.sources.values()]:
        if node.resource_type not in {"model", "seed", "source"}:
            continue
        if not node.description.strip():
            silent.append(node.name)
        if node.resource_type != "source" and not node.columns:
            silent.append(f"{node.name}: no columns")
        silent += [f"{node.name}.{c.name}" for c in node.columns.values() if not c.description.strip()]
    assert silent == []


def test_every_description_of_a_model_ends_with_its_grain(models):
    vague = [
        name for name, node in models.items() if not re.search(r"\bone row\b[^.]*\.\s*$", node.description)
    ]
    assert vague == []


def test_every_model_belongs_to_a_group_with_an_owner(models):
    assert [name for name, node in models.items() if not node.config.group] == []


def test_contracts_are_enforced_from_core_on(models):
    loose = [
        name
        for name, node in models.items()
        if node.fqn[1] in LAYERS_WITH_CONTRACT
        and not node.config.contract.enforced
        # Columns that follow from what is declared cannot be listed.
        and not node.config.meta.get("is_generated")
    ]
    assert loose == []


def test_every_table_has_a_primary_key_test(models, tests_of):
    def has_key(node):
        return any(name == "primary_key" for name, _ in tests_of[node.unique_id])

    keyless = {
        name
        for name, node in models.items()
        if node.fqn[1] in LAYERS_WITH_KEYS
        and node.config.materialized in {"table", "incremental"}
        and not has_key(node)
    }
    assert keyless == WITHOUT_KEY


def test_unit_tests_tell_a_story(dbt):
    unit_tests = list(dbt.manifest.unit_tests.values())
    assert [test.name for test in unit_tests if not (test.description or "").strip()] == []
    assert len({test.name for test in unit_tests}) == len(unit_tests)


def test_singular_tests_assert_an_invariant_and_say_which(dbt_project_dir):
    for path in dbt_project_dir.glob("tests/*.sql"):
        assert path.name.startswith("assert_")
        assert path.read_text().startswith("{#"), path.name


def test_no_engine_specific_sql_outside_the_engine_macros(dbt_project_dir):
    paths = [
        *dbt_project_dir.glob("models/**/*.sql"),
        *dbt_project_dir.glob("tests/**/*.sql"),
        *(path for path in dbt_project_dir.glob("macros/**/*.sql") if path.parent.name != "engine"),
    ]
    engine_macros = [path.stem for path in dbt_project_dir.glob("macros/engine/*.sql")]
    assert len(paths) > 50
    assert engine_macros
    found = [
        f"{path.relative_to(dbt_project_dir)}: {match.group()}"
        for path in paths
        for pattern in ENGINE_SPECIFIC
        for match in re.finditer(pattern, sql_of(path, engine_macros), flags=re.IGNORECASE | re.MULTILINE)
    ]
    assert found == []


def test_engine_macros_stand_in_one_file_each_and_are_dispatched(dbt_project_dir):
    for path in dbt_project_dir.glob("macros/engine/*.sql"):
        names = re.findall(r"\{% macro (\w+)\(", path.read_text())
        public = [name for name in names if not name.startswith("_")]
        dispatched = [path.stem, f"default__{path.stem}", f"spark__{path.stem}"]
        # One that takes the place of an adapter's own macro has its name: only that adapter calls it.
        adapters = [f"duckdb__{path.stem}", f"spark__{path.stem}"]
        replacing = ([path.stem], adapters[:1], adapters[1:], adapters)
        assert public in (dispatched, *replacing), path.name


def test_no_model_is_too_long(dbt_project_dir):
    lengths = {
        path.stem: len(path.read_text().splitlines()) for path in dbt_project_dir.glob("models/**/*.sql")
    }
    assert {name for name, length in lengths.items() if length > MAX_MODEL_LINES} == LONG_MODELS


def test_no_macro_is_too_long(dbt_project_dir):
    long = set()
    for path in dbt_project_dir.glob("macros/**/*.sql"):
        for name, body in re.findall(
            r"\{%-? macro (\w+)\((.*?)\{%-? endmacro", path.read_text(), flags=re.DOTALL
        ):
            if len(body.splitlines()) > MAX_MACRO_LINES:
                long.add(name)
    assert long == LONG_MACROS


def test_a_source_lists_exactly_the_entities_that_it_has_files_for(dbt_project_dir):
    folders = [path for path in dbt_project_dir.glob("models/staging/*") if path.is_dir()]
    assert folders
    for folder in folders:
        macro = (dbt_project_dir / "macros" / "sources" / f"{folder.name}.sql").read_text()
        listed = re.findall(r"'(\w+)'", macro.split("return", 1)[1])
        prefix = f"stg_{folder.name}__"
        assert listed == sorted(path.stem.removeprefix(prefix) for path in folder.glob(f"{prefix}*.sql"))


def test_every_raw_table_is_counted(dbt, models):
    counted = defaultdict(set)
    for name, node in models.items():
        if match := re.fullmatch(r"stg_(\w+?)__row_counts", name):
            counted[f"raw_{match.group(1)}"] |= set(node.depends_on.nodes)
    for source in dbt.manifest.sources.values():
        if source.source_name in counted:
            assert source.unique_id in counted[source.source_name], source.name
    assert counted


def test_every_label_names_the_predictive_model_that_learns_it(models):
    """`customer_scores` and its like follow from what labels say of themselves."""
    named = {
        f"features.{name}": node.config.meta["predictive_model"]
        for name, node in models.items()
        if "predictive_model" in node.config.meta
    }
    assert named == {load_declaration(name).label.table: name for name in declared_names()}
