"""Why two records are one customer, or why they are not. Reads the publication."""

from __future__ import annotations

import heapq
import itertools
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from orchestration.identity.errors import IdentityError
from orchestration.identity.explaining import CONTRADICTIONS, EDGES
from orchestration.identity.lookup import KEYS, record_of, require_tables, rows
from orchestration.settings import Settings
from orchestration.warehouse import Tables, published

RECORDS = "core.dim_customer_records"
# Beyond doubt would cost nothing, and then a detour would be as good as the straight way.
_MOST_CERTAIN = 0.99999
# Many records of a family give the same reason: a few say it.
_MOST_EXAMPLES = 20
# What records say about their person, side by side.
_SAID = ("given_name", "family_name", "birth_date", "street_address", "postal_code", "city")


def why(settings: Settings, name_a: str, name_b: str) -> dict[str, Any]:
    """Return why two records are one customer, or why they are not, as plain values.

    Parameters
    ----------
    settings
        Where the publication is.
    name_a, name_b
        Two records, as ``source:key``; an identifier or a customer id that only one record has does as well.

    Returns
    -------
    dict
        ``is_one``; ``verdict``, a sentence; ``customer_key_a``, ``customer_key_b`` and their customer ids;
        ``says``, what both say about their person. Of one customer: ``path``, the links that lead from one to
        the other, by the strongest way, with their probabilities (0 to 1). Of two: ``shared``, identifiers
        that both have, and why they do not link; ``pair``, probabilistic match and decisions about just these
        two; ``contradictions`` between the two customers.

    Raises
    ------
    IdentityError
        If a record is unknown or both are the same; the message suggests others.
    WarehouseError
        If nothing is published.
    """
    with published(settings) as tables:
        require_tables(tables, [KEYS, EDGES, CONTRADICTIONS, RECORDS])
        key_a, key_b = record_of(tables, name_a), record_of(tables, name_b)
        if key_a == key_b:
            raise IdentityError(f"{name_a} and {name_b} are one and the same record. Name two.")
        customers = {
            row["customer_key"]: row["customer_id"]
            for row in rows(
                tables,
                f"select customer_key, customer_id from {{{KEYS}}} where customer_key in (?, ?)",
                [key_a, key_b],
            )
        }
        answer: dict[str, Any] = {
            "is_one": customers[key_a] == customers[key_b],
            "verdict": "",
            "customer_key_a": key_a,
            "customer_id_a": customers[key_a],
            "customer_key_b": key_b,
            "customer_id_b": customers[key_b],
            "says": _said(tables, key_a, key_b),
        }
        if answer["is_one"]:
            answer["path"] = strongest_path(_accepted(tables, customers[key_a]), key_a, key_b)
            answer["verdict"] = _one_verdict(answer["path"])
        else:
            answer["pair"] = _pair(tables, key_a, key_b)
            answer["shared"] = _shared(tables, key_a, key_b)
            answer["contradictions"] = _contradictions(tables, customers, key_a, key_b)
            answer["verdict"] = _two_verdict(answer)
        return answer


