"""Identity resolved by a slow, obvious walk: what the models of the folder ``identity`` have to find.

It works as a warehouse without history would: it is shown one day after the other, keeps who was whom, and
knows nothing of later days. The models compute all days at once from raw.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from identity_worlds import Rule, World, shipped_blocked_values, shipped_name_variants

Cluster = frozenset[str]
Name = tuple[str, str]
# Which kind of fact, and what it says.
Fact = tuple[str, object]

VARIANTS: dict[str, set[str]] = defaultdict(set)
for form, canonical in shipped_name_variants():
    VARIANTS[form].add(canonical)
BLOCKED = shipped_blocked_values()


@dataclass(frozen=True)
class Link:
    """What some records share on a day, and the rule that it links them by."""

    value: str
    rule: Rule
    keys: frozenset[str]


def partition(world: World, day: int) -> set[Cluster]:
    """Return which records are one customer on a day."""
    known = world.known_by(day)
    links = _links(known, day)
    keys = [record.key for record in known.records]
    clusters: set[Cluster] = set()
    for group in _joined(keys, [link.keys for link in links]):
        facts = _facts(known, group, world.rules)
        if _contradict_in_any_way([facts[key] for key in group]):
            clusters |= _taken_apart(group, [link for link in links if link.keys <= group], facts)
        else:
            clusters.add(group)
    return clusters


def names_over_days(world: World, days: Iterable[int]) -> list[dict[str, str]]:
    """Return for each day the customer of every record, as ``<key of the anchor>/<generation>``."""
    known_since = {record.key: record.day for record in world.records}
    generations: Counter[str] = Counter()
    followers: set[str] = set()
    found = []
    for day in days:
        clusters = {
            min(cluster, key=lambda key: (known_since[key], key)): cluster
            for cluster in partition(world, day)
        }
        # Who leads after it followed another leads a new customer.
        generations.update(clusters.keys() & followers)
        followers = set().union(*clusters.values()) - clusters.keys()
        found.append(
            {
                key: f"{anchor}/{1 + generations[anchor]}"
                for anchor, cluster in clusters.items()
                for key in cluster
            }
        )
    return found


def _links(known: World, day: int) -> list[Link]:
    in_force = {rule.type: rule for rule in known.rules if rule.is_in_force(day)}
    keys = {record.key for record in known.records}
    users: dict[tuple[str, str], set[str]] = defaultdict(set)
    for identifier in known.identifiers:
        users[identifier.type, identifier.value].add(identifier.key)
    links = [
        Link(f"{kind}:{value}", in_force[kind], frozenset(having & keys))
        for (kind, value), having in users.items()
        if kind in in_force and not is_blocked(kind, value) and len(having) <= in_force[kind].limit
    ]
    pairs = [
        ("must_link", decision.key_a, decision.key_b)
        for decision in known.decisions
        if decision.kind == "must_link"
    ] + [("probabilistic", each.key_a, each.key_b) for each in known.matches if each.is_above]
    links += [
        Link(f"{kind}:{a}|{b}", in_force[kind], frozenset({a, b}))
        for kind, a, b in pairs
        if kind in in_force and {a, b} <= keys
    ]
    return [link for link in links if len(link.keys) > 1]


def is_blocked(kind: str, value: str) -> bool:
    """Return whether a value identifies nobody, by the block list that the product comes with."""
    return any(of in {"*", kind} and re.search(pattern, value) for of, pattern in BLOCKED)


def _facts(known: World, group: Collection[str], rules: Collection[Rule]) -> dict[str, set[Fact]]:
    """What each record of a group says that another can contradict."""
    exclusive = {rule.type for rule in rules if rule.is_exclusive}
    facts: dict[str, set[Fact]] = {key: set() for key in group}
    for record in known.records:
        if record.key in facts:
            given = comparable(record.given_name)
            if given is not None:
                facts[record.key].add(("name", (given, comparable(record.family_name) or "")))
            if record.birth_date is not None:
                facts[record.key].add(("birth date", record.birth_date.isoformat()))
    for identifier in known.identifiers:
        if (
            identifier.key in facts
            and identifier.type in exclusive
            and not is_blocked(identifier.type, identifier.value)
        ):
            facts[identifier.key].add((f"one {identifier.type}", identifier.value))
    for decision in known.decisions:
        if decision.kind == "cannot_link":
            about = f"decision {decision.key_a}|{decision.key_b}"
            for key, side in ((decision.key_a, "a"), (decision.key_b, "b")):
                if key in facts:
                    facts[key].add((about, side))
    return facts


def _taken_apart(group: Cluster, links: list[Link], facts: Mapping[str, set[Fact]]) -> set[Cluster]:
    """Rules are applied one after the other, strongest first, to groups that begin as single records."""
    clusters: set[Cluster] = {frozenset({key}) for key in group}
    for priority in sorted({link.rule.priority for link in links}):
        of_rule = [link for link in links if link.rule.priority == priority]
        checks_person = any(link.rule.is_checked for link in of_rule)
        said = {
            cluster: {
                (kind, value)
                for key in cluster
                for kind, value in facts[key]
                if _counts(kind, priority, checks_person)
            }
            for cluster in clusters
        }
        names = {cluster: _own_name(set().union(*(facts[key] for key in cluster))) for cluster in clusters}
        ties = [tie for link in of_rule for tie in _ties(link, said, names)]
        following: set[Cluster] = set()
        for joined in _joined(group, [*ties, *clusters]):
            parts = [cluster for cluster in clusters if cluster <= joined]
            following |= set(parts) if _disputes(parts, said) else {joined}
        clusters = following
    return clusters


def _ties(
    link: Link, said: Mapping[Cluster, set[Fact]], names: Mapping[Cluster, str | None]
) -> Iterator[Cluster]:
    """Whom a value links: all who have it, or those of one name, if names are all that is contradicted."""
    users = [cluster for cluster in said if cluster & link.keys]
    disputes = _disputes(users, said)
    if not disputes:
        yield frozenset().union(*users)
    elif disputes == {"name"}:
        for name in {names[cluster] for cluster in users} - {None}:
            yield frozenset().union(*(cluster for cluster in users if names[cluster] == name))


def _disputes(clusters: Iterable[Cluster], said: Mapping[Cluster, set[Fact]]) -> set[str]:
    """What kinds of facts of some clusters contradict each other."""
    return {
        kind
        for a, b in itertools.combinations(clusters, 2)
        for kind in _contradicting_kinds(said[a], said[b])
    }


def _counts(kind: str, priority: int, checks_person: bool) -> bool:
    """Whether a contradiction of a kind stops a rule of a priority."""
    if priority == 0:
        return kind.startswith("decision ")
    return checks_person or kind not in {"name", "birth date"}


def _own_name(said: set[Fact]) -> str | None:
    names = {
        full
        for kind, value in said
        if kind == "name" and isinstance(value, tuple)
        for full in VARIANTS.get(value[0], {value[0]})
    }
    return min(names) if names else None


def _contradict_in_any_way(said: list[set[Fact]]) -> bool:
    together = set().union(*said)
    return bool(_contradicting_kinds(together, together))


def _contradicting_kinds(a: set[Fact], b: set[Fact]) -> set[str]:
    return {
        kind
        for (kind, value), (other_kind, other) in itertools.product(a, b)
        if kind == other_kind and value != other and _contradicting(kind, value, other)
    }


def _contradicting(kind: str, value: object, other: object) -> bool:
    if kind == "name" and isinstance(value, tuple) and isinstance(other, tuple):
        return not one_name(value, other)
    if kind == "birth date":
        return typos(str(value), str(other)) > 2
    return True


def one_name(a: Name, b: Name) -> bool:
    """Return whether two names can be those of one person."""
    if VARIANTS.get(a[0], set()) & VARIANTS.get(b[0], set()) or alike(a[0], b[0]):
        return True
    # Some systems write the family name first.
    return bool(a[1] or b[1]) and alike(a[0], b[1]) and alike(a[1], b[0])


def alike(a: str, b: str) -> bool:
    """Return whether two words can be one name: equal, begun alike, a typo apart, or letters exchanged."""
    if a == b or bool(re.search("[^a-z]", a)) != bool(re.search("[^a-z]", b)):
        return True
    if {b, a} in ({a, a + "a"}, {b, b + "a"}):
        return False
    if (a[-1:] == "o" and b == a[:-1] + "a") or (b[-1:] == "o" and a == b[:-1] + "a"):
        return False
    shorter = min(len(a), len(b))
    allowed = 2 if shorter >= 7 else 1 if shorter >= 4 else 0
    exchanged = len(a) == len(b) >= 4 and a[0] == b[0] and set(a) == set(b) and typos(a, b) == 2
    return a.startswith(b) or b.startswith(a) or typos(a, b) <= allowed or exchanged


def comparable(name: str | None) -> str | None:
    """Return the first word of a name in small letters without accents."""
    if name is None:
        return None
    first = next(iter(name.strip().lower().split(" ")), "")
    plain = "".join(
        unicodedata.normalize("NFD", letter)[0] if letter.isalpha() and letter < "\u0250" else letter
        for letter in first
    )
    return "".join(letter for letter in plain if letter.isalpha()) or None


def typos(a: str, b: str) -> int:
    """Return how many letters must be added, taken away or replaced to make one text the other."""
    distances = list(range(len(b) + 1))
    for row, letter in enumerate(a, start=1):
        previous, distances[0] = distances[0], row
        for column, other in enumerate(b, start=1):
            previous, distances[column] = (
                distances[column],
                min(distances[column] + 1, distances[column - 1] + 1, previous + (letter != other)),
            )
    return distances[-1]


def _joined(keys: Iterable[str], ties: Iterable[Iterable[str]]) -> list[Cluster]:
    """Join keys that ties have in common, to any depth."""
    groups = {key: {key} for key in keys}
    for tie in ties:
        members = list(tie)
        whole = set().union(*(groups[key] for key in members))
        for key in whole:
            groups[key] = whole
    return list({frozenset(group) for group in groups.values()})
