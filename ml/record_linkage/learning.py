"""What the records themselves say about how records of one person, and of others, differ.

The model is that of Fellegi and Sunter, *A theory for record linkage*, JASA 64 (1969), with the weights of
rare values after Winkler. u is counted among pairs of different people. m and the prior are learnt together,
by expectation maximisation over the pairs that share a blocking key; all other pairs count as different
people.
"""

from __future__ import annotations

import hashlib
import json
import logging
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import polygamma

from ml.record_linkage.declaration import Comparison, Contradiction, LinkageDeclaration
from ml.record_linkage.records import Records

logger = logging.getLogger("insight.matching")

# Digits that are kept: noise of the arithmetic ends here.
PARAMETER_DIGITS = 6
WEIGHT_DIGITS = 4
_LEAST_PROBABILITY = 1e-9
_ROUNDS = 60
_ENOUGH = 1e-6

Parameters = Mapping[str, tuple[float, ...]]


@dataclass(frozen=True)
class MatchModel:
    """What is known about how records of one person differ.

    Attributes
    ----------
    model_id
        Hash of the declaration and the parameters: equal models have equal ids.
    m, u
        Probability of each level among pairs of one person and of different people, by comparison, from the
        same to different; each sums up to about 1.
    matched_pairs, other_pairs
        How many pairs of one person, and of different people, each comparison was learnt from; what was
        declared
        counts in addition.
    learnt_from
        How a comparison's parameters came about, in words.
    prior
        Probability that two random records are one person.
    record_count
        Records there were to learn from.
    has_households
        Whether the records tell, or leave it open, that people share homes or mailboxes.
    unlearnt
        Comparisons about which too little was seen: their declared weights decide nothing alone.
    """

    model_id: str
    m: Parameters
    u: Parameters
    matched_pairs: Mapping[str, float]
    other_pairs: Mapping[str, float]
    learnt_from: Mapping[str, str]
    prior: float
    record_count: int
    has_households: bool
    unlearnt: frozenset[str]

    def weights(self, declaration: LinkageDeclaration) -> dict[str, tuple[float, ...]]:
        """Return the weight in bits of each level as it counts, by comparison.

        A weight that was not learnt is limited: alone it neither lifts a random pair over the threshold nor
        takes a pair that is sure below one half.
        """
        sure = math.log2(declaration.threshold / (1 - declaration.threshold))
        upper = sure - math.log2(self.prior / (1 - self.prior))
        result = {}
        for name in self.m:
            weights = [math.log2(m / u) for m, u in zip(self.m[name], self.u[name], strict=True)]
            if name in self.unlearnt:
                weights = [max(min(weight, upper), -sure) for weight in weights]
            result[name] = tuple(weights)
        return result

    def frame(self, declaration: LinkageDeclaration) -> pd.DataFrame:
        """Return the parameters as rows: one per comparison and level.

        ``match_weight`` is in bits; so is ``weight_deviation``, its standard deviation given as many pairs
        as were seen.
        """
        weights = self.weights(declaration)
        return pd.DataFrame(
            [
                {
                    "model_id": self.model_id,
                    "comparison": comparison.name,
                    "level_rank": place + 1,
                    "level_title": level.title,
                    "m_probability": self.m[comparison.name][place],
                    "u_probability": self.u[comparison.name][place],
                    "match_weight": round(weights[comparison.name][place], WEIGHT_DIGITS),
                    "weight_deviation": round(
                        self._deviation(declaration, comparison.name, place), WEIGHT_DIGITS
                    ),
                    "matched_pair_count": self.matched_pairs[comparison.name],
                    "learnt_from": self.learnt_from[comparison.name],
                    "prior_probability": self.prior,
                    "record_count": self.record_count,
                }
                for comparison in declaration.comparisons
                for place, level in enumerate(comparison.levels)
            ]
        )

    def _deviation(self, declaration: LinkageDeclaration, name: str, place: int) -> float:
        """Return the deviation of a weight in bits: m and u each have a Dirichlet distribution.

        Half a pair is added, so that a level that was never seen has a large one and not an infinite one.
        """
        training = declaration.training
        variance = 0.0
        for share, pairs in (
            (self.m[name][place], self.matched_pairs[name] + training.same_person.declared_weight),
            (self.u[name][place], self.other_pairs[name] + training.different_people.declared_weight),
        ):
            variance += float(polygamma(1, share * pairs + 0.5) - polygamma(1, pairs + 0.5))
        return math.sqrt(variance) / math.log(2)


