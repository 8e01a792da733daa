"""A mapping as far as names and values tell it, and what they leave open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from orchestration.onboarding.mapping import base_name
from orchestration.onboarding.profiles import ColumnProfile, TableProfile
from orchestration.onboarding.shapes import LISTS, Field, shapes
from orchestration.onboarding.vocabulary import (
    entities,
    field_words,
    likeness,
    needs_of,
    plain,
    table_words,
    value_words,
)

# Read from a source, and turned into fields of core.
_BESIDE = {
    "full_name": Field("full_name", "string", ""),
    "unit_price": Field("unit_price", "decimal(18,2)", ""),
}
_IDENTIFIERS = ("email", "phone", "loyalty_card")
_NUMBERS = ("amount", "number", "integer")
_LEAST = 45
_SALES = "order_lines"
_ABOVE = {"order_line_id": "order_id", "ticket_message_id": "ticket_id"}


@dataclass
class Proposal:
    """What the tables and entities of a mapping may be, as the content of its YAML.

    Attributes
    ----------
    doubts
        What is open, by the entry of the mapping that it is about.
    """

    tables: dict[str, Any] = field(default_factory=dict)
    entities: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    doubts: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Table:
    """A table with the columns that are at hand in it: its own, and those of tables that it belongs to."""

    profile: TableProfile
    columns: Mapping[str, ColumnProfile]

    @classmethod
    def of(cls, name: str, profiles: Mapping[str, TableProfile], has_parents: bool = True) -> _Table:
        """Return a table by its name."""
        profile = profiles[name]
        columns = {column.base_name: column for column in profile.columns.values()}
        for parent in profile.parents if has_parents else ():
            for column in profiles[parent].columns.values():
                columns.setdefault(f"{parent}.{column.base_name}", column)
        return cls(profile, {name: each for name, each in columns.items() if each.is_readable})

    @property
    def key(self) -> list[str]:
        """Its key, by the names of the base model."""
        return [self.profile.columns[name].base_name for name in self.profile.key]


def proposed(profiles: Mapping[str, TableProfile], source_name: str) -> Proposal:
    """Return what the tables of a source may mean."""
    proposal = Proposal()
    for name, profile in profiles.items():
        _propose_table(proposal, name, profile)
    parents = {parent for profile in profiles.values() for parent in profile.parents}
    for name in profiles:
        own = _Table.of(name, profiles, has_parents=False)
        _propose_entities(proposal, _Table.of(name, profiles), own, is_parent=name in parents)
    for name in profiles:
        _propose_persons(proposal, _Table.of(name, profiles, has_parents=False), profiles)
    for entity in LISTS & set(proposal.entities):
        # Of several tables that tell of one customer, the first is believed: the one that says most.
        proposal.entities[entity].sort(key=len, reverse=True)
    if _SALES in proposal.entities:
        _propose_around_sales(proposal, source_name)
    return proposal


def _propose_table(proposal: Proposal, name: str, profile: TableProfile) -> None:
    columns: dict[str, Any] = {}
    for column in profile.columns.values():
        said = {
            "reads": column.reading.reads, "as": column.reading.as_, "layout": column.reading.layout,
            "decimal": column.reading.decimal if column.data_type == "string" else None,
        }  # fmt: skip
        said = {key: value for key, value in said.items() if value is not None}
        if column.data_type == "string" and not column.is_readable:
            # Not read until somebody has said how: the column stays, as text.
            said["reads"] = "text"
        columns[column.name] = said["reads"] if set(said) == {"reads"} else said
        if column.doubt:
            proposal.doubts[f"tables.{name}.columns.{column.name}"] = column.doubt
    key = [profile.columns[each].base_name for each in profile.key]
    table: dict[str, Any] = {"key": key[0] if len(key) == 1 else key}
    if profile.parents:
        table["belongs_to"] = {
            parent: profile.columns[column].base_name for parent, column in profile.parents.items()
        }
    proposal.tables[name] = {**table, "columns": columns}
    if profile.doubt:
        proposal.doubts[f"tables.{name}.key"] = profile.doubt


def _propose_entities(proposal: Proposal, table: _Table, own: _Table, is_parent: bool) -> None:
    """Propose the one entity that a table is the home of, customers and what is named by the way aside."""
    name = table.profile.name
    candidates = []
    for entity in entities():
        if entity == "customer_records" or (is_parent and entity == _SALES):
            continue
        # What has a name is told by its own table; what happened, by those that it belongs to as well.
        found = assigned(entity, own if entity in LISTS else table)
        lacking = [each for each in needs_of(entity) if each not in found]
        if lacking == ["sales_amount"] and {"unit_price", "quantity"} <= set(found):
            lacking = []
        likely = likeness(name, table_words(entity))
        candidates.append((not lacking, likely, len(found), entity, found, lacking))
    whole = [each for each in candidates if each[0] and (each[1] >= _LEAST or each[2] >= 5)]
    if whole:
        _, _, _, entity, found, _ = max(whole, key=lambda each: (each[1], each[2]))
        home = own if entity in LISTS else table
        proposal.entities.setdefault(entity, []).append(_part(proposal, entity, home, found))
        return
    halves = [each for each in candidates if each[1] >= _LEAST and each[2] >= 2]
    if halves:
        _, _, _, entity, _, lacking = max(halves, key=lambda each: (each[1], each[2]))
        proposal.doubts[f"entities.{entity}"] = (
            f"{name} looks like {entity}, but nothing in it is its {', '.join(lacking)}: say which column is"
        )


def assigned(entity: str, table: _Table) -> dict[str, str]:
    """Return the columns that fit the fields of an entity best, each used once."""
    shape = shapes()[entity]
    fields = {**shape.fields, **(_BESIDE if entity in {_SALES, "customer_records"} else {})}
    found: dict[str, str] = {}
    if len(table.key) == 1 and shape.key != "customer_key":
        own = table.columns[table.key[0]].name
        # A table of orders alone has a line for each: its key is the order's, the line's follows from it.
        if likeness(own, field_words(shape.key)) >= likeness(own, field_words(_ABOVE.get(shape.key, ""))):
            found[shape.key] = table.key[0]
    scored = sorted(
        (
            (-likeness(column.name, field_words(name)), "." in reference, position, name, reference)
            for position, name in enumerate(fields)
            for reference, column in table.columns.items()
            if _fits(fields[name], column)
        ),
    )
    for score, _, _, name, reference in scored:
        if -score >= _LEAST and name not in found and reference not in found.values():
            found[name] = reference
    return found


def _fits(wanted: Field, column: ColumnProfile) -> bool:
    reads = column.reading.reads
    if reads == "ignored":
        return False
    if wanted.is_moment or wanted.data_type == "date":
        return reads in {"date", "time"}
    if wanted.data_type.startswith("decimal") or wanted.data_type in {"double", "bigint", "integer"}:
        return reads in _NUMBERS and (reads == "integer" or wanted.data_type != "bigint")
    if wanted.data_type == "boolean":
        return reads == "boolean"
    if wanted.is_key:
        return reads in {"key", "integer", "text"}
    return reads in {"key", "text", "name", "country", "language", "postal_code"}


def _part(proposal: Proposal, entity: str, table: _Table, found: dict[str, str]) -> dict[str, Any]:
    shape = shapes()[entity]
    part: dict[str, Any] = {"table": table.profile.name}
    if "unit_price" in found and "sales_amount" not in found:
        part["sales_amount"] = {"sql": f"{found['quantity']} * {found['unit_price']}"}
    customer = _customer(table)
    if customer and "customer_key" in shape.fields:
        part["customer_key"] = customer
    for name in shape.fields:
        if name in found and name not in part:
            part[name] = _decoded(proposal, entity, name, found[name], table)
    if entity == _SALES and "product_id" not in part:
        part["product_id"] = {"value": "unspecified"}
        proposal.doubts[f"entities.{entity}.product_id"] = "no column names a product: all is sold as one"
    return part


def _decoded(proposal: Proposal, entity: str, name: str, reference: str, table: _Table) -> Any:
    """Return a column, with core's word for each of its values where core has words for them."""
    known = value_words(name)
    values = table.columns[reference].values
    if not known or not values:
        return reference
    words: dict[str, list[str]] = {}
    strange = []
    for value in values:
        meant = [each for each, spellings in known.items() if plain(value) in map(plain, spellings)]
        if meant:
            words.setdefault(meant[0], []).append(value.lower())
        else:
            strange.append(value)
    if strange:
        proposal.doubts[f"entities.{entity}.{name}"] = (
            f"{', '.join(map(repr, strange[:5]))} of {reference}: which of {', '.join(known)}? "
            "They stay as they are"
        )
    if all(spelled == [value] for value, spelled in words.items()) and values == tuple(
        v.lower() for v in values
    ):
        return reference
    return {"column": reference, "values": {v: s[0] if len(s) == 1 else s for v, s in words.items()}}


