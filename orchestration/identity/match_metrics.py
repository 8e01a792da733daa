"""Measures of how well records were brought together, against who is whom. Arrays in, numbers out.

Source of the measures: Menestrina, Whang, Garcia-Molina, "Evaluating Entity Resolution Results", VLDB 2010
(pairs); Bagga, Baldwin, "Entity-Based Cross-Document Coreferencing Using the Vector Space Model", ACL 1998
(B-cubed); Naeini, Cooper, Hauskrecht, "Obtaining Well Calibrated Probabilities Using Bayesian Binning", AAAI
2015 (calibration error).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

# Probabilities of links crowd near 1: bins of equal width would put nearly all clusters into one of them.
CALIBRATION_EDGES = (0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 1.0)


def clustering_metrics(clusters: Sequence[object], persons: Sequence[object]) -> dict[str, float]:
    """Compare a partition of records with the true one.

    Parameters
    ----------
    clusters
        The cluster of each record, shape (records,).
    persons
        The person behind each record, shape (records,).

    Returns
    -------
    dict
        ``pairwise_precision``, ``pairwise_recall``, ``pairwise_f1``: of pairs of records, shares from 0 to 1;
        nan where there is no pair to count. ``bcubed_precision``, ``bcubed_recall``, ``bcubed_f1``: of
        records, shares from 0 to 1. ``over_merged_clusters``: clusters of more than one person.
        ``under_merged_persons``: people in more than one cluster. ``clusters``, ``persons``, ``records``:
        counts.

    Raises
    ------
    ValueError
        If there is no record, or not a person for each.
    """
    cells = _cells(clusters, persons)
    counts = cells.value_counts(["cluster", "person"]).rename("both").reset_index()
    in_cluster = counts.groupby("cluster")["both"].sum()
    of_person = counts.groupby("person")["both"].sum()
    both = counts["both"].to_numpy(dtype=float)
    found, true, right = _pairs(in_cluster), _pairs(of_person), _pairs(counts["both"])
    precision = right / found if found else float("nan")
    recall = right / true if true else float("nan")
    bcubed_precision = float(
        (both**2 / counts["cluster"].map(in_cluster).to_numpy(dtype=float)).sum() / len(cells)
    )
    bcubed_recall = float(
        (both**2 / counts["person"].map(of_person).to_numpy(dtype=float)).sum() / len(cells)
    )
    return {
        "pairwise_precision": precision,
        "pairwise_recall": recall,
        "pairwise_f1": harmonic_mean(precision, recall),
        "bcubed_precision": bcubed_precision,
        "bcubed_recall": bcubed_recall,
        "bcubed_f1": harmonic_mean(bcubed_precision, bcubed_recall),
        "over_merged_clusters": float((counts.groupby("cluster").size() > 1).sum()),
        "under_merged_persons": float((counts.groupby("person").size() > 1).sum()),
        "clusters": float(len(in_cluster)),
        "persons": float(len(of_person)),
        "records": float(len(cells)),
    }


def bcubed_of_records(clusters: Sequence[object], persons: Sequence[object]) -> pd.DataFrame:
    """Return what B-cubed is the mean of, record by record, so that it can be had for some of them.

    Parameters
    ----------
    clusters
        The cluster of each record, shape (records,).
    persons
        The person behind each record, shape (records,).

    Returns
    -------
    pandas.DataFrame
        A row per record in the order given: ``precision``, the share of its cluster's records that are of its
        person, and ``recall``, the share of its person's records that are in its cluster; from 0 to 1, the
        record itself included.

    Raises
    ------
    ValueError
        If there is no record, or not a person for each.
    """
    cells = _cells(clusters, persons)
    both = cells.groupby(["cluster", "person"])["person"].transform("size").astype(float)
    return pd.DataFrame(
        {
            "precision": both / cells.groupby("cluster")["person"].transform("size"),
            "recall": both / cells.groupby("person")["person"].transform("size"),
        }
    )


def components(records: Sequence[str], links: pd.DataFrame) -> np.ndarray:
    """Return a number per record, equal for records that links connect, to any depth.

    Parameters
    ----------
    records
        Keys of all records, each once.
    links
        Two columns of keys, ``customer_key`` and ``other_customer_key``; each key is one of the records.
    """
    positions = pd.Index(records)
    rows, columns = (
        positions.get_indexer(pd.Index(links["customer_key"])),
        positions.get_indexer(pd.Index(links["other_customer_key"])),
    )
    size = len(positions)
    graph = coo_array((np.ones(len(rows), dtype=np.int8), (rows, columns)), shape=(size, size))
    return connected_components(graph, directed=False)[1]


def calibration(
    confidence: Sequence[float], is_pure: Sequence[bool]
) -> tuple[pd.DataFrame, dict[str, float]]:
    """Compare how sure clusters are with how often they are right.

    Parameters
    ----------
    confidence
        Probability that a cluster is one person, shape (clusters,), from 0 to 1.
    is_pure
        Whether all of its records are of one person, shape (clusters,).

    Returns
    -------
    bins : pandas.DataFrame
        A row per bin of `CALIBRATION_EDGES` that has clusters: ``bin_number``, ``cluster_count``,
        ``mean_confidence`` and ``observed_share``, the share of pure clusters.
    summary : dict
        ``brier_score``, the mean squared distance (0 is best), and ``expected_calibration_error``, the mean
        distance of the bins weighted by their clusters, both from 0 to 1; nan without clusters.
    """
    sure = np.asarray(confidence, dtype=float)
    pure = np.asarray(is_pure, dtype=float)
    names = ["bin_number", "cluster_count", "mean_confidence", "observed_share"]
    if not len(sure):
        nothing = {"brier_score": float("nan"), "expected_calibration_error": float("nan")}
        return pd.DataFrame({name: pd.Series(dtype=float) for name in names}), nothing
    # Edges belong to the bin below them; 0 to the first.
    numbers = np.clip(np.searchsorted(CALIBRATION_EDGES, sure, side="left"), 1, len(CALIBRATION_EDGES) - 1)
    bins = (
        pd.DataFrame({"bin_number": numbers, "sure": sure, "pure": pure})
        .groupby("bin_number", as_index=False)
        .agg(
            cluster_count=("sure", "size"), mean_confidence=("sure", "mean"), observed_share=("pure", "mean")
        )
    )
    distance = (bins["mean_confidence"] - bins["observed_share"]).abs()
    return bins[names], {
        "brier_score": float(((sure - pure) ** 2).mean()),
        "expected_calibration_error": float((distance * bins["cluster_count"]).sum() / len(sure)),
    }


def _cells(clusters: Sequence[object], persons: Sequence[object]) -> pd.DataFrame:
    """Return a row per record: numbers of its ``cluster`` and of its ``person``."""
    if len(clusters) != len(persons) or not len(clusters):
        raise ValueError(
            f"{len(clusters)} clusters and {len(persons)} persons: need as many, and at least one."
        )
    return pd.DataFrame(
        {
            "cluster": pd.factorize(pd.Series(list(clusters)))[0],
            "person": pd.factorize(pd.Series(list(persons)))[0],
        }
    )


def _pairs(sizes: pd.Series) -> float:
    counts = sizes.to_numpy(dtype=float)
    return float((counts * (counts - 1) / 2).sum())


def harmonic_mean(precision: float, recall: float) -> float:
    """Return the F1 of a precision and a recall (0 to 1): nan if one of them is, 0 if both are."""
    total = precision + recall
    return 2 * precision * recall / total if total else 0.0
