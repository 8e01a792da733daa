"""Staging models from a mapping: each entity in the shape of core; as a person would write it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from orchestration.ingestion.entries import SourceEntry
from orchestration.onboarding.base_models import fitted, key_columns, written_name
from orchestration.onboarding.field_values import (
    Scope,
    end_of_day_sql,
    local_sql,
    named,
    value_sql,
)
from orchestration.onboarding.mapping import ColumnOf, FieldValue, Part, SourceMapping
from orchestration.onboarding.shapes import IMMUTABLE, LISTS, Field, Shape, shapes

_ENABLED = "{{ config(enabled=is_enabled_source()) }}"
_ENABLED_TABLE = "{{ config(enabled=is_enabled_source(), materialized='table') }}"
_THIS = "'{{ this_source() }}'"
_NAMESPACED = frozenset({"account", "order", "visitor"})
_SEEN_AT = "seen_at"
_IDENTIFIER_ID = """{{ dbt.hash("customer_key || '|' || identifier_type || '|' || identifier_value") }}"""


@dataclass(frozen=True)
class StagingModel:
    """A staging model: its SQL, and the columns that it gives."""

    sql: str
    columns: list[str]


def staging_models(mapping: SourceMapping, entry: SourceEntry) -> dict[str, StagingModel]:
    """Return the staging model of each entity that a mapping provides, with those that follow from it."""
    models = {
        entity: _written(mapping, entity, parts)
        for entity, parts in mapping.entities.items()
        if entity not in mapping.written_by_hand
    }
    if "customer_records" in mapping.entities:
        names = list(shapes()["customer_rules"].fields)
        models["customer_rules"] = StagingModel(
            f"{_ENABLED}\n\n{{{{ customer_rules_of_this_source() }}}}\n", names
        )
    models |= {
        "source_systems": _source_systems(mapping, entry),
        "row_counts": _row_counts(mapping),
        "quarantined_rows": _quarantined_rows(mapping),
        "unread_values": _unread_values(mapping),
    }
    return {name: models[name] for name in sorted(models) if name not in mapping.written_by_hand}


def _written(mapping: SourceMapping, entity: str, parts: tuple[Part, ...]) -> StagingModel:
    write: Callable[[SourceMapping, Shape, tuple[Part, ...]], StagingModel] = _fact
    if entity == "identifiers":
        write = _identifiers
    elif entity in LISTS:
        write = _list
    return write(mapping, shapes()[entity], parts)


def _fact(mapping: SourceMapping, shape: Shape, parts: tuple[Part, ...]) -> StagingModel:
    """Return the model of an entity whose rows are things that happened."""
    tables: dict[str, str] = {}
    selections = []
    names = [
        name
        for name in shape.fields
        if any(name in _fact_values(mapping, shape, part, parts) for part in parts)
    ]
    for part in parts:
        parents = mapping.tables[part.table].belongs_to
        for table in (part.table, *parents):
            tables.setdefault(
                table, _import(mapping, table, shape.entity in IMMUTABLE and table == part.table)
            )
        values = _fact_values(mapping, shape, part, parts)
        joins = "".join(
            f"\n    inner join {parent} on {part.table}.{column} = {parent}.{mapping.tables[parent].key[0]}"
            for parent, column in parents.items()
        )
        lines = ",\n        ".join(
            fitted(named(values.get(name) or _nothing(shape.fields[name]), name)) for name in names
        )
        selections.append(f"    select\n        {lines}\n    from {part.table}{joins}\n")
    imports = "".join(tables.values())
    body = "\n    union all\n\n".join(selections)
    return StagingModel(f"{_ENABLED}\n\nwith {imports}final as (\n{body})\n\nselect * from final\n", names)


def _import(mapping: SourceMapping, table: str, has_all_versions: bool) -> str:
    base = f"base_{mapping.source}__{table}"
    if has_all_versions:
        rows = f"    select * from {{{{ ref('{base}') }}}}\n    where quarantine_reason is null"
    else:
        keys = ", ".join(f"'{name}'" for name in key_columns(mapping, table))
        rows = f"    select * from {{{{ latest_versions('{base}', [{keys}]) }}}} as latest"
    return f"{table} as (\n{rows}\n),\n\n"


def _fact_values(mapping: SourceMapping, shape: Shape, part: Part, parts: tuple[Part, ...]) -> dict[str, str]:
    """Return the SQL of each field of one part: what is mapped, and what follows from it."""
    scope = Scope(mapping, part.table)
    fields = shape.fields
    values = {name: value_sql(fields[name], value, scope) for name, value in part.fields.items()}
    values["source_system"] = _THIS
    if shape.key != "source_system" and shape.key not in values:
        parts_of_key = [f"'{part.table}.{name}'" for name in key_columns(mapping, part.table)]
        if [each for each in parts if each.table != part.table]:
            parts_of_key.insert(0, f"\"'{part.table}'\"")
        values[shape.key] = f"{{{{ source_key([{', '.join(parts_of_key)}]) }}}}"
    if shape.entity == "order_lines":
        _add_what_a_line_is_without(values)
    _add_times(values, shape, part, scope)
    loaded = [f"{table}.loaded_at" for table in (part.table, *mapping.tables[part.table].belongs_to)]
    values["loaded_at"] = loaded[0] if len(loaded) == 1 else f"greatest({', '.join(loaded)})"
    return {name: sql for name, sql in values.items() if name in fields}


def _add_times(values: dict[str, str], shape: Shape, part: Part, scope: Scope) -> None:
    happened = part.fields.get("occurred_at")
    if "known_at" in shape.fields and "known_at" not in values and happened is not None:
        is_date = isinstance(happened, str) and scope.is_date(happened)
        values["known_at"] = (
            end_of_day_sql(happened, scope)
            if is_date and isinstance(happened, str)
            else values["occurred_at"]
        )
    if "occurred_at_local" in shape.fields and "occurred_at_local" not in values and happened is not None:
        values["occurred_at_local"] = local_sql(values["occurred_at"], scope.mapping)


def _add_what_a_line_is_without(values: dict[str, str]) -> None:
    """Add what follows where a source names one amount: no discount, and what is negative was given back."""
    values.setdefault("quantity", "1")
    values.setdefault("list_amount", values.get("sales_amount", "null"))
    values.setdefault("discount_amount", "0")
    values.setdefault("coupon_discount_amount", "0")
    values.setdefault(
        "is_return", f"coalesce({values.get('sales_amount', '0')} < 0 or {values['quantity']} < 0, false)"
    )


def _list(mapping: SourceMapping, shape: Shape, parts: tuple[Part, ...]) -> StagingModel:
    """Return the model of an entity that is told again and again: one row per key, as it was told last."""
    key = shape.key
    told = [name for name in shape.fields if any(name in part.fields for part in parts)]
    if "record_system" in shape.fields and "record_system" not in told:
        told.insert(1, "record_system")
    selections = [_told(mapping, shape, part, told, number) for number, part in enumerate(parts, start=1)]
    changed = ["last_changed_at"] if "last_changed_at" in told else []
    others = [name for name in told if name not in {key, "last_changed_at"}]
    order = ["part_number", *(f"{name} desc nulls last" for name in [*changed, "loaded_at", *others])]
    ordered = ",\n                ".join(order)
    final = [*(name for name in told if name not in {"first_known_at", "last_changed_at"})]
    final.insert(1, f"{_THIS} as source_system")
    earliest = ""
    if "first_known_at" in shape.fields:
        known = "coalesce(first_known_at, loaded_at)" if "first_known_at" in told else "loaded_at"
        earliest = f"        min({known}) over (partition by {key}) as earliest_known_at,\n"
        final.append("earliest_known_at as first_known_at")
    if "last_changed_at" in shape.fields:
        final.append(
            "coalesce(last_changed_at, loaded_at) as last_changed_at"
            if changed
            else "loaded_at as last_changed_at"
        )
    if "first_loaded_at" in shape.fields:
        earliest += f"        min(loaded_at) over (partition by {key}) as earliest_loaded_at,\n"
        final.append("earliest_loaded_at as first_loaded_at")
    body, lines = "\n    union all\n\n".join(selections), ",\n        ".join(final)
    sql = f"""\
{_ENABLED}