def train(declaration: LinkageDeclaration, records: Records) -> MatchModel:
    """Learn m, u, the prior and whether there are households from records, as declared.

    Parameters
    ----------
    declaration
        What is compared and what is learnt from what.
    records
        The records, blocked; with too few of them the declared m and u are the model.

    Returns
    -------
    MatchModel
        The same for the same records in any order and under any keys.
    """
    started = time.perf_counter()
    said = [c for c in declaration.comparisons if records.says_something(c.missing)]
    m = {c.name: tuple(level.m for level in c.levels) for c in declaration.comparisons}
    u = {c.name: tuple(level.u for level in c.levels) for c in declaration.comparisons}
    matched, others = dict.fromkeys(m, 0.0), dict.fromkeys(m, 0.0)
    is_enough = records.count >= declaration.training.minimum_records
    different = _different_people(declaration, records, said) if is_enough else pd.DataFrame()
    if is_enough:
        u = _counted_u(declaration, said, u, different, np.zeros(len(different)))
    scale = _sample_pairs(declaration, records)
    records.weigh_rarity({level.rarity_of for c in said for level in c.levels if level.rarity_of})
    pairs = patterns(records, said, "sampled_pairs", u if is_enough else None)
    has_households = _has_households(declaration, pairs) if is_enough else True
    vetoed = _vetoed(declaration, records, pairs, has_households)
    prior = min(declaration.training.prior.at_most, 1 / max(records.count, 1))
    seen = _Seen(pairs, pairs["pairs"].to_numpy(dtype=float) * ~vetoed, scale)
    learning = _Learning(declaration, records.count, tuple(said), seen, learns_m=is_enough)
    m, prior, matched = learning.maximise(m, u, prior)
    if is_enough:
        # Those of one person that the sample of different people still has are taken out, and all is learnt
        # again.
        probability = posterior(different, said, m, u, prior)
        u = _counted_u(declaration, said, u, different, probability)
        others = {
            c.name: float(different.loc[different[f"gamma_{c.name}"] >= 0, "pairs"].sum()) for c in said
        }
        others = dict.fromkeys(m, 0.0) | others
        m, prior, matched = learning.maximise(m, u, prior)
        logger.info("learnt from %s records (%.1f s)", f"{records.count:,}", time.perf_counter() - started)
    else:
        logger.info("%d records are too few to learn from: parameters as declared", records.count)
    unlearnt = frozenset(
        name
        for name in m
        if matched[name] < declaration.training.same_person.minimum_matches or not is_enough
    )
    learnt_from = {name: _in_words(is_enough, name in unlearnt, matched[name]) for name in m}
    content = json.dumps([declaration.model_dump(mode="json"), m, u, prior, has_households, sorted(unlearnt)])
    model_id = hashlib.sha256(content.encode()).hexdigest()[:16]
    return MatchModel(
        model_id, m, u, matched, others, learnt_from, prior, records.count, has_households, unlearnt
    )


def patterns(
    records: Records, comparisons: Sequence[Comparison], pairs: str, u: Parameters | None
) -> pd.DataFrame:
    """Return how often pairs agree in which way.

    Parameters
    ----------
    records
        The records.
    comparisons
        What is compared.
    pairs
        Table of pairs of record numbers.
    u
        For the weights of rare values; without it no value counts as rare.

    Returns
    -------
    pandas.DataFrame
        One row per pattern: ``gamma_<comparison>`` (-1 where nothing is compared, 0 for the last level, and
        up), ``rarity`` (bits that rare values add, in halves), ``pairs``; in a fixed order.
    """
    columns, rarities = [], ["0.0"]
    for comparison in comparisons:
        highest = len(comparison.levels) - 1
        cases = "".join(
            f" when {level.condition} then {highest - place}"
            for place, level in enumerate(comparison.levels[:-1])
        )
        columns.append(
            f"cast(case when {comparison.missing} then -1{cases} else 0 end as tinyint) "
            f"as gamma_{comparison.name}"
        )
        for place, level in enumerate(comparison.levels):
            if level.rarity_of and u:
                usual = math.log2(u[comparison.name][place])
                rarities.append(
                    f"case when gamma_{comparison.name} = {highest - place} then {usual!r} - "
                    f"greatest(bits_{level.rarity_of}_l, bits_{level.rarity_of}_r) else 0 end"
                )
    names = "".join(f"gamma_{comparison.name}, " for comparison in comparisons)
    rarity = " + ".join(rarities)
    return records.frame(
        f"with sides as ({records.sides(pairs)}), found as (select *, {', '.join(columns) or '0 as nothing'} "
        f"from sides), weighed as (select {names} round(2 * ({rarity})) / 2 as rarity from found) "
        f"select {names} rarity, count(*) as pairs from weighed group by all order by all"
    )


