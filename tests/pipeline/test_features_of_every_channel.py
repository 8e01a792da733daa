"""Features of clicks, messages, tickets and leads know nothing that nobody could have known at their date."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path

import duckdb
import pytest
from installations import Installation

sys.path.insert(0, str(Path(__file__).parents[1] / "dbt_project"))

import dbt_runs
from dbt_runs import DbtRuns

from ml.declaration import Declaration, load_declaration
from ml.training import train
from orchestration.modelling import predictive_models
from orchestration.settings import PROJECT_DIR

pytestmark = [pytest.mark.tier3, pytest.mark.builds(2), pytest.mark.timeout(1800)]

# A date of the feature grid, which is counted back from 1 January 2018 in steps of two weeks.
CUT_OFF = dt.date(2018, 1, 1) - 8 * dt.timedelta(weeks=2)
MIDNIGHT = dt.datetime(2017, 9, 11, 4)  # in New York
KEYS = ("customer_id", "lead_id", "session_id")
# What of a fact is written later than the fact itself: the moment, and what else tells that it has come.
WRITTEN_LATER = {
    "fct_leads": {"converted_at": ("is_converted = false", "is_qualified = null", "lead_status = 'open'")},
    "fct_tickets": {"resolved_at": ("ticket_status = 'open'",), "first_replied_at": ()},
}
BY_CHANNEL = ("browsing", "engagement", "messages", "service")

# Each is computed on the facts of today and on those of the cut-off: only a look ahead tells them apart.
LEAKING = {
    # Whose device it was, nobody knew before they logged in.
    "who they turned out to be": """
        select visitors.customer_id, count(*) as views
        from core.fct_activities as activities
        inner join identity.bdg_visitor_customers as visitors on activities.visitor_key = visitors.visitor_key
        where activities.occurred_at < timestamp '{midnight}' and activities.customer_key is null
        group by all
    """,
    # How leads turned out in all the time that is known by now.
    "what became of leads": """
        select lead_source, avg(is_converted::integer) as conversion_rate from core.fct_leads group by all
    """,
    # The day of the cut-off is the future.
    "the day itself": """
        select customer_key, count(*) as tickets
        from core.fct_tickets where occurred_at < timestamp '{midnight}' + interval 14 days group by all
    """,
}
HONEST = """
    select customer_key, count(*) as tickets
    from core.fct_tickets
    where occurred_at < timestamp '{midnight}' and known_at <= timestamp '{midnight}'
    group by all
"""


def _forget_what_came_later(path: Path) -> None:
    """Take out of a build whatever nobody could have known at the cut-off, but for who is whom."""
    with duckdb.connect(str(path)) as connection:
        columns: dict[str, set[str]] = {}
        for table, column in connection.execute(
            "select table_name, column_name from duckdb_columns() "
            "inner join duckdb_tables() using (schema_name, table_name) where schema_name = 'core'"
        ).fetchall():
            columns.setdefault(table, set()).add(column)
        for table, names in columns.items():
            for column in {"occurred_at", "ended_at", "first_seen_at"} & names:
                connection.execute(f"delete from core.{table} where {column} >= timestamp '{MIDNIGHT}'")
            for column in {"known_at"} & names:
                connection.execute(f"delete from core.{table} where {column} > timestamp '{MIDNIGHT}'")
        for table, moments in WRITTEN_LATER.items():
            for moment, others in moments.items():
                changes = ", ".join([*others, f"{moment} = null"])
                connection.execute(
                    f"update core.{table} set {changes} where {moment} >= timestamp '{MIDNIGHT}'"
                )


@pytest.fixture(scope="module")
def past(both: Installation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The build as its facts were at the cut-off, with its features computed again."""
    installation = both.copy_to(tmp_path_factory.mktemp("past") / "installation")
    settings = installation.settings
    _forget_what_came_later(settings.build_path)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in installation.environment.items():
            if name.startswith("WAREHOUSE_"):
                patch.setitem(dbt_runs.SETTINGS, name, value)
        dbt = DbtRuns(PROJECT_DIR / "dbt_project", tmp_path_factory.mktemp("dbt"))
        dbt.run(
            settings.build_path.parent,
            "run",
            "--select",
            "path:models/features",
            "int_activity_spans__by_source",
            "int_local_days__by_quarter_hour",
            "int_as_of__resolved",
            "int_as_of_dates__spined",
            "int_as_of__by_source",
            "fct_order_categories",
            "fct_customer_days",
            as_of=CUT_OFF.isoformat(),
        )
    return settings.build_path


