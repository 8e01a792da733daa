"""Measures the customers of the build against labelled truth, and keeps the measures, never the truth."""

from __future__ import annotations

import logging
import math
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from orchestration import warehouse
from orchestration.identity.errors import IdentityError
from orchestration.identity.lookup import KEYS, require_tables
from orchestration.identity.match_metrics import (
    bcubed_of_records,
    calibration,
    clustering_metrics,
    components,
    harmonic_mean,
)
from orchestration.identity.truth_files import read_truth
from orchestration.settings import Settings
from orchestration.warehouse import Tables

logger = logging.getLogger("insight.quality")

RECORDS = "core.dim_customer_records"
LINKS = "identity.int_customer_links__listed"
CONFIDENCE = "identity.fct_customer_confidence"
QUALITY_TABLE = "quality.match_quality"
CALIBRATION_TABLE = "quality.match_calibration"
# All rules, and those that need records to share an identifier.
FULL, DETERMINISTIC = "full", "deterministic"
# Before the name of a record system, in the scope of its measures.
SYSTEM_SCOPE = "system: "


def measure(settings: Settings, truth_path: Path) -> dict[str, Any]:
    """Measure the customers of the build, and append the measures to the build's tables.

    Parameters
    ----------
    settings
        Where the build is.
    truth_path
        Who is whom: see `read_truth`.

    Returns
    -------
    dict
        ``run_id``, ``truth`` (its name), ``record_count`` (records measured), and what was written:
        ``quality`` with a row per measure, ``systems`` with a row per record system, ``calibration`` with a
        row per bin.

    Raises
    ------
    IdentityError
        If the truth cannot be used or tells nothing about the records of the build.
    WarehouseError
        If there is no build, or another process holds it.
    """
    with warehouse.tables(settings) as tables:
        require_tables(tables, [KEYS, RECORDS, LINKS, CONFIDENCE])
        logger.info("reading who is whom")
        records = labelled_records(tables, read_truth(truth_path, tables))
        logger.info("%s records of %s people", f"{len(records):,}", f"{records['person_id'].nunique():,}")
        quality, bins = measures(records)
        of_systems = measures_by_system(records)
        quality = pd.concat([quality, of_systems], ignore_index=True)
        measured_at, run_id = datetime.now(UTC).replace(tzinfo=None), uuid.uuid4().hex
        # The key comes last: where the engine keeps rows apart by it, it has to.
        frames = {
            QUALITY_TABLE: quality.assign(truth=truth_path.name, measured_at=measured_at, run_id=run_id),
            CALIBRATION_TABLE: bins.assign(truth=truth_path.name, measured_at=measured_at, run_id=run_id),
        }
        tables.replace(frames, {"run_id": run_id})
    return {
        "run_id": run_id,
        "truth": truth_path.name,
        "record_count": len(records),
        "quality": _side_by_side(quality),
        "systems": _row_per_system(of_systems),
        "calibration": bins.to_dict("records"),
    }


def labelled_records(tables: Tables, truth: pd.DataFrame) -> pd.DataFrame:
    """Return the records of the build whose person is known, with the customers that they were made part of.

    Parameters
    ----------
    tables
        The build.
    truth
        Columns ``customer_key`` and ``person_id``. Records with several people are nobody's and left out.

    Returns
    -------
    pandas.DataFrame
        Columns ``customer_key``, ``record_system`` (which system keeps the record; the source where it has
        but one), ``person_id``, ``full`` and ``deterministic`` (the customer by all rules, and by those for
        shared identifiers alone), and ``confidence`` of the customer (0 to 1).

    Raises
    ------
    IdentityError
        If no record of the build is in the truth.
    """
    known = tables.frame(
        f"select keys.customer_key, keys.customer_id as {FULL}, confidence.confidence, "
        "coalesce(records.record_system, keys.source_system) as record_system "
        f"from {tables.relation(KEYS)} as keys "
        f"left join {tables.relation(RECORDS)} as records on keys.customer_key = records.customer_key "
        f"left join {tables.relation(CONFIDENCE)} as confidence on keys.customer_id = confidence.customer_id"
    )
    # Probabilistic matches come last and never take apart what the others have joined: without them, the
    # others' components are left.
    links = tables.frame(
        f"select customer_key, first_customer_key as other_customer_key from {tables.relation(LINKS)} "
        "where identifier_type <> 'probabilistic'"
    )
    known[DETERMINISTIC] = components(known["customer_key"].tolist(), links)
    one_person = truth.drop_duplicates().drop_duplicates("customer_key", keep=False)
    found = known.merge(one_person, on="customer_key")
    if found.empty:
        raise IdentityError(
            "The truth names none of the records of the build. customer_key has to be the record's key in "
            f"the warehouse, such as {known['customer_key'].min() if len(known) else 'source:key'}."
        )
    return found


