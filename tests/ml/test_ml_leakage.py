from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn.metrics import roc_auc_score
from synthetic_examples import small_declaration, small_examples

from ml.leakage import LeakageError, assert_no_feature_knows_the_label, single_feature_aucs
from ml.training import train

pytestmark = pytest.mark.tier1

FRAME = small_examples(customers=150)
RANDOM = np.random.default_rng(0)
LABELS = FRAME["churn_label"]

# What a careless join would bring in. Each must turn the run red.
CANARIES = {
    "purchases_next_28d": np.where(LABELS == 1, 0, RANDOM.poisson(4, len(FRAME)) + 1),
    "last_seen_in_the_future": np.where(LABELS == 1, -1, RANDOM.integers(0, 28, len(FRAME))),
    "next_basket_value": np.where(LABELS == 1, np.nan, RANDOM.gamma(2, 20, len(FRAME))),
    "churn_label_copy": LABELS.fillna(0),
}


@pytest.mark.parametrize("canary", CANARIES)
def test_a_feature_from_the_future_is_caught_by_name(canary: str) -> None:
    with pytest.raises(LeakageError, match=rf"{canary} \(AUC 1.000\)"):
        train(
            small_declaration(), FRAME.assign(**{canary: CANARIES[canary]}), "run-1", report=lambda line: None
        )


def test_a_leak_that_starts_late_is_caught_on_its_origin() -> None:
    last = FRAME.loc[LABELS.notna(), "as_of_date"].max()
    leaked = np.where(FRAME["as_of_date"] == last, CANARIES["purchases_next_28d"], FRAME["noise"])
    with pytest.raises(LeakageError, match=f"As of {last:%Y-%m-%d}, .* leaked"):
        train(small_declaration(), FRAME.assign(leaked=leaked), "run-1", report=lambda line: None)


@given(
    hnp.arrays(float, st.tuples(st.integers(8, 40), st.just(3)), elements=st.integers(-3, 3)),
    st.integers(1, 7),
)
def test_the_rank_statistic_is_the_area_under_the_curve(values: np.ndarray, positives: int) -> None:
    labels = np.zeros(len(values))
    labels[:positives] = 1
    aucs = single_feature_aucs(pd.DataFrame(values, columns=["a", "b", "c"]), labels)
    for column, name in enumerate(["a", "b", "c"]):
        auc = roc_auc_score(labels, values[:, column])
        assert aucs[name] == pytest.approx(max(auc, 1 - auc))


def test_a_handful_of_customers_is_not_judged() -> None:
    labels = np.array([1.0] * 5 + [0.0] * 100)
    perfect = pd.DataFrame({"luck": labels})
    assert_no_feature_knows_the_label(perfect, labels, pd.Timestamp("2017-01-02"), limit=0.98)
