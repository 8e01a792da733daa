"""Training and prediction of links between records with Splink.

The model is that of Fellegi and Sunter, *A theory for record linkage*, JASA 64 (1969), with the weights of
rare values after Winkler; m is learnt by expectation maximisation on blocks, u from pairs of different
people.
"""

from __future__ import annotations

import hashlib
import json
import logging
import math
import time
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pandas as pd
from splink import Linker, SettingsCreator, block_on

from ml.record_linkage.declaration import Comparison, LinkageDeclaration, Session
from ml.record_linkage.records import NUMBER, Records

logger = logging.getLogger("insight.matching")

# Digits that are kept: noise of the arithmetic ends here.
_PARAMETER_DIGITS = 6
_WEIGHT_DIGITS = 4
_PROBABILITY_DIGITS = 6
_LEAST_PROBABILITY = 1e-9


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
    learnt_from
        How a comparison's parameters came about, in words.
    prior
        Probability that two random records are one person.
    record_count
        Records there were to learn from.
    """

    model_id: str
    m: Mapping[str, tuple[float, ...]]
    u: Mapping[str, tuple[float, ...]]
    learnt_from: Mapping[str, str]
    prior: float
    record_count: int

    def frame(self, declaration: LinkageDeclaration) -> pd.DataFrame:
        """Return the parameters as rows: one per comparison and level."""
        rows = [
            {
                "model_id": self.model_id,
                "comparison": comparison.name,
                "level_rank": rank,
                "level_title": level.title,
                "m_probability": m,
                "u_probability": u,
                "match_weight": round(math.log2(m / u), _WEIGHT_DIGITS),
                "learnt_from": self.learnt_from[comparison.name],
                "prior_probability": self.prior,
                "record_count": self.record_count,
            }
            for comparison in declaration.comparisons
            for rank, (level, m, u) in enumerate(
                zip(comparison.levels, self.m[comparison.name], self.u[comparison.name], strict=True), start=1
            )
        ]
        return pd.DataFrame(rows)


@dataclass(frozen=True)
class Matches:
    """What one run has found.

    Attributes
    ----------
    model
        What it rests on.
    links
        As `predict` gives them.
    """

    model: MatchModel
    links: pd.DataFrame


def match(declaration: LinkageDeclaration, frame: pd.DataFrame) -> Matches:
    """Learn from records how those of one person differ, and link them.

    Parameters
    ----------
    declaration
        How.
    frame
        One row per record: the key, and as text or empty every column that the declaration names.

    Raises
    ------
    ValueError
        If a column is missing or a key occurs twice.
    """
    if missing := sorted(declaration.columns - set(frame.columns)):
        raise ValueError(
            f"{declaration.input_table} lacks {', '.join(missing)}, which {declaration.name} compares"
        )
    if frame[declaration.key].duplicated().any() or frame[declaration.key].isna().any():
        raise ValueError(f"{declaration.key} is missing or repeated in {declaration.input_table}")
    records = Records(frame, declaration.key, declaration.columns - {declaration.key})
    model = train(declaration, records)
    return Matches(model, predict(declaration, model, records))


def train(declaration: LinkageDeclaration, records: Records) -> MatchModel:
    """Learn m, u and the prior from records, as declared.

    Parameters
    ----------
    declaration
        What is compared and what is learnt from what.
    records
        The records; with too few of them the declared parameters are the model.

    Returns
    -------
    MatchModel
        The same for the same records in any order and under any keys.
    """
    started = time.perf_counter()
    m = {
        comparison.name: tuple(level.m for level in comparison.levels)
        for comparison in declaration.comparisons
    }
    u = {
        comparison.name: tuple(level.u for level in comparison.levels)
        for comparison in declaration.comparisons
    }
    learnt_from = dict.fromkeys(m, "declared: too few records to learn from")
    if records.count >= declaration.training.minimum_records:
        u = _learn_u(declaration, records)
        # Expectations are sums of fractions, which depend on their order; u is counted.
        with records.in_a_fixed_order():
            m, learnt_from = _learn_m(declaration, records, u)
        logger.info("learnt from %s records (%.1f s)", f"{records.count:,}", time.perf_counter() - started)
    else:
        logger.info("%d records are too few to learn from: parameters as declared", records.count)
    prior = _prior(declaration, records)
    said = json.dumps([declaration.model_dump(mode="json"), m, u, prior], sort_keys=True)
    model_id = hashlib.sha256(said.encode()).hexdigest()[:16]
    return MatchModel(model_id, m, u, learnt_from, prior, records.count)


def predict(declaration: LinkageDeclaration, model: MatchModel, records: Records) -> pd.DataFrame:
    """Return the pairs of records that may be one person.

    Parameters
    ----------
    declaration
        Which pairs are looked at and from where on they are kept.
    model
        What was learnt.
    records
        The records.

    Returns
    -------
    pandas.DataFrame
        One row per pair, with the keys of the records (``customer_key_a`` before ``customer_key_b`` in
        alphabetical order, for a key ``customer_key``), ``match_probability``, ``match_weight`` in bits,
        ``is_above_threshold`` (whether it joins them), ``contradiction`` (why not, whatever the probability)
        and ``evidence`` (each comparison in words, with its weight); in the order of the keys.
    """
    started = time.perf_counter()
    pair_count = records.block(declaration.blocking.keys, declaration.blocking.maximum_block)
    logger.info("%s pairs share a key (%.1f s)", f"{pair_count:,}", time.perf_counter() - started)
    settings = _settings(
        declaration.comparisons,
        model.m,
        model.u,
        model.prior,
        is_scoring=True,
        weighs_rarity=_weighs_rarity(declaration, model),
    )
    linker = _linker(records, "records", settings)
    linker.table_management.register_blocked_pairs_for_predict(records.engine.register("blocked_pairs"))
    with _quiet():
        scored = linker.inference.predict(
            threshold_match_probability=declaration.written_from, warning_mode="never"
        ).physical_name
    links = records.frame(_links_sql(declaration, model, scored))
    logger.info("%s links (%.1f s)", f"{len(links):,}", time.perf_counter() - started)
    return links


def _learn_u(declaration: LinkageDeclaration, records: Records) -> dict[str, tuple[float, ...]]:
    plan = declaration.training.different_people
    records.take_different("different_people", plan.distinct_by, plan.sample_records)
    settings = _settings(declaration.comparisons, None, None, 0.01)
    linker = _linker(records, "different_people", settings)
    with _quiet():
        # All pairs: whatever Splink would sample, it takes whole.
        linker.training.estimate_u_using_random_sampling(
            max_pairs=float(plan.sample_records) ** 2, min_count_per_level=None, num_chunks=1
        )
    learnt = _parameters(linker, "u_probability")
    result = {}
    for comparison in declaration.comparisons:
        pairs = records.pairs_saying_something("different_people", comparison.missing)
        declared = [level.u for level in comparison.levels]
        result[comparison.name] = _blend(learnt[comparison.name], declared, pairs, plan.declared_weight)
    return result


def _learn_m(
    declaration: LinkageDeclaration, records: Records, u: Mapping[str, tuple[float, ...]]
) -> tuple[dict[str, tuple[float, ...]], dict[str, str]]:
    plan = declaration.training.same_person
    found: dict[str, list[tuple[float, list[float]]]] = {c.name: [] for c in declaration.comparisons}
    sources: dict[str, list[str]] = {c.name: [] for c in declaration.comparisons}
    for session in plan.sessions:
        pairs = records.take_blocks("same_key", session.key, plan.maximum_block, plan.sample_records)
        if pairs < plan.minimum_matches:
            continue
        for name, (matches, m) in _session(declaration, records, session, u, pairs).items():
            if matches >= plan.minimum_matches:
                found[name].append((matches, m))
                sources[name].append(f"{matches:,.0f} pairs with the same {session.key}")
    result, learnt_from = {}, {}
    for comparison in declaration.comparisons:
        declared = [level.m for level in comparison.levels]
        sessions = found[comparison.name]
        total = sum(matches for matches, _ in sessions)
        learnt = [
            sum(matches * m[level] for matches, m in sessions) / total if total else declared[level]
            for level in range(len(declared))
        ]
        result[comparison.name] = _blend(learnt, declared, total, plan.declared_weight)
        learnt_from[comparison.name] = (
            "; ".join(sources[comparison.name]) or "declared: nothing to learn from"
        )
    return result, learnt_from


def _session(
    declaration: LinkageDeclaration,
    records: Records,
    session: Session,
    u: Mapping[str, tuple[float, ...]],
    pairs: int,
) -> dict[str, tuple[float, list[float]]]:
    """Return, by comparison, the number of pairs of one person that said something, and m among them."""
    plan = declaration.training.same_person
    comparisons = tuple(c for c in declaration.comparisons if c.name not in session.teaches_nothing_about)
    linker = _linker(records, "same_key", _settings(comparisons, None, u, plan.starting_share))
    with _quiet():
        trained = linker.training.estimate_parameters_using_expectation_maximisation(
            block_on("block"),
            estimate_without_term_frequencies=True,
            fix_u_probabilities=True,
        )
    share = trained.core_model_settings.probability_two_random_records_match
    learnt = _parameters(linker, "m_probability")
    everybody = records.count * (records.count - 1) / 2
    result = {}
    for comparison in comparisons:
        said = records.pairs_saying_something("records", comparison.missing) / everybody
        result[comparison.name] = (round(pairs * share * said, 1), learnt[comparison.name])
    return result


def _blend(learnt: list[float], declared: list[float], pairs: float, weight: float) -> tuple[float, ...]:
    """Return what was seen and what was declared, the latter as if seen in ``weight`` pairs."""
    scale = sum(declared)
    blended = [
        (pairs * seen + weight * said / scale) / (pairs + weight)
        for seen, said in zip(learnt, declared, strict=True)
    ]
    return tuple(
        max(float(f"{value / sum(blended):.{_PARAMETER_DIGITS}g}"), _LEAST_PROBABILITY) for value in blended
    )


def _prior(declaration: LinkageDeclaration, records: Records) -> float:
    plan = declaration.training.prior
    everybody = max(records.count * (records.count - 1) / 2, 1)
    found = max(records.pairs_sharing(key) for key in plan.keys)
    expected = max(found / plan.found_share, 1) / everybody
    return float(f"{min(expected, plan.at_most):.{_PARAMETER_DIGITS}g}")


def _linker(records: Records, table: str, settings: SettingsCreator) -> Linker:
    return Linker(records.engine.register(table), settings, log_level=None)


def _settings(
    comparisons: tuple[Comparison, ...],
    m: Mapping[str, tuple[float, ...]] | None,
    u: Mapping[str, tuple[float, ...]] | None,
    prior: float,
    *,
    is_scoring: bool = False,
    weighs_rarity: bool = True,
) -> SettingsCreator:
    return SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name=NUMBER,
        comparisons=[
            _splink_comparison(comparison, m or {}, u or {}, weighs_rarity) for comparison in comparisons
        ],
        probability_two_random_records_match=prior,
        retain_matching_columns=is_scoring,
        retain_intermediate_calculation_columns=is_scoring,
        max_iterations=50,
    )


def _splink_comparison(
    comparison: Comparison,
    m: Mapping[str, tuple[float, ...]],
    u: Mapping[str, tuple[float, ...]],
    weighs_rarity: bool,
) -> dict[str, Any]:
    levels: list[dict[str, Any]] = [
        {"sql_condition": comparison.missing, "label_for_charts": "missing", "is_null_level": True}
    ]
    for position, level in enumerate(comparison.levels):
        levels.append(
            {
                "sql_condition": level.condition or "else",
                "label_for_charts": level.title,
                "m_probability": m[comparison.name][position] if m else level.m,
                "u_probability": u[comparison.name][position] if u else level.u,
            }
        )
        if level.rarity_of and weighs_rarity:
            levels[-1]["tf_adjustment_column"] = level.rarity_of
    return {"output_column_name": comparison.name, "comparison_levels": levels}


def _parameters(linker: Linker, kind: str) -> dict[str, list[float]]:
    """Return m or u as Splink has them now, by comparison; 0 for a level that it never saw."""
    model = linker.misc.save_model_to_json()
    return {
        comparison["output_column_name"]: [
            _as_number(level.get(kind))
            for level in comparison["comparison_levels"]
            if not level.get("is_null_level")
        ]
        for comparison in model["comparisons"]
    }


def _as_number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _links_sql(declaration: LinkageDeclaration, model: MatchModel, scored: str) -> str:
    """Return the query that gives scored pairs their keys back, and the reasons in words."""
    key = declaration.key
    contradiction = _contradiction(declaration)
    weighs_rarity = _weighs_rarity(declaration, model)
    said = ", ".join(_words(comparison, weighs_rarity) for comparison in declaration.comparisons)
    prior = math.log2(model.prior / (1 - model.prior))
    return (
        f"with judged as (select *, {contradiction} as contradiction from {scored}) "
        f"select least(a.record_key, b.record_key) as {key}_a, "
        f"greatest(a.record_key, b.record_key) as {key}_b, "
        f"round(match_probability, {_PROBABILITY_DIGITS}) as match_probability, "
        f"round(match_weight, {_WEIGHT_DIGITS}) as match_weight, "
        f"round(match_probability, {_PROBABILITY_DIGITS}) >= {declaration.threshold} "
        f"and contradiction is null as is_above_threshold, "
        f"contradiction, "
        f"concat_ws('; ', {said}, 'before any comparison {prior:+.1f}') as evidence "
        f"from judged inner join keys as a on a.{NUMBER} = {NUMBER}_l "
        f"inner join keys as b on b.{NUMBER} = {NUMBER}_r "
        f"order by 1, 2"
    )


def _weighs_rarity(declaration: LinkageDeclaration, model: MatchModel) -> bool:
    """Whether there are enough records to tell what is rare."""
    return model.record_count >= declaration.training.minimum_records


def _contradiction(declaration: LinkageDeclaration) -> str:
    """Return the first reason why a pair is not to be joined, as SQL over the levels that Splink found.

    Splink counts levels from 0, which is the last, and has -1 where nothing was compared.
    """
    level_counts = {comparison.name: len(comparison.levels) for comparison in declaration.comparisons}
    reasons = []
    for contradiction in declaration.contradictions:
        conditions = [f"gamma_{name} <= 0" for name in contradiction.unless_alike]
        if name := contradiction.different:
            lowest = level_counts[name] - (contradiction.from_level or level_counts[name])
            conditions.append(f"gamma_{name} between 0 and {lowest}")
        reasons.append(f"when {' and '.join(conditions)} then '{_quoted(contradiction.reason)}' ")
    return f"case {''.join(reasons)}end" if reasons else "cast(null as varchar)"


def _words(comparison: Comparison, weighs_rarity: bool) -> str:
    """Return what one comparison says of a pair in words, with its weight in bits, as SQL."""
    weight = f"mw_{comparison.name}"
    if weighs_rarity and any(level.rarity_of for level in comparison.levels):
        weight = f"{weight} + coalesce(mw_tf_adj_{comparison.name}, 0)"
    titles = "".join(
        f"when {len(comparison.levels) - rank} then '{_quoted(level.title)}' "
        for rank, level in enumerate(comparison.levels, start=1)
    )
    return (
        f"case when gamma_{comparison.name} >= 0 then '{_quoted(comparison.title)} ' || "
        f"case gamma_{comparison.name} {titles}end || format(' {{:+.1f}}', {weight}) end"
    )


def _quoted(text: str) -> str:
    return text.replace("'", "''")


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep Splink's own progress out of ours."""
    log = logging.getLogger("splink")
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        log.setLevel(level)
