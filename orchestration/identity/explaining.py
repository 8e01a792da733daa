"""How a customer was built: its records in the order in which they came together, with what joined each.

Reads the publication. What joins records is decided in SQL; here it is looked up and put into an order to
read.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from orchestration.identity.lookup import ALIASES, KEYS, customer_of, require_tables, rows
from orchestration.settings import Settings
from orchestration.warehouse import Tables, published

STEPS = "identity.fct_customer_build_steps"
CONFIDENCE = "identity.fct_customer_confidence"
CHANGES = "identity.fct_identity_changes"
EDGES = "identity.bdg_identity_edges"
CONTRADICTIONS = "identity.fct_contradicting_facts"
GOLDEN_VALUES = "identity.fct_golden_values"
# Identifiers that no rule is about, such as a session, fill pages and explain nothing.
_NO_RULE = "no rule links by this kind of identifier"


def explain(settings: Settings, name: str) -> dict[str, Any]:
    """Return how a customer was built, as plain values.

    Parameters
    ----------
    settings
        Where the publication is.
    name
        A customer id, an id out of use, a record (``source:key``), or an identifier such as an e-mail
        address.

    Returns
    -------
    dict
        ``customer_id``; ``found_as`` in words; ``home_source_system``; ``confidence`` (one row of
        ``fct_customer_confidence``, probabilities from 0 to 1); ``steps``, the anchor first; ``history``,
        oldest first; ``aliases``; ``rejected``, links that were considered and not made, with the reason;
        ``contradictions`` with customers that share an identifier; ``golden_values``, each with the record
        that it comes from. Times are UTC.

    Raises
    ------
    IdentityError
        If nobody has that name, or several customers do; the message suggests others.
    WarehouseError
        If nothing is published.
    """
    with published(settings) as tables:
        require_tables(tables, [STEPS, CONFIDENCE, CHANGES, EDGES, CONTRADICTIONS])
        customer_id, found_as = customer_of(tables, name)
        one = [customer_id]
        return {
            "customer_id": customer_id,
            "found_as": found_as,
            "home_source_system": rows(
                tables, f"select min(home_source_system) as home from {{{KEYS}}} where customer_id = ?", one
            )[0]["home"],
            "confidence": _first(
                rows(tables, f"select * from {{{CONFIDENCE}}} where customer_id = ?", one), customer_id
            ),
            "steps": rows(
                tables, f"select * from {{{STEPS}}} where customer_id = ? order by step_number", one
            ),
            "history": _history(tables, customer_id),
            "aliases": rows(
                tables,
                f"select alias_customer_id, anchor_customer_key, retired_at from {{{ALIASES}}} "
                "where customer_id = ? order by retired_at, alias_customer_id",
                one,
            ),
            "rejected": _rejected(tables, customer_id),
            "contradictions": _contradictions(tables, customer_id),
            "golden_values": _golden_values(tables, customer_id),
        }


def _first(found: Sequence[dict[str, Any]], customer_id: str) -> dict[str, Any]:
    return found[0] if found else {"customer_id": customer_id, "record_count": 0, "confidence": None}


def _history(tables: Tables, customer_id: str) -> list[dict[str, Any]]:
    return rows(
        tables,
        f"""
        select change_type, customer_id, other_customer_id, record_count, cause, effective_at, changed_at
        from {{{CHANGES}}}
        where customer_id = ? or other_customer_id = ?
        order by changed_at, case change_type when 'created' then 0 else 1 end, change_id
        """,
        [customer_id, customer_id],
    )


def _rejected(tables: Tables, customer_id: str) -> list[dict[str, Any]]:
    """Return links of the customer's records that were considered and not made, by what was shared."""
    return rows(
        tables,
        f"""
        select
            edges.rule_name,
            coalesce(edges.identifier_value, edges.evidence) as shared,
            edges.decision_reason as reason,
            min(edges.customer_key) as customer_key,
            min(edges.other_customer_key) as other_customer_key,
            count(*) as record_count
        from {{{EDGES}}} as edges
        inner join {{{KEYS}}} as keys on edges.customer_key = keys.customer_key
        left join {{{KEYS}}} as other_keys on edges.other_customer_key = other_keys.customer_key
        where edges.decision = 'rejected'
            and edges.decision_reason <> ?
            and (keys.customer_id = ? or other_keys.customer_id = ?)
        group by edges.rule_name, coalesce(edges.identifier_value, edges.evidence), edges.decision_reason
        order by edges.rule_name, shared
        """,
        [_NO_RULE, customer_id, customer_id],
    )


def _contradictions(tables: Tables, customer_id: str) -> list[dict[str, Any]]:
    """Return what the customer says otherwise than those with whom it shares an identifier."""
    return rows(
        tables,
        f"""
        with neighbours as (
            select distinct other_keys.customer_id
            from {{{KEYS}}} as keys
            inner join {{{EDGES}}} as edges on keys.customer_key = edges.customer_key
            inner join {{{EDGES}}} as other_edges
                on edges.identifier_type = other_edges.identifier_type
                and edges.identifier_value = other_edges.identifier_value
            inner join {{{KEYS}}} as other_keys on other_edges.customer_key = other_keys.customer_key
            where keys.customer_id = ? and other_keys.customer_id <> ?
        )

        select distinct
            facts.fact_type,
            facts.fact_value,
            facts.other_fact_value,
            neighbours.customer_id as other_customer_id
        from {{{CONTRADICTIONS}}} as facts
        inner join {{{KEYS}}} as keys on facts.customer_key = keys.customer_key
        inner join {{{CONTRADICTIONS}}} as others
            on facts.group_key = others.group_key
            and facts.fact_type = others.fact_type
            and facts.fact_value = others.other_fact_value
            and facts.other_fact_value = others.fact_value
        inner join {{{KEYS}}} as other_keys on others.customer_key = other_keys.customer_key
        inner join neighbours on other_keys.customer_id = neighbours.customer_id
        where keys.customer_id = ?
        order by facts.fact_type, facts.fact_value, facts.other_fact_value, other_customer_id
        """,
        [customer_id] * 3,
    )


def _golden_values(tables: Tables, customer_id: str) -> list[dict[str, Any]]:
    if not tables.exists(GOLDEN_VALUES):
        return []
    return rows(
        tables,
        f"""
        select attribute_name, attribute_value, customer_key, rule_name, candidate_count, distinct_value_count
        from {{{GOLDEN_VALUES}}}
        where customer_id = ?
        order by attribute_name
        """,
        [customer_id],
    )
