"""Prediction of links between records with Splink, from a model that the records have taught."""

from __future__ import annotations

import logging
import math
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pandas as pd
from splink import Linker, SettingsCreator

from ml.record_linkage.bridges import is_bridge
from ml.record_linkage.declaration import Comparison, LinkageDeclaration
from ml.record_linkage.learning import WEIGHT_DIGITS, MatchModel, contradiction_sql, train
from ml.record_linkage.records import NUMBER, Records

logger = logging.getLogger("insight.matching")

# Digits that are kept: noise of the arithmetic ends here.
_PROBABILITY_DIGITS = 6


@dataclass(frozen=True)
class Matches:
    """What one run has found.

    Attributes
    ----------
    model
        What it rests on.
    links
        As `predict` gives them.
    keys
        The blocking keys that were used, with the pairs of records that share each.
    pair_count
        Pairs that were compared.
    unsaid
        Comparisons about which the records say nothing.
    """

    model: MatchModel
    links: pd.DataFrame
    keys: dict[str, float]
    pair_count: int
    unsaid: tuple[str, ...]


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
    block(declaration, records)
    model = train(declaration, records)
    links = predict(declaration, model, records)
    return Matches(
        model,
        links,
        {key: records.key_costs[key] for key in records.chosen_keys},
        records.pair_count,
        tuple(c.name for c in declaration.comparisons if not records.says_something(c.missing)),
    )


def block(declaration: LinkageDeclaration, records: Records) -> None:
    """Find the pairs that share a key; which keys are used follows from what they cost."""
    started, plan = time.perf_counter(), declaration.blocking
    records.block(
        plan.keys,
        plan.maximum_block,
        max(plan.pairs_per_record_of_a_key * records.count, 1000),
        min(max(plan.pairs_per_record * records.count, 10_000), plan.pairs),
    )
    logger.info(
        "%s pairs share one of %d keys (%.1f s)",
        f"{records.pair_count:,}",
        len(records.chosen_keys),
        time.perf_counter() - started,
    )


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
    said = tuple(c for c in declaration.comparisons if records.says_something(c.missing))
    comparisons = said or declaration.comparisons
    linker = _linker(records, "records", _settings(declaration, comparisons, model))
    linker.table_management.register_blocked_pairs_for_predict(records.engine.register("blocked_pairs"))
    with _quiet():
        scored = linker.inference.predict(
            threshold_match_probability=declaration.written_from, warning_mode="never"
        ).physical_name
    links = records.frame(_links_sql(declaration, comparisons, model, scored))
    joining = links["is_above_threshold"].to_numpy(dtype=bool)
    bridges = links.index[joining][is_bridge(links.loc[joining].iloc[:, :2], declaration.bridges)]
    links["contradiction"] = links["contradiction"].astype(object)
    links.loc[bridges, "is_above_threshold"] = False
    links.loc[bridges, "contradiction"] = declaration.bridges.reason
    logger.info("%s links (%.1f s)", f"{len(links):,}", time.perf_counter() - started)
    return links


def _linker(records: Records, table: str, settings: SettingsCreator) -> Linker:
    return Linker(records.engine.register(table), settings, log_level=None)


def _settings(
    declaration: LinkageDeclaration, comparisons: tuple[Comparison, ...], model: MatchModel
) -> SettingsCreator:
    weights = model.weights(declaration)
    weighs_rarity = _weighs_rarity(declaration, model)
    return SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name=NUMBER,
        comparisons=[
            _splink_comparison(comparison, model.m[comparison.name], weights[comparison.name], weighs_rarity)
            for comparison in comparisons
        ],
        probability_two_random_records_match=model.prior,
        retain_matching_columns=True,
        retain_intermediate_calculation_columns=True,
    )


def _splink_comparison(
    comparison: Comparison, m: tuple[float, ...], weights: tuple[float, ...], weighs_rarity: bool
) -> dict[str, Any]:
    levels: list[dict[str, Any]] = [
        {"sql_condition": comparison.missing, "label_for_charts": "missing", "is_null_level": True}
    ]
    for level, probability, weight in zip(comparison.levels, m, weights, strict=True):
        levels.append(
            {
                "sql_condition": level.condition or "else",
                "label_for_charts": level.title,
                "m_probability": probability,
                # Of the two, Splink uses the ratio; it may be limited.
                "u_probability": probability / 2**weight,
            }
        )
        if level.rarity_of and weighs_rarity:
            levels[-1]["tf_adjustment_column"] = level.rarity_of
    return {"output_column_name": comparison.name, "comparison_levels": levels}


def _links_sql(
    declaration: LinkageDeclaration, comparisons: tuple[Comparison, ...], model: MatchModel, scored: str
) -> str:
    """Return the query that gives scored pairs their keys back, and the reasons in words."""
    key = declaration.key
    said_of = frozenset(comparison.name for comparison in comparisons)
    contradiction = contradiction_sql(declaration, model.has_households, model.unlearnt, said_of)
    weighs_rarity = _weighs_rarity(declaration, model)
    said = "".join(f"{_words(comparison, weighs_rarity)}, " for comparison in comparisons)
    prior = math.log2(model.prior / (1 - model.prior))
    return (
        f"with judged as (select *, {contradiction} as contradiction from {scored}) "
        f"select least(a.record_key, b.record_key) as {key}_a, "
        f"greatest(a.record_key, b.record_key) as {key}_b, "
        f"round(match_probability, {_PROBABILITY_DIGITS}) as match_probability, "
        f"round(match_weight, {WEIGHT_DIGITS}) as match_weight, "
        f"round(match_probability, {_PROBABILITY_DIGITS}) >= {declaration.threshold} "
        f"and contradiction is null as is_above_threshold, "
        f"contradiction, "
        f"concat_ws('; ', {said}'before any comparison {prior:+.1f}') as evidence "
        f"from judged inner join keys as a on a.{NUMBER} = {NUMBER}_l "
        f"inner join keys as b on b.{NUMBER} = {NUMBER}_r "
        f"order by 1, 2"
    )


def _weighs_rarity(declaration: LinkageDeclaration, model: MatchModel) -> bool:
    """Whether there are enough records to tell what is rare."""
    return model.record_count >= declaration.training.minimum_records


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
