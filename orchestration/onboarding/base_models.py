"""Base models from a mapping: a raw table renamed, read, and each row judged; as a person would write it."""

from __future__ import annotations

import re

from orchestration.ingestion.entries import SourceEntry
from orchestration.onboarding.mapping import ColumnMapping, SourceMapping
from orchestration.onboarding.shapes import LISTS, shapes
from orchestration.onboarding.vocabulary import needs_of

_PLAIN = re.compile(r"^[a-z][a-z0-9_]*$")
_TEXT = "string"
_CLEANED = {
    "key": "known_text({0})",
    "text": "clean_text({0})",
    "email": "email_address({0})",
    "postal_code": "clean_text({0})",
    "country": "country_code({0})",
    "language": "language_from_text({0})",
    "integer": "integer_from_text({0})",
    "boolean": "truth_from_text({0})",
}
ROW_KEY = "row_key"
# Letters of a line of SQL behind its indentation.
_WIDTH = 108
# Names are tidied before they are spelled: one in the other would be a text that no linter reads.
_TIDIED = """tidied as (
    select
        *{}
    from source
),

"""


def written_name(base_name: str) -> str:
    """Return what the base model calls an e-mail address or phone number as it was written."""
    return f"source_{base_name}"


def base_sql(mapping: SourceMapping, entry: SourceEntry, table: str) -> str:
    """Return the base model of one raw table."""
    columns = mapping.base_columns(table)
    names = {name: raw for name, (raw, column) in columns.items() if column.reads == "name"}
    types = {name: column.type for name, column in entry.tables[table].columns.items()}
    tidied = "".join(
        f",\n        {fitted(f'{{{{ tidy_text({_argument(raw, types[raw])}) }}}} as tidy_{name}')}"
        for name, raw in names.items()
    )
    lines = []
    for name, (raw, column) in columns.items():
        data_type = types[raw]
        if column.reads == "name":
            lines.append(f"{{{{ proper_name('tidy_{name}') }}}} as {name}")
        else:
            value = _value(raw, column, data_type, mapping)
            lines.append(name if value == name else f"{value} as {name}")
        if column.reads in {"email", "phone"}:
            lines.append(f"{{{{ clean_text({_argument(raw, data_type)}) }}}} as {written_name(name)}")
    if not mapping.tables[table].key:
        raw_columns = ", ".join(_argument(raw, _TEXT) for raw in mapping.tables[table].columns)
        lines.append(f"{{{{ whole_row_key([{_wrapped(raw_columns)}]) }}}} as {ROW_KEY}")
    lines += ["_loaded_at as loaded_at", "_batch_id as batch_id"]
    parents = mapping.tables[table].belongs_to
    imports = "".join(_parent_keys(mapping, parent) for parent in parents)
    joins = "".join(
        f"\n    left join {parent} on renamed.{column} = {parent}.{mapping.tables[parent].key[0]}"
        for parent, column in parents.items()
    )
    rules = "".join(f"            {rule},\n" for rule in _rules(mapping, table))
    selected = ",\n        ".join(map(fitted, lines))
    return f"""\
{{{{ config(enabled=is_enabled_source(), materialized='table') }}}}

with source as (
    select * from {{{{ source('raw_{mapping.source}', '{table}') }}}}
),

{_TIDIED.format(tidied) if tidied else ""}{imports}renamed as (
    select
        {selected}
    from {"tidied" if tidied else "source"}
),

checked as (
    select
        renamed.*,
        {{{{ quarantine_reason([
{rules}        ]) }}}} as quarantine_reason
    from renamed{joins}
)

select * from checked
"""


def fitted(line: str) -> str:
    """Return a line of a selection, its one call of a macro broken up where it would be too long."""
    call = re.fullmatch(r"\{\{ (\w+)\((.*)\) \}\}(.*)", line)
    if len(line) < _WIDTH or call is None:
        return line
    return f"{{{{ {call[1]}(\n            {call[2]}\n        ) }}}}{call[3]}"


def key_columns(mapping: SourceMapping, table: str) -> list[str]:
    """Return the columns of a base model that tell its rows apart."""
    return list(mapping.tables[table].key) or [ROW_KEY]


def _parent_keys(mapping: SourceMapping, parent: str) -> str:
    return f"""\
{parent} as (
    select distinct {mapping.tables[parent].key[0]}
    from {{{{ ref('base_{mapping.source}__{parent}') }}}}
    where quarantine_reason is null
),

"""