def strongest_path(
    edges: Iterable[Mapping[str, Any]], customer_key_a: str, customer_key_b: str
) -> list[dict[str, Any]]:
    """Return the links that lead from one record to another, on the way that is least likely to mislead.

    Parameters
    ----------
    edges
        Accepted edges of one customer, as rows of ``bdg_identity_edges``.
    customer_key_a, customer_key_b
        Where the way begins and ends.

    Returns
    -------
    list of dict
        ``from_customer_key``, ``to_customer_key``, ``rule_name``, ``shared`` and ``link_probability`` (0 to
        1) of each link, in order; empty if no way leads there.

    Notes ----- Dijkstra's shortest path, where a link is as long as the negative logarithm of its
    probability: the shortest way is the one with the largest product.
    """
    neighbours = _neighbours(edges)
    order = itertools.count()
    waiting: list[tuple[float, int, str]] = [(0.0, next(order), customer_key_a)]
    came_by: dict[str, dict[str, Any]] = {}
    lengths = {customer_key_a: 0.0}
    done: set[str] = set()
    while waiting:
        length, _, record = heapq.heappop(waiting)
        if record == customer_key_b:
            break
        if record in done:
            continue
        done.add(record)
        for link in neighbours.get(record, []):
            probability = min(max(float(link["link_probability"] or 0.0), 1e-9), _MOST_CERTAIN)
            farther = length - math.log(probability)
            if farther < lengths.get(link["to_customer_key"], math.inf):
                lengths[link["to_customer_key"]] = farther
                came_by[link["to_customer_key"]] = link
                heapq.heappush(waiting, (farther, next(order), link["to_customer_key"]))
    path: list[dict[str, Any]] = []
    at = customer_key_b
    while at in came_by:
        path.append(came_by[at])
        at = came_by[at]["from_customer_key"]
    return path[::-1]