def measures(records: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the measures of labelled records.

    Parameters
    ----------
    records
        As `labelled_records` gives them.

    Returns
    -------
    quality : pandas.DataFrame
        Columns ``scope``, ``metric``, ``metric_value``.
    bins : pandas.DataFrame
        Calibration of the confidence of customers with several labelled records.
    """
    values = {
        scope: clustering_metrics(records[scope].tolist(), records["person_id"].tolist())
        for scope in (FULL, DETERMINISTIC)
    }
    customers = records.groupby(FULL).agg(
        record_count=("customer_key", "size"),
        person_count=("person_id", "nunique"),
        confidence=("confidence", "first"),
    )
    # A single record cannot be wrong, and would make any confidence look good.
    judged = customers[(customers["record_count"] > 1) & customers["confidence"].notna()]
    bins, summary = calibration(judged["confidence"].tolist(), (judged["person_count"] == 1).tolist())
    values[FULL] |= summary
    return _row_per_measure(values), bins


def measures_by_system(records: pd.DataFrame) -> pd.DataFrame:
    """Return where precision and recall are lost: measures of the customers by all rules, per record system.

    Parameters
    ----------
    records
        As `labelled_records` gives them.

    Returns
    -------
    pandas.DataFrame
        Columns ``scope`` (``system: `` and the system), ``metric``, ``metric_value``. B-cubed weighs the
        system's records against those of all systems; the pairwise measures look at pairs within the system,
        and have no row where there is none.
    """
    shares = bcubed_of_records(records[FULL].tolist(), records["person_id"].tolist())
    values: dict[str, dict[str, float]] = {}
    for system, of_system in records.reset_index(drop=True).join(shares).groupby("record_system"):
        within = clustering_metrics(of_system[FULL].tolist(), of_system["person_id"].tolist())
        precision, recall = float(of_system["precision"].mean()), float(of_system["recall"].mean())
        measured = {
            "records": within["records"],
            "persons": within["persons"],
            "bcubed_precision": precision,
            "bcubed_recall": recall,
            "bcubed_f1": harmonic_mean(precision, recall),
            **{name: value for name, value in within.items() if name.startswith("pairwise")},
        }
        values[f"{SYSTEM_SCOPE}{system}"] = {
            metric: value for metric, value in measured.items() if not math.isnan(value)
        }
    return _row_per_measure(values)


def _row_per_measure(values: Mapping[str, Mapping[str, float]]) -> pd.DataFrame:
    """Return measures by scope and name as rows: columns ``scope``, ``metric``, ``metric_value``."""
    return pd.DataFrame(
        [
            {"scope": scope, "metric": metric, "metric_value": value}
            for scope, of_scope in values.items()
            for metric, value in of_scope.items()
        ]
    )


def _row_per_system(of_systems: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a row per record system, with a column per measure; None for what it has no pairs for."""
    names = list(dict.fromkeys(of_systems["metric"]))
    return [
        {"system": str(scope).removeprefix(SYSTEM_SCOPE)} | {name: values.get(name) for name in names}
        for scope, rows in of_systems.groupby("scope", sort=False)
        for values in [dict(zip(rows["metric"], rows["metric_value"], strict=True))]
    ]


def _side_by_side(quality: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a row per metric, with a column for all rules and one for shared identifiers alone."""
    rows: dict[str, dict[str, Any]] = {}
    for row in quality[quality["scope"].isin([FULL, DETERMINISTIC])].to_dict("records"):
        line = rows.setdefault(row["metric"], {"metric": row["metric"], FULL: None, DETERMINISTIC: None})
        line[row["scope"]] = row["metric_value"]
    return list(rows.values())