with told as (
{body}),

ranked as (
    select
        *,
{earliest}        row_number() over (
            partition by {key}
            order by
                {ordered}
        ) as telling_rank
    from told
),

final as (
    select
        {lines}
    from ranked
    where telling_rank = 1
)

select * from final
"""
    names = [name.rpartition(" as ")[2] for name in final]
    return StagingModel(sql, names)


def _told(mapping: SourceMapping, shape: Shape, part: Part, names: list[str], number: int) -> str:
    scope = Scope(mapping, part.table)
    values = {name: value_sql(shape.fields[name], value, scope) for name, value in part.fields.items()}
    if "record_system" in shape.fields:
        # One list of customers is called as its source; of several, each has the name of its table.
        is_only = len(mapping.entities[shape.entity]) == 1
        values.setdefault("record_system", _THIS if is_only else f"'{part.table}'")
    lines = ",\n        ".join(
        fitted(named(values.get(name) or _nothing(shape.fields[name]), name)) for name in names
    )
    return f"""\
    select
        {lines},
        {part.table}.loaded_at,
        {number} as part_number
    from {{{{ ref('base_{mapping.source}__{part.table}') }}}} as {part.table}
    where
        {part.table}.quarantine_reason is null
        and {values[shape.key]} is not null
"""


def _identifiers(mapping: SourceMapping, shape: Shape, parts: tuple[Part, ...]) -> StagingModel:
    """Return the model of what customers are known by: one row for each kind and value."""
    customer = shape.fields["customer_key"]
    moment = Field(_SEEN_AT, "timestamp", "")
    selections = []
    for part in parts:
        scope = Scope(mapping, part.table)
        seen = part.fields.get(_SEEN_AT)
        seen_at = value_sql(moment, seen, scope) if seen is not None else f"{part.table}.loaded_at"
        for kind, value in part.fields.items():
            if kind in {"customer_key", _SEEN_AT}:
                continue
            normal, written = _identifier(kind, value, scope)
            selections.append(f"""\
    select
        {value_sql(customer, part.fields["customer_key"], scope)} as customer_key,
        '{kind}' as identifier_type,
        {normal} as identifier_value,
        {written} as source_value,
        {seen_at} as seen_at,
        {part.table}.loaded_at
    from {{{{ ref('base_{mapping.source}__{part.table}') }}}} as {part.table}
    where {part.table}.quarantine_reason is null