def _customer(table: _Table) -> Any:
    """Return what a row names its customer by: a number, an e-mail address, or the first of them there is."""
    own = {
        reference: column
        for reference, column in table.columns.items()
        if column.reading.reads in {"key", "integer"} and [reference] != table.key
    }
    scores = {
        reference: likeness(column.name, field_words("customer_key")[:-1])
        for reference, column in own.items()
    }
    numbered = max(scores, key=lambda each: scores[each], default=None)
    if numbered is not None and scores[numbered] < _LEAST:
        numbered = None
    mailed = next((name for name, column in table.columns.items() if column.reading.reads == "email"), None)
    if (
        numbered
        and mailed
        and table.columns[numbered].null_share
        and mailed.count(".") == numbered.count(".")
    ):
        both_empty = table.columns[numbered].null_share <= table.columns[mailed].null_share
        return numbered if both_empty else [numbered, mailed]
    return numbered or mailed


def _propose_persons(proposal: Proposal, table: _Table, profiles: Mapping[str, TableProfile]) -> None:
    """Propose the customers that a table lists or names by the way, and what they are known by."""
    name = table.profile.name
    found = assigned("customer_records", table)
    is_list = likeness(name, table_words("customer_records")) >= _LEAST and len(table.key) == 1
    is_list = is_list and not any(
        each["table"] == name
        for entity, parts in proposal.entities.items()
        if entity not in LISTS
        for each in parts
    )
    customer: Any = table.key[0] if is_list else _customer(table)
    if customer is None:
        return
    part: dict[str, Any] = {"table": name, "customer_key": customer}
    if "full_name" in found and "given_name" not in found:
        part["given_name"] = {"given_part_of": found["full_name"]}
        part["family_name"] = {"family_part_of": found["full_name"]}
    taken = {"customer_key", "full_name", "record_system"}
    if not is_list:
        # An address of a delivery, the language of a page: what happens says less of a person than a list.
        taken |= set(found) - {"given_name", "family_name", "first_known_at"}
    moments = assigned(_SALES, table)
    if not is_list and "occurred_at" in moments:
        part["first_known_at"] = moments["occurred_at"]
    for field_name in shapes()["customer_records"].fields:
        if field_name in found and field_name not in taken and field_name not in part:
            part[field_name] = _decoded(proposal, "customer_records", field_name, found[field_name], table)
    proposal.entities.setdefault("customer_records", []).append(part)
    _propose_identifiers(proposal, table, part)


