"""What changed identity rules would merge and split, found out on a copy before anything is applied.

The copy holds what identity reads, with the changed seeds; dbt builds identity in it, its customers are
compared with those of the build, and it is deleted. Probabilistic matches stay as the last build found them.
"""

from __future__ import annotations

import difflib
import logging
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from orchestration.identity.errors import IdentityError
from orchestration.identity.rule_files import COLUMNS, Row, read_rules
from orchestration.settings import Settings
from orchestration.transformation.command import Dbt, DbtError
from orchestration.transformation.progress import DbtProgress
from orchestration.warehouse import Connection, EngineError, copying, is_on_cluster, reading

logger = logging.getLogger("insight.preview")

_INPUTS = (
    "core.dim_customer_records",
    "core.bdg_customer_identifiers",
    "core.dim_source_systems",
    "seeds.identity_rules",
    "seeds.identity_blocked_values",
    "seeds.identity_overrides",
    "seeds.given_name_variants",
    "matching.record_links",
)
_KEYS, _EDGES, _ORDERS = "identity.bdg_customer_keys", "identity.bdg_identity_edges", "core.fct_orders"
_MODELS = ("bdg_customer_keys", "bdg_identity_edges")
_SELECTION = ["run", "--select", "fqn:insight.identity.resolution", *_MODELS]
_PARTIAL_PARSE = "partial_parse.msgpack"
# More names than that make no line; the count says how many there are.
_MOST_NAMED = 5


def preview(settings: Settings, files: Mapping[str, Path], example_count: int = 5) -> dict[str, Any]:
    """Return what changed rules would merge and split.

    Parameters
    ----------
    settings
        Where the build is.
    files
        CSV file by the name of the seed that it stands in for: ``identity_rules``,
        ``identity_blocked_values``, ``identity_overrides``. Other seeds stay as they were built.
    example_count
        How many merges and splits to return, those of most records first.

    Returns
    -------
    dict
        ``counts`` of customers and records; ``sales`` of the customers concerned by source, in its currency;
        ``merges`` and ``splits`` with what causes them.

    Raises
    ------
    IdentityError
        If a file cannot be used, or the engine is not the embedded one.
    DbtError
        If identity cannot be built with these rules.
    WarehouseError
        If there is no build, or another process holds it.
    """
    if is_on_cluster(settings):
        raise IdentityError(
            "A preview needs the embedded engine: it builds identity in a copy of the build file. Build the "
            "same sources with WAREHOUSE_ENGINE=duckdb in another WAREHOUSE_DIR, and preview there."
        )
    if not files:
        raise IdentityError("Name at least one changed file: --rules, --blocked or --overrides.")
    changed = {seed: read_rules(seed, path) for seed, path in files.items()}
    settings.warehouse_dir.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="preview-", dir=settings.warehouse_dir))
    try:
        scratch = replace(settings, warehouse_dir=folder)
        logger.info("copying what identity reads")
        _copy_inputs(settings, scratch, changed, files)
        logger.info("building identity with the changed rules")
        _build(settings, scratch)
        logger.info("comparing")
        with reading(scratch.build_path) as connection:
            return _compared(connection, example_count)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _copy_inputs(
    settings: Settings, scratch: Settings, changed: Mapping[str, list[Row]], files: Mapping[str, Path]
) -> None:
    # Its name differs from that of the build while both are open: two open files cannot have the same.
    path = scratch.build_path.with_name("copied.duckdb")
    build = settings.build_path.stem
    with copying(settings, path) as connection:
        _require_built(connection, build)
        for table in _INPUTS:
            connection.execute(f"create schema if not exists {table.split('.', maxsplit=1)[0]}")
            connection.execute(f"create table {table} as select * from {build}.{table}")
        connection.execute("create schema preview")
        connection.execute(
            f"create table preview.keys_before as select customer_key, customer_id from {build}.{_KEYS}"
        )
        connection.execute(
            f"create table preview.edges_before as select * from {build}.{_EDGES} where decision = 'accepted'"
        )
        connection.execute(
            f"""
            create table preview.sales as
            select customer_key, source_system, sum(sales_amount) as sales_amount, count(*) as order_count
            from {build}.{_ORDERS}
            where customer_key is not null
            group by all
            """
        )
        for seed, rows in changed.items():
            _require_usable(connection, seed, rows, files[seed])
            _write_seed(connection, seed, rows)
    os.replace(path, scratch.build_path)


