"""A predictive model gets its columns in the wide view of its grain by being named by its label."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import duckdb
import jinja2
import pytest

pytestmark = pytest.mark.tier2

MACRO = Path(__file__).parents[2] / "dbt_project" / "macros" / "wide_scores.sql"
LABELS = {
    "label_customers__churn": {"predictive_model": "churn"},
    "label_customers__value": {"predictive_model": "value"},
    # Nobody learns it yet.
    "label_customers__whim": {},
    "label_leads__conversion": {"predictive_model": "conversion"},
    "dim_customers": {"predictive_model": "no label"},
}
LONG = """
    create table scores as
    select *, null::varchar as reason_2, null::varchar as reason_3, date '2018-01-01' as as_of_date
    from (values
        ('churn', 'customers', 'anna', 0.5, 0.4, 0.6, 'high', 'comes seldom'),
        ('churn', 'customers', 'ben', 0.25, 0.2, 0.3, 'low', null),
        ('value', 'customers', 'anna', 120.0, 80.0, 200.0, 'high', 'buys much'),
        ('conversion', 'leads', 'cy', 0.1, 0.0, 0.2, 'low', null)
    ) as t (predictive_model, grain, subject_id, score, score_lower, score_upper, score_band, reason_1)
"""


def wide(grain: str, key_column: str) -> duckdb.DuckDBPyRelation:
    nodes = {
        name: SimpleNamespace(name=name, config=SimpleNamespace(meta=meta)) for name, meta in LABELS.items()
    }
    environment = jinja2.Environment(extensions=["jinja2.ext.do"], autoescape=False)
    module = environment.from_string(
        MACRO.read_text(encoding="utf-8"),
        globals={"execute": True, "graph": SimpleNamespace(nodes=nodes), "ref": lambda _: "scores"},
    ).module
    connection = duckdb.connect()
    connection.execute(LONG)
    return connection.sql(f"select * from ({module.wide_scores(grain, key_column)}) order by {key_column}")


def test_scores_of_one_customer_stand_side_by_side() -> None:
    rows = wide("customers", "customer_id").project(
        "customer_id, churn_score, churn_lower, churn_upper, churn_band, churn_reason_1, "
        "value_score, value_band"
    )
    anna, ben = (
        tuple(float(value) if isinstance(value, Decimal) else value for value in row)
        for row in rows.fetchall()
    )
    assert anna == ("anna", 0.5, 0.4, 0.6, "high", "comes seldom", 120.0, "high")
    assert ben == ("ben", 0.25, 0.2, 0.3, "low", None, None, None)


def test_each_grain_has_its_own_models_and_no_others() -> None:
    assert [name for name in wide("customers", "customer_id").columns if name.endswith("_score")] == [
        "churn_score",
        "value_score",
    ]
    assert [name for name in wide("leads", "lead_id").columns if name.endswith("_score")] == [
        "conversion_score"
    ]
    assert wide("sessions", "session_id").columns == ["session_id"]