def _propose_identifiers(proposal: Proposal, table: _Table, person: Mapping[str, Any]) -> None:
    part: dict[str, Any] = {"table": table.profile.name, "customer_key": person["customer_key"]}
    for kind in _IDENTIFIERS:
        fitting = [
            (likeness(column.name, field_words(kind)), name)
            for name, column in table.columns.items()
            if column.reading.reads == (kind if kind != "loyalty_card" else "key")
        ]
        best = max(fitting, default=(0, ""))
        if best[0] >= _LEAST or (best[1] and kind == "email"):
            part[kind] = best[1]
    home = {
        entity: each
        for entity, parts in proposal.entities.items()
        for each in parts
        if each["table"] == part["table"]
    }
    if "visitor_key" in home.get("behaviour_events", {}):
        part["visitor"] = home["behaviour_events"]["visitor_key"]
    if "first_known_at" in person and any(kind in part for kind in (*_IDENTIFIERS, "visitor")):
        part["seen_at"] = person["first_known_at"]
    if len(part) > 2:
        proposal.entities.setdefault("identifiers", []).append(part)


def _propose_around_sales(proposal: Proposal, source_name: str) -> None:
    """Propose the store and the products of sales, where no table lists them."""
    for part in proposal.entities[_SALES]:
        table = part["table"]
        if "store_id" not in part:
            part["store_id"] = {"value": "main"}
            if "stores" not in proposal.entities:
                proposal.entities["stores"] = [
                    {
                        "table": table,
                        "store_id": {"value": "main"},
                        "store_name": {"value": source_name},
                        "channel": {"value": "web"},
                    }
                ]
                proposal.doubts["entities.stores"] = (
                    "no column names a store: all is sold in one, by `channel: web`"
                )
        elif "stores" not in proposal.entities and "." not in str(part["store_id"]):
            proposal.entities["stores"] = [{"table": table, "store_id": part["store_id"]}]
        product = part["product_id"]
        if "products" not in proposal.entities and isinstance(product, str) and "." not in product:
            columns = proposal.tables[table]["columns"]
            named = _best(columns, "product_name", product)
            if named:
                proposal.entities["products"] = [
                    {"table": table, "product_id": product, "product_name": named}
                ]


def _best(columns: Iterable[str], field_name: str, not_this: str) -> str | None:
    scores: Sequence[tuple[int, str]] = [
        (likeness(column, field_words(field_name)), base_name(column)) for column in columns
    ]
    best = max((each for each in scores if each[1] != not_this), default=(0, ""))
    return best[1] if best[0] >= _LEAST else None