def _tables(path: Path) -> list[str]:
    with duckdb.connect(str(path), read_only=True) as connection:
        return [
            row[0]
            for row in connection.execute(
                "select table_name from duckdb_columns() where schema_name = 'features' "
                "and starts_with(table_name, 'feat_') and column_name = 'as_of_date' order by 1"
            ).fetchall()
        ]


def _differences(present: Path, past: Path, query: str) -> int:
    """Count the rows that only one of two builds gives."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{present}' as present (read_only)")
        connection.execute(f"attach '{past}' as past (read_only)")
        for name in ("present", "past"):
            connection.execute(f"use {name}")
            connection.execute(f"create temp table {name}_rows as {query}")
        return connection.execute(
            "select count(*) from ((from present_rows except all from past_rows) "
            "union all (from past_rows except all from present_rows))"
        ).fetchall()[0][0]


def test_features_of_the_past_are_what_they_were(both: Installation, past: Path) -> None:
    tables = _tables(past)
    assert {f"feat_customers__{theme}" for theme in BY_CHANNEL} <= set(tables)
    assert {"feat_leads__enquiry", "feat_sessions__behaviour"} <= set(tables)
    changed = {}
    for table in tables:
        query = f"from features.{table} where as_of_date <= date '{CUT_OFF}'"
        with duckdb.connect(str(past), read_only=True) as connection:
            assert connection.execute(f"select count(*) from ({query})").fetchall()[0][0] > 100, table
        changed[table] = _differences(both.settings.build_path, past, query)
    assert changed == dict.fromkeys(tables, 0)


@pytest.mark.parametrize("leak", LEAKING)
def test_a_look_ahead_is_caught(both: Installation, past: Path, leak: str) -> None:
    query = LEAKING[leak].format(midnight=MIDNIGHT)
    assert _differences(both.settings.build_path, past, query) > 0


def test_what_does_not_look_ahead_is_not(both: Installation, past: Path) -> None:
    assert _differences(both.settings.build_path, past, HONEST.format(midnight=MIDNIGHT)) == 0


def test_no_feature_is_empty_or_always_the_same(both: Installation) -> None:
    dull = []
    for table in _tables(both.settings.build_path):
        columns = [
            row[0]
            for row in both.built(
                "select column_name from duckdb_columns() "
                f"where table_name = '{table}' and data_type = 'DOUBLE'"
            )
        ]
        counts = both.built(
            f"select {', '.join(f'count(distinct {column})' for column in columns)} from features.{table}"
        )
        dull += [f"{table}.{column}" for column, count in zip(columns, counts[0], strict=True) if count < 2]
    assert dull == []


def test_a_predictive_model_learns_from_channels_that_its_home_source_lacks(both: Installation) -> None:
    """Churn of the grocery's customers, told by what they did on screens as well: a few lines to declare."""
    shipped = load_declaration("churn").model_dump(mode="json")
    declared = Declaration.model_validate(
        {
            **shipped,
            "name": "churn_by_channel",
            "features": {
                "tables": [
                    *shipped["features"]["tables"],
                    *(f"features.feat_customers__{theme}" for theme in BY_CHANNEL),
                ]
            },
            "backtest": {
                "origins": 2,
                "minimum_origins": 1,
                "minimum_training_rows": 200,
                "minimum_test_rows": 20,
            },
            "reason_themes": {},
        }
    )
    examples = predictive_models.read_examples(both.settings, declared)
    assert {"product_views_84d", "messages_opened_84d", "tickets_365d"} <= set(examples.columns)
    on_screens = examples[examples["product_views_84d"] > 0]
    assert 0 < len(on_screens) < len(examples)
    trained = train(declared, examples, "run-1")
    run = trained.frames["model_runs"].iloc[0]
    assert run["source_systems"] == "complete_journey, digital_twin"
    assert "product_views_84d" in run["features"]