def _require_built(connection: Connection, build: str) -> None:
    found = {
        name
        for (name,) in connection.execute(
            "select table_schema || '.' || table_name from information_schema.tables where table_catalog = ?",
            [build],
        ).fetchall()
    }
    if missing := [table for table in (*_INPUTS, _KEYS, _EDGES, _ORDERS) if table not in found]:
        raise IdentityError(f"The build has no {', '.join(missing)}. Run `insight build` first.")


def _require_usable(connection: Connection, seed: str, rows: list[Row], path: Path) -> None:
    """Check what only the warehouse knows: its records, and which patterns its engine understands."""
    faults = _unknown_types(connection, rows, path) if seed != "identity_overrides" else []
    for row in rows:
        if seed == "identity_blocked_values":
            try:
                connection.execute("select regexp_matches('', ?)", [row["value_pattern"]])
            except EngineError as error:
                faults.append(
                    f"{path}, value_pattern: the engine cannot read {row['value_pattern']!r} ({error}); "
                    "look-around and back-references are not understood."
                )
        if seed == "identity_overrides":
            for column in ("customer_key_a", "customer_key_b"):
                found = connection.execute(
                    "select 1 from preview.keys_before where customer_key = ?", [row[column]]
                ).fetchone()
                if not found:
                    faults.append(
                        f"{path}, {column}: there is no record {row[column]}; `insight explain` "
                        "lists the records of a customer."
                    )
    if faults:
        raise IdentityError("\n".join(faults))


def _unknown_types(connection: Connection, rows: list[Row], path: Path) -> list[str]:
    """Name the types of identifiers that no record has and no rule is about: such a rule would do nothing."""
    known = {
        str(name)
        for (name,) in connection.execute(
            "select identifier_type from core.bdg_customer_identifiers "
            "union select identifier_type from seeds.identity_rules "
            "union select identifier_type from seeds.identity_blocked_values"
        ).fetchall()
    }
    faults = []
    for name in sorted({str(row["identifier_type"]) for row in rows} - known):
        similar = difflib.get_close_matches(name, known, 1)
        hint = f"did you mean {similar[0]}?" if similar else f"the types are {', '.join(sorted(known))}."
        faults.append(f"{path}, identifier_type: no record has an identifier of the type {name}; {hint}")
    return faults


def _write_seed(connection: Connection, seed: str, rows: list[Row]) -> None:
    columns = COLUMNS[seed]
    typed = ", ".join(f"{name} {column.sql_type}" for name, column in columns.items())
    connection.execute(f"create or replace table seeds.{seed} ({typed})")
    if rows:
        places = ", ".join("?" for _ in columns)
        connection.executemany(
            f"insert into seeds.{seed} values ({places})", [[row[name] for name in columns] for row in rows]
        )


def _build(settings: Settings, scratch: Settings) -> None:
    dbt = Dbt(scratch)
    dbt.run_dir.mkdir(parents=True, exist_ok=True)
    parsed = settings.dbt_target_dir / _PARTIAL_PARSE
    if parsed.exists():
        shutil.copyfile(parsed, dbt.run_dir / _PARTIAL_PARSE)
    resolution = dbt.project_dir / "models" / "identity" / "resolution"
    progress = DbtProgress(len(list(resolution.glob("*.sql"))) + len(_MODELS), "in a copy")
    for event in dbt.events(_SELECTION, dbt.run_dir):
        progress.follow(event)
    progress.finish()
    if failures := progress.failures():
        raise DbtError(f"Identity cannot be built with these rules; nothing has changed.\n{failures}")