def posterior(
    found: pd.DataFrame, comparisons: Sequence[Comparison], m: Parameters, u: Parameters, prior: float
) -> np.ndarray:
    """Return the probability, from 0 to 1, that pairs of each pattern are of one person."""
    weight = found["rarity"].to_numpy(dtype=float) + math.log2(prior / (1 - prior))
    for comparison in comparisons:
        # Level 0 is the last; what is not compared says nothing.
        bits = [math.log2(a / b) for a, b in zip(m[comparison.name], u[comparison.name], strict=True)][::-1]
        weight = weight + np.array([*bits, 0.0])[found[f"gamma_{comparison.name}"].to_numpy()]
    return np.asarray(1 / (1 + np.exp2(np.clip(-weight, -500, 500))))


def contradiction_sql(
    declaration: LinkageDeclaration, has_households: bool, unlearnt: frozenset[str], said: frozenset[str]
) -> str:
    """Return the first reason why a pair is not to be joined, as SQL over the levels ``gamma_...``."""
    level_counts = {comparison.name: len(comparison.levels) for comparison in declaration.comparisons}
    reasons = []
    for contradiction in declaration.contradictions:
        if not _applies(contradiction, has_households, unlearnt):
            continue
        conditions = [f"gamma_{name} <= 0" for name in contradiction.unless_alike if name in said]
        conditions += [
            f"gamma_{name} < {level_counts[name] - last}"
            for name, last in contradiction.unless_up_to.items()
            if name in said
        ]
        if (name := contradiction.different) and name in said:
            lowest = level_counts[name] - (contradiction.from_level or level_counts[name])
            conditions.append(f"gamma_{name} between 0 and {lowest}")
        elif name:
            continue
        quoted = contradiction.reason.replace("'", "''")
        reasons.append(f"when {' and '.join(conditions) or 'true'} then '{quoted}' ")
    return f"case {''.join(reasons)}end" if reasons else "cast(null as varchar)"


def _applies(contradiction: Contradiction, has_households: bool, unlearnt: frozenset[str]) -> bool:
    if contradiction.only_among_households and not has_households:
        return False
    return contradiction.only_while_unlearnt is None or contradiction.only_while_unlearnt in unlearnt


def _different_people(
    declaration: LinkageDeclaration, records: Records, said: Sequence[Comparison]
) -> pd.DataFrame:
    plan = declaration.training.different_people
    records.take_different("different_people", plan.distinct_by, plan.sample_records)
    return patterns(records, said, "different_people", None)


def _counted_u(
    declaration: LinkageDeclaration,
    said: Sequence[Comparison],
    u: Parameters,
    different: pd.DataFrame,
    probability: np.ndarray,
) -> dict[str, tuple[float, ...]]:
    """Return u as counted; ``probability`` that a pair of the sample is of one person after all."""
    weight = declaration.training.different_people.declared_weight
    pairs = different["pairs"].to_numpy(dtype=float) * (1 - probability)
    declared = {c.name: [level.u for level in c.levels] for c in said}
    return {**u, **{c.name: _shares(different, c, pairs, declared[c.name], weight)[0] for c in said}}


def _shares(
    found: pd.DataFrame, comparison: Comparison, pairs: np.ndarray, declared: Sequence[float], weight: float
) -> tuple[tuple[float, ...], float]:
    """Return how often each level was seen beside what was declared, and in how many pairs."""
    gamma = found[f"gamma_{comparison.name}"].to_numpy()
    seen = np.bincount(gamma + 1, weights=pairs, minlength=len(declared) + 1)[1:][::-1]
    blended = seen + weight * np.array(declared) / sum(declared)
    shares = blended / blended.sum()
    return tuple(max(_rounded(float(share)), _LEAST_PROBABILITY) for share in shares), float(seen.sum())