""")
    body = "\n    union all\n\n".join(selections)
    sql = f"""\
{_ENABLED}

with told as (
{body}),

grouped as (
    select
        customer_key,
        identifier_type,
        identifier_value,
        min(source_value) as source_value,
        min(coalesce(seen_at, loaded_at)) as first_seen_at,
        max(coalesce(seen_at, loaded_at)) as last_seen_at,
        min(loaded_at) as first_loaded_at
    from told
    where
        customer_key is not null
        and identifier_value is not null
    group by
        customer_key,
        identifier_type,
        identifier_value
),

final as (
    select
        {_IDENTIFIER_ID} as customer_identifier_id,
        {_THIS} as source_system,
        customer_key,
        identifier_type,
        identifier_value,
        source_value,
        first_seen_at,
        last_seen_at,
        first_loaded_at
    from grouped
)

select * from final
"""
    return StagingModel(sql, list(shape.fields))


def _identifier(kind: str, value: FieldValue, scope: Scope) -> tuple[str, str]:
    """Return an identifier in its normal form, and as it was written."""
    key = Field("account_id", "string", "")
    text = Field(kind, "string", "")
    if kind in _NAMESPACED:
        column = value.column if isinstance(value, ColumnOf) else value
        written = value_sql(text, column, scope)
        return value_sql(key, value, scope), written
    normal = value_sql(text, value, scope)
    if isinstance(value, str) and scope.reading(value) in {"email", "phone"}:
        table, name = scope.qualified(value).split(".", 1)
        return normal, f"{table}.{written_name(name)}"
    return normal, normal


def _source_systems(mapping: SourceMapping, entry: SourceEntry) -> StagingModel:
    name = mapping.name.replace("'", "''")
    sql = f"""\
{_ENABLED}

select
    {_THIS} as source_system,
    '{name}' as source_name,
    {str(entry.is_simulated).lower()} as is_simulated,
    '{mapping.time_zone}' as time_zone,
    '{mapping.currency}' as currency
"""
    return StagingModel(sql, list(shapes()["source_systems"].fields))


def _row_counts(mapping: SourceMapping) -> StagingModel:
    counts = "union all\n".join(f"{{{{ landed_row_count('{table}') }}}}\n" for table in mapping.tables)
    return StagingModel(f"{_ENABLED}\n\n{counts}", list(shapes()["row_counts"].fields))


def _quarantined_rows(mapping: SourceMapping) -> StagingModel:
    rows = []
    for table in mapping.tables:
        keys = ", ".join(f"'{name}'" for name in key_columns(mapping, table))
        rows.append(f"{{{{ quarantined_rows('base_{mapping.source}__{table}', '{table}', [{keys}]) }}}}\n")
    names = ["source_system", "source_table", "reason", "row_content", "batch_id", "loaded_at"]
    united = "union all\n".join(rows)
    return StagingModel(f"{_ENABLED_TABLE}\n\n{united}", names)


def _unread_values(mapping: SourceMapping) -> StagingModel:
    """Return the model that counts values which were written and could not be read."""
    lines = []
    for table in mapping.tables:
        pairs = []
        for name, (raw, column) in mapping.base_columns(table).items():
            if column.reads not in {"key", "text"}:
                written = "'" + raw.replace("\\", "\\\\").replace("'", "\\'") + "'"
                pairs.append(f"        ({written}, '{name}'),\n")
        if pairs:
            lines.append(f"    '{table}': [\n{''.join(pairs)}    ],\n")
    columns = "".join(lines)
    sql = f"""\
{_ENABLED_TABLE}

{{% set columns = {{
{columns}}} %}}

with counted as (
    {{% for table, pairs in columns.items() %}}
        {{{{ counts_of_unread_values(this_source(), table, pairs) }}}}
        union all
    {{% endfor %}}
    select
        cast(null as {{{{ dbt.type_string() }}}}) as source_table,
        cast(null as {{{{ dbt.type_string() }}}}) as column_name,
        0 as written_value_count,
        0 as unread_value_count
),

final as (
    select
        {_THIS} as source_system,
        source_table,
        column_name,
        cast(written_value_count as bigint) as written_value_count,
        cast(unread_value_count as bigint) as unread_value_count
    from counted
    where unread_value_count > 0
)

select * from final
"""
    return StagingModel(sql, list(shapes()["unread_values"].fields))


def _nothing(field: Field) -> str:
    kind = "{{ dbt.type_string() }}" if field.data_type == "string" else field.data_type
    return f"cast(null as {kind})"