def _compared(connection: Connection, example_count: int) -> dict[str, Any]:
    # A customer that only changed its name is neither merged nor split.
    connection.execute(
        f"""
        create temp table compared as
        select before.customer_key, before.customer_id as before_id, after.customer_id as after_id
        from preview.keys_before as before
        inner join {_KEYS} as after on before.customer_key = after.customer_key;

        create temp table merging as
        select after_id from compared group by after_id having count(distinct before_id) > 1;

        create temp table splitting as
        select before_id from compared group by before_id having count(distinct after_id) > 1;
        """
    )
    return {
        "counts": _counts(connection),
        "sales": _rows(
            connection,
            """
            select
                sales.source_system,
                any_value(systems.is_simulated) as is_simulated,
                count(distinct compared.before_id) as customers,
                sum(sales.order_count)::bigint as orders,
                sum(sales.sales_amount)::double as sales_amount,
                any_value(systems.currency) as currency
            from preview.sales as sales
            inner join compared on sales.customer_key = compared.customer_key
            inner join core.dim_source_systems as systems on sales.source_system = systems.source_system
            where compared.after_id in (from merging) or compared.before_id in (from splitting)
            group by sales.source_system
            order by is_simulated, sales_amount desc
            """,
        ),
        "merges": _examples(connection, _EDGES, "after_id", "before_id", example_count),
        "splits": _examples(connection, "preview.edges_before", "before_id", "after_id", example_count),
    }


def _counts(connection: Connection) -> dict[str, int]:
    return _rows(
        connection,
        """
        select
            count(distinct before_id) as customers_before,
            count(distinct after_id) as customers_after,
            count(distinct case when after_id in (from merging) then before_id end) as customers_that_merge,
            (select count(*) from merging) as customers_merged_into,
            (select count(*) from splitting) as customers_that_split,
            count(distinct case when before_id in (from splitting) then after_id end) as customers_split_into,
            count(case when before_id <> after_id then 1 end) as records_that_move,
            count(*) as records
        from compared
        """,
    )[0]


def _examples(
    connection: Connection, edges: str, together: str, apart: str, example_count: int
) -> list[dict[str, Any]]:
    """Return groups of records that are together on one side and apart on the other, and what ties them.

    Parameters
    ----------
    connection
        The copy.
    edges
        Table of the links of the side on which they are together.
    together, apart
        Column of the customer ids of either side.
    example_count
        How many, of most records first.
    """
    return _rows(
        connection,
        f"""
        with groups as (
            select
                {together} as customer_id,
                count(distinct {apart}) as customer_count,
                count(*) as record_count,
                array_to_string(list_sort(list(distinct {apart}))[1:{_MOST_NAMED}], ', ') as customers,
                array_to_string(list_sort(list(customer_key))[1:{_MOST_NAMED}], ', ') as records
            from compared
            group by {together}
            having count(distinct {apart}) > 1
        ),

        shared as (
            select
                compared.{together} as customer_id,
                edges.rule_name,
                edges.priority,
                edges.identifier_value as shared
            from {edges} as edges
            inner join compared on edges.customer_key = compared.customer_key
            where edges.decision = 'accepted' and edges.other_customer_key is null
            group by all
            having count(distinct compared.{apart}) > 1
            union all
            select a.{together}, edges.rule_name, edges.priority, edges.evidence
            from {edges} as edges
            inner join compared as a on edges.customer_key = a.customer_key
            inner join compared as b on edges.other_customer_key = b.customer_key
            where edges.decision = 'accepted' and a.{together} = b.{together} and a.{apart} <> b.{apart}
        ),

        strongest as (
            select customer_id, min_by(rule_name || ': ' || shared, (priority, shared)) as because_of
            from shared
            group by customer_id
        )

        select groups.*, strongest.because_of
        from groups
        left join strongest on groups.customer_id = strongest.customer_id
        order by groups.record_count desc, groups.customer_id
        limit {int(example_count)}
        """,
    )


def _rows(connection: Connection, query: str) -> list[dict[str, Any]]:
    return connection.execute(query).to_arrow_table().to_pylist()