def _rules(mapping: SourceMapping, table: str) -> list[str]:
    """Return what keeps a row out, as pairs of condition and reason."""
    rules: dict[str, str] = {}
    key = mapping.tables[table].key
    if key:
        missing = " or ".join(f"renamed.{name} is null" for name in key)
        rules[f"'{missing}'"] = "key is missing"
    for parent, column in mapping.tables[table].belongs_to.items():
        parent_key = mapping.tables[parent].key[0]
        rules[f"'{parent}.{parent_key} is null'"] = f"{column} is not among {parent}"
    columns = mapping.base_columns(table)
    for name in _indispensable(mapping, table):
        if name in columns and name not in key:
            rules[f"'renamed.{name} is null'"] = f"{name} is missing or cannot be read"
            if columns[name][1].reads == "time":
                # A clock may be ahead, or the zone be another one: by a day at most.
                tomorrow = "dbt.dateadd('day', 1, 'renamed.loaded_at')"
                rules[f"'renamed.{name} > ' ~ {tomorrow}"] = f"{name} is after the row arrived"
    pairs = [f"[{condition}, '{reason}']" for condition, reason in rules.items()]
    fitting = [pair if len(pair) < _WIDTH else pair.replace(", '", ",\n                '") for pair in pairs]
    return fitting or ["['1 = 0', 'never']"]


def _indispensable(mapping: SourceMapping, table: str) -> list[str]:
    """Return the columns without which a row is no row of the entity that the table is the home of."""
    names: dict[str, None] = {}
    for entity, parts in mapping.entities.items():
        if entity not in shapes():
            continue
        for part in parts:
            if part.table != table:
                continue
            is_home = (
                entity not in LISTS or part.fields.get(shapes()[entity].key) in mapping.tables[table].key
            )
            for field in needs_of(entity) if is_home else ():
                value = part.fields.get(field)
                # A customer who is not known is anonymous, and an event without one is an event.
                if (
                    isinstance(value, str)
                    and "." not in value
                    and (field != "customer_key" or entity in LISTS)
                ):
                    names[value] = None
    return list(names)


def _value(raw: str, column: ColumnMapping, data_type: str, mapping: SourceMapping) -> str:
    if data_type != _TEXT and column.reads in {"integer", "number", "amount", "date", "time", "boolean"}:
        return _typed_value(raw, column, mapping)
    argument = _argument(raw, data_type)
    if column.reads == "phone":
        country = f", '{mapping.country}'" if mapping.country else ""
        call = f"phone_number_in({argument}{country})"
    elif column.reads == "amount":
        call = f"decimal_from_text({argument}, '{column.decimal}')"
    elif column.reads == "number":
        call = f"decimal_from_text({argument}, '{column.decimal}', 'decimal(28, 8)')"
    elif column.reads in {"date", "time"}:
        return _moment(argument, column, mapping)
    else:
        call = _CLEANED[column.reads].format(argument)
    return f"{{{{ {call} }}}}"


def _moment(argument: str, column: ColumnMapping, mapping: SourceMapping) -> str:
    is_date = column.reads == "date"
    if column.layout in {"epoch_seconds", "epoch_milliseconds"}:
        per_second = 1 if column.layout == "epoch_seconds" else 1000
        instant = f"utc_from_count(cast_or_null({argument}, 'bigint'), {per_second})"
    elif column.layout == "utc":
        instant = f"utc_from_iso_text({argument})"
    elif is_date:
        return f"cast({{{{ moment_from_text({argument}, '{column.layout}') }}}} as date)"
    else:
        return f"{{{{ utc_from_text({argument}, '{column.layout}', '{mapping.time_zone}') }}}}"
    if is_date:
        return f"cast({{{{ local_from_utc({instant}, {zone(mapping)}) }}}} as date)"
    return f"{{{{ {instant} }}}}"


def _typed_value(raw: str, column: ColumnMapping, mapping: SourceMapping) -> str:
    """Return the value of a column that has a type; a time without a zone is on the source's clock."""
    name = raw if _PLAIN.match(raw) else f"{{{{ raw_column({_jinja_text(raw)}) }}}}"
    if column.reads == "time" and column.layout != "utc":
        return f"{{{{ utc_from_local({_argument(raw, _TEXT)}, {zone(mapping)}) }}}}"
    if column.reads == "amount":
        return f"{{{{ exact_amount({_argument(raw, _TEXT)}) }}}}"
    types = {"integer": "bigint", "number": "double", "date": "date"}
    return f"cast({name} as {types[column.reads]})" if column.reads in types else name


def _argument(raw: str, data_type: str) -> str:
    """Return a raw column as an argument of a macro, as text whatever its type."""
    name = _jinja_text(raw) if _PLAIN.match(raw) else f"raw_column({_jinja_text(raw)})"
    return name if data_type == _TEXT else f"'cast(' ~ {name} ~ ' as ' ~ dbt.type_string() ~ ')'"


def zone(mapping: SourceMapping) -> str:
    """Return the source's time zone as an argument of a macro."""
    return f"\"'{mapping.time_zone}'\""


def _jinja_text(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _wrapped(names: str) -> str:
    """Return a list of names on lines that are not too long."""
    lines, line = [], ""
    for name in names.split(", "):
        if len(line) + len(name) > 90:
            lines.append(line)
            line = ""
        line += f"{name}, "
    lines.append(line.rstrip(", "))
    return lines[0] if len(lines) == 1 else "\n            " + "\n            ".join(lines) + "\n        "