def _neighbours(edges: Iterable[Mapping[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Return the links that begin at each record; records that share a value are linked with each other."""
    holders: dict[tuple[str, str], list[Mapping[str, Any]]] = defaultdict(list)
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for edge in edges:
        if edge["other_customer_key"] is None:
            holders[edge["identifier_type"], edge["identifier_value"]].append(edge)
            continue
        pair = (edge["customer_key"], edge["other_customer_key"])
        for start, end in (pair, pair[::-1]):
            found[start].append(_link(edge, start, end, edge["evidence"]))
    for (_, value), sharing in sorted(holders.items()):
        for edge_a, edge_b in itertools.permutations(sharing, 2):
            found[edge_a["customer_key"]].append(
                _link(edge_a, edge_a["customer_key"], edge_b["customer_key"], value)
            )
    return found


def _link(edge: Mapping[str, Any], start: str, end: str, shared: str) -> dict[str, Any]:
    return {
        "from_customer_key": start,
        "to_customer_key": end,
        "rule_name": edge["rule_name"],
        "shared": shared,
        "link_probability": edge["link_probability"],
    }


def _accepted(tables: Tables, customer_id: str) -> list[dict[str, Any]]:
    return rows(
        tables,
        f"""
        select edges.*
        from {{{EDGES}}} as edges
        inner join {{{KEYS}}} as keys on edges.customer_key = keys.customer_key
        where keys.customer_id = ? and edges.decision = 'accepted'
        order by edges.priority, edges.edge_id
        """,
        [customer_id],
    )


def _said(tables: Tables, key_a: str, key_b: str) -> list[dict[str, Any]]:
    by_key = {
        row["customer_key"]: row
        for row in rows(
            tables,
            f"select customer_key, {', '.join(_SAID)} from {{{RECORDS}}} where customer_key in (?, ?)",
            [key_a, key_b],
        )
    }
    said_a, said_b = by_key.get(key_a, {}), by_key.get(key_b, {})
    return [
        {"what": name, "first_record": said_a.get(name), "second_record": said_b.get(name)}
        for name in _SAID
        if said_a.get(name) is not None or said_b.get(name) is not None
    ]


def _shared(tables: Tables, key_a: str, key_b: str) -> list[dict[str, Any]]:
    return rows(
        tables,
        f"""
        select
            edges_a.identifier_type,
            edges_a.identifier_value,
            edges_a.rule_name,
            edges_a.decision_reason as reason_for_first,
            edges_b.decision_reason as reason_for_second
        from {{{EDGES}}} as edges_a
        inner join {{{EDGES}}} as edges_b
            on edges_a.identifier_type = edges_b.identifier_type
            and edges_a.identifier_value = edges_b.identifier_value
        where edges_a.customer_key = ? and edges_b.customer_key = ?
        order by edges_a.priority, edges_a.identifier_type, edges_a.identifier_value
        """,
        [key_a, key_b],
    )


def _pair(tables: Tables, key_a: str, key_b: str) -> list[dict[str, Any]]:
    return rows(
        tables,
        f"""
        select identifier_type, rule_name, evidence, link_probability, decision, decision_reason as reason
        from {{{EDGES}}}
        where (customer_key = ? and other_customer_key = ?) or (customer_key = ? and other_customer_key = ?)
        order by priority, identifier_type
        """,
        [key_a, key_b, key_b, key_a],
    )


def _contradictions(
    tables: Tables, customers: Mapping[str, str], key_a: str, key_b: str
) -> list[dict[str, Any]]:
    """Return what the two customers say that cannot be one person's, first what the two records say."""
    return rows(
        tables,
        f"""
        select
            facts_a.fact_type,
            facts_a.customer_key as customer_key_a,
            facts_a.fact_value as says_a,
            facts_b.customer_key as customer_key_b,
            facts_b.fact_value as says_b
        from {{{CONTRADICTIONS}}} as facts_a
        inner join {{{CONTRADICTIONS}}} as facts_b
            on facts_a.group_key = facts_b.group_key
            and facts_a.fact_type = facts_b.fact_type
            and facts_a.fact_value = facts_b.other_fact_value
            and facts_a.other_fact_value = facts_b.fact_value
        inner join {{{KEYS}}} as keys_a on facts_a.customer_key = keys_a.customer_key
        inner join {{{KEYS}}} as keys_b on facts_b.customer_key = keys_b.customer_key
        where keys_a.customer_id = ? and keys_b.customer_id = ?
        order by
            case when facts_a.customer_key = ? then 0 else 1 end
            + case when facts_b.customer_key = ? then 0 else 1 end,
            facts_a.fact_type, facts_a.customer_key, facts_b.customer_key
        limit {_MOST_EXAMPLES}
        """,
        [customers[key_a], customers[key_b], key_a, key_b],
    )


def _one_verdict(path: Sequence[Mapping[str, Any]]) -> str:
    if not path:
        return "They are one customer, but no way of links is known that leads from one to the other."
    links = "one link" if len(path) == 1 else f"{len(path)} links"
    weakest = min(path, key=lambda link: link["link_probability"] or 0.0)
    return (
        f"They are one customer, by {links}; the weakest is “{weakest['rule_name']}” "
        f"({weakest['link_probability']:.3f}): {weakest['shared']}."
    )


def _two_verdict(answer: Mapping[str, Any]) -> str:
    decided = [row for row in answer["pair"] if row["identifier_type"] == "cannot_link"]
    alike = [row for row in answer["pair"] if row["identifier_type"] == "probabilistic"]
    if decided:
        return f"They are two customers: {decided[0]['reason']} ({decided[0]['evidence']})."
    if answer["contradictions"]:
        said = answer["contradictions"][0]
        what = said["fact_type"].removeprefix("exclusive:").replace("_", " ")
        shares = "" if answer["shared"] else "they share no identifier, and "
        return (
            f"They are two customers: {shares}{said['customer_key_a']} and {said['customer_key_b']} "
            f"contradict each other, by {what}: {_readable(said['says_a'])} and {_readable(said['says_b'])}."
        )
    if answer["shared"]:
        shared = answer["shared"][0]
        reasons = sorted({shared["reason_for_first"], shared["reason_for_second"]})
        return (
            f"They are two customers, though both have the {shared['identifier_type']} "
            f"{shared['identifier_value']}: {'; '.join(reasons)}."
        )
    if alike:
        return (
            f"They are two customers: {alike[0]['reason']} (probability {alike[0]['link_probability']:.3f}: "
            f"{alike[0]['evidence']})."
        )
    return "They are two customers: they share no identifier, and nothing else says that they are alike."


def _readable(fact_value: str) -> str:
    """Return what a record says; names are kept as given name, a bar, and family name."""
    return " ".join(part for part in fact_value.split("|") if part)
