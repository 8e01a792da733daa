from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from synthetic_examples import small_declaration, small_examples

from ml.examples import ExamplesError, check_examples

pytestmark = pytest.mark.tier1

DECLARATION = small_declaration()
FRAME = small_examples(customers=20, weeks=8)


def changed(**columns: object) -> pd.DataFrame:
    return FRAME.assign(**columns)


BROKEN = {
    "no label": (FRAME.drop(columns="churn_label"), "lack churn_label"),
    "no feature of a rule": (FRAME.drop(columns="recency_days"), "lack recency_days"),
    "no slice": (FRAME.drop(columns="slice_spending_band"), "lack slice_spending_band"),
    "customer unknown": (changed(customer_id=None), "customer_id is empty in 160 rows"),
    "key twice": (pd.concat([FRAME, FRAME.head(1)]), "repeat in 1 rows"),
    "no horizon": (changed(horizon_days=0), "horizon_days has to be at least 1"),
    "scored twice": (changed(is_latest=True), "is_latest marks 140 customers twice"),
    "label is a share": (changed(churn_label=0.5), "something else than 0, 1 or empty"),
    "label is a word": (changed(churn_label="yes"), "something else than 0, 1 or empty"),
    "feature is a word": (changed(recency_days="long"), "recency_days is not a numeric feature"),
    "divided by zero": (changed(noise=np.inf), "noise holds infinite values"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_examples_that_cannot_be_used_are_refused_with_the_column(case: str) -> None:
    frame, expected = BROKEN[case]
    with pytest.raises(ExamplesError, match=expected):
        check_examples(DECLARATION, frame)


def test_every_numeric_column_but_keys_label_and_slices_is_a_feature() -> None:
    frame = changed(is_member=True, favourite_shop="north", slice_age=3, visits=pd.array([1] * 160, "Int64"))
    examples = check_examples(DECLARATION, frame)
    assert set(examples.features) == {
        "basket_value",
        "is_member",
        "mean_gap_days",
        "noise",
        "recency_days",
        "recency_over_mean_gap",
        "shopping_days_28d",
        "visit_rate_halflife_28d",
        "visits",
    }
    assert examples.ignored == ("favourite_shop",)
    assert examples.matrix(examples.rows).dtype == np.float64


def test_named_columns_are_the_only_features_and_rules_still_have_theirs() -> None:
    features = DECLARATION.features.model_dump() | {"columns": ["basket_value", "noise"]}
    examples = check_examples(small_declaration(features=features), FRAME)
    assert examples.features == ("basket_value", "noise")
    assert "recency_days" in examples.rows


def test_the_order_of_rows_and_columns_does_not_matter() -> None:
    shuffled = FRAME.sample(frac=1, random_state=1)[list(reversed(FRAME.columns))]
    expected, actual = check_examples(DECLARATION, FRAME), check_examples(DECLARATION, shuffled)
    pd.testing.assert_frame_equal(actual.rows, expected.rows)
    assert actual.features == expected.features


def test_the_given_frame_stays_as_it_is() -> None:
    before = FRAME.copy(deep=True)
    check_examples(DECLARATION, FRAME)
    pd.testing.assert_frame_equal(FRAME, before)


def test_a_row_is_known_only_when_its_own_horizon_is_over() -> None:
    frame = FRAME.copy()
    frame.loc[frame["customer_id"] == "c0000", ["source_system", "horizon_days"]] = ["club", 14]
    examples = check_examples(DECLARATION, frame.assign(churn_label=1.0))
    known = examples.labelled_by(pd.Timestamp("2017-02-06"))
    newest = known.groupby("source_system")["as_of_date"].max()
    assert newest["club"] == pd.Timestamp("2017-01-23")
    assert newest["shop"] == pd.Timestamp("2017-01-09")