def _sample_pairs(declaration: LinkageDeclaration, records: Records) -> float:
    """Make the table ``sampled_pairs`` of pairs that share a key; return how many each of them stands for."""
    size = declaration.training.same_person.sample_pairs
    share = min(1.0, size / max(records.pair_count, 1))
    return records.take_pairs("sampled_pairs", share)


def _has_households(declaration: LinkageDeclaration, pairs: pd.DataFrame) -> bool:
    """Return whether those who share a home or a mailbox are several people, as far as can be told."""
    plan = declaration.training.households
    level_counts = {comparison.name: len(comparison.levels) for comparison in declaration.comparisons}
    under_one_roof = np.zeros(len(pairs), dtype=bool)
    for name, last in plan.together.items():
        if f"gamma_{name}" in pairs:
            under_one_roof |= pairs[f"gamma_{name}"].to_numpy() >= level_counts[name] - last
    if any(f"gamma_{name}" not in pairs for name in plan.told_apart_by):
        return bool(under_one_roof.any())
    sides = [pairs[f"gamma_{name}"].to_numpy() for name in plan.told_apart_by]
    counts = pairs["pairs"].to_numpy()
    known = counts[under_one_roof & np.all([side >= 0 for side in sides], axis=0)].sum()
    apart = counts[under_one_roof & np.all([side == 0 for side in sides], axis=0)].sum()
    logger.info("%d of %d pairs under one roof are two people", apart, known)
    # Where next to nobody shares anything, there is nothing to be misled by.
    return bool(known >= plan.least_pairs and apart >= plan.least_share * known)


def _vetoed(
    declaration: LinkageDeclaration, records: Records, pairs: pd.DataFrame, has_households: bool
) -> np.ndarray:
    said = frozenset(
        str(name).removeprefix("gamma_") for name in pairs.columns if str(name).startswith("gamma_")
    )
    reason = contradiction_sql(declaration, has_households, frozenset(), said)
    return records.evaluate(pairs, f"({reason}) is not null")


@dataclass(frozen=True)
class _Seen:
    """Patterns of pairs that share a key, how many of each may be of one person, and what each stands for."""

    found: pd.DataFrame
    counts: np.ndarray
    scale: float


@dataclass(frozen=True)
class _Learning:
    """Expectation maximisation of m and the prior, given u."""

    declaration: LinkageDeclaration
    record_count: int
    said: tuple[Comparison, ...]
    seen: _Seen
    learns_m: bool

    def maximise(
        self, m: Parameters, u: Parameters, prior: float
    ) -> tuple[dict[str, tuple[float, ...]], float, dict[str, float]]:
        """Return m, the prior, and the pairs of one person that each comparison says something about."""
        training = self.declaration.training
        everybody = max(self.record_count * (self.record_count - 1) / 2, 1)
        declared = {c.name: [level.m for level in c.levels] for c in self.said}
        learnt, matched = dict(m), dict.fromkeys(m, 0.0)
        for _ in range(_ROUNDS):
            before = prior
            of_one = posterior(self.seen.found, self.said, learnt, u, prior) * self.seen.counts
            expected = max(float(of_one.sum()) * self.seen.scale, 0.5) / everybody
            prior = _rounded(min(expected, training.prior.at_most))
            for comparison in self.said:
                weight = training.same_person.declared_weight
                shares, pairs = _shares(
                    self.seen.found, comparison, of_one, declared[comparison.name], weight
                )
                matched[comparison.name] = round(pairs, 1)
                if self.learns_m:
                    learnt[comparison.name] = shares
            if abs(prior - before) <= _ENOUGH * before:
                break
        return learnt, prior, matched


def _rounded(value: float) -> float:
    return float(f"{value:.{PARAMETER_DIGITS}g}")


def _in_words(is_enough: bool, is_unlearnt: bool, matched: float) -> str:
    if not is_enough:
        return "declared: too few records to learn from"
    if is_unlearnt:
        return "declared: nothing to learn from" if matched < 1 else f"declared, and {matched:,.0f} pairs"
    return f"{matched:,.0f} pairs of one person that share a key"
