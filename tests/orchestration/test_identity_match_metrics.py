import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.identity.match_metrics import (
    bcubed_of_records,
    calibration,
    clustering_metrics,
    components,
)
from orchestration.identity.measuring import measures_by_system

pytestmark = pytest.mark.tier1

LABELLED = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=25)


@given(LABELLED)
def test_measures_equal_a_slow_and_obvious_count(records):
    clusters, persons = zip(*records, strict=True)
    found = clustering_metrics(clusters, persons)
    pairs = list(itertools.combinations(records, 2))
    together = [a[1] == b[1] for a, b in pairs if a[0] == b[0]]
    one_person = [a[0] == b[0] for a, b in pairs if a[1] == b[1]]
    assert found["pairwise_precision"] == pytest.approx(
        np.mean(together) if together else np.nan, nan_ok=True
    )
    assert found["pairwise_recall"] == pytest.approx(
        np.mean(one_person) if one_person else np.nan, nan_ok=True
    )
    precisions, recalls = [], []
    for cluster, person in records:
        in_cluster = [other for other in records if other[0] == cluster]
        of_person = [other for other in records if other[1] == person]
        both = [other for other in in_cluster if other[1] == person]
        precisions.append(len(both) / len(in_cluster))
        recalls.append(len(both) / len(of_person))
    assert found["bcubed_precision"] == pytest.approx(np.mean(precisions))
    assert found["bcubed_recall"] == pytest.approx(np.mean(recalls))


def test_a_perfect_partition_is_perfect():
    found = clustering_metrics(["a", "a", "b"], [1, 1, 2])
    assert {found[name] for name in found if name.endswith(("precision", "recall", "f1"))} == {1.0}
    assert (found["over_merged_clusters"], found["under_merged_persons"]) == (0, 0)


def test_the_example_of_bagga_and_baldwin():
    # Seven records of two persons and five of a third; the two smaller persons were merged.
    persons = [1] * 5 + [2] * 2 + [3] * 5
    found = clustering_metrics(["a"] * 5 + ["b"] * 7, persons)
    assert found["bcubed_precision"] == pytest.approx(0.762, abs=0.001)
    assert found["bcubed_recall"] == 1.0
    assert (found["over_merged_clusters"], found["under_merged_persons"]) == (1, 0)


def test_one_person_in_pieces_is_under_merged():
    found = clustering_metrics([1, 2, 3], ["anna"] * 3)
    assert np.isnan(found["pairwise_precision"])
    assert found["pairwise_recall"] == 0
    assert found["under_merged_persons"] == 1


@given(LABELLED)
def test_bcubed_is_the_mean_over_records(records):
    clusters, persons = zip(*records, strict=True)
    found, shares = clustering_metrics(clusters, persons), bcubed_of_records(clusters, persons)
    assert len(shares) == len(records)
    assert shares["precision"].mean() == pytest.approx(found["bcubed_precision"])
    assert shares["recall"].mean() == pytest.approx(found["bcubed_recall"])


def test_each_system_is_measured_against_the_records_of_all_systems():
    # Anna is in the shop twice, once apart from the rest; Ben's survey was taken for hers.
    records = pd.DataFrame(
        {
            "customer_key": ["shop:1", "shop:2", "crm:1", "survey:1"],
            "record_system": ["shop", "shop", "crm", "survey"],
            "person_id": ["anna", "anna", "anna", "ben"],
            "full": ["a", "b", "a", "a"],
        },
        index=[7, 5, 3, 1],
    )
    found = measures_by_system(records).set_index(["scope", "metric"])["metric_value"]
    assert found["system: shop", "records"] == 2
    assert found["system: shop", "bcubed_precision"] == pytest.approx((2 / 3 + 1) / 2)
    assert found["system: shop", "bcubed_recall"] == pytest.approx((2 / 3 + 1 / 3) / 2)
    assert found["system: shop", "pairwise_recall"] == 0
    assert found["system: survey", "bcubed_precision"] == pytest.approx(1 / 3)
    assert found["system: survey", "bcubed_recall"] == 1
    # One record makes no pair, and what was never brought together has no precision.
    assert ("system: crm", "pairwise_recall") not in found.index
    assert ("system: shop", "pairwise_precision") not in found.index
    # Weighted by their records, the systems are the whole.
    whole = clustering_metrics(records["full"].tolist(), records["person_id"].tolist())
    weighed = found.unstack()[["records", "bcubed_precision"]].prod(axis=1).sum() / 4
    assert weighed == pytest.approx(whole["bcubed_precision"])


def test_nothing_to_measure_is_an_error():
    with pytest.raises(ValueError, match="at least one"):
        clustering_metrics([], [])


def test_components_go_to_any_depth():
    records = [f"r{number}" for number in range(1001)] + ["alone"]
    links = pd.DataFrame({"customer_key": records[:1000], "other_customer_key": records[1:1001]})
    found = components(records, links)
    assert len(set(found[:1001])) == 1
    assert found[1001] != found[0]


def test_calibration_compares_what_is_said_with_what_is():
    bins, summary = calibration([0.9, 0.9, 0.9, 0.9, 1.0], [True, True, True, False, True])
    assert bins["observed_share"].tolist() == [0.75, 1.0]
    assert bins["cluster_count"].tolist() == [4, 1]
    assert summary["expected_calibration_error"] == pytest.approx(0.15 * 4 / 5)
    assert summary["brier_score"] == pytest.approx((3 * 0.01 + 0.81) / 5)


def test_calibration_of_nothing_says_nothing():
    bins, summary = calibration([], [])
    assert bins.empty
    assert np.isnan(summary["brier_score"])


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=30))
def test_every_cluster_is_in_one_bin(clusters):
    bins, _ = calibration(*zip(*clusters, strict=True))
    assert bins["cluster_count"].sum() == len(clusters)
