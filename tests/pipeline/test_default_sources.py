"""A new user's warehouse: the real grocery data and the simulated channels around it, on a slice of both."""

from __future__ import annotations

from pathlib import Path

import duckdb
import installations
import pytest
from installations import Installation

from orchestration.settings import Settings

pytestmark = [pytest.mark.tier3, pytest.mark.builds(3), pytest.mark.timeout(1800)]

REAL, SIMULATED = "complete_journey", "digital_twin"
# What the simulated source fills besides what the real one does.
ONLY_SIMULATED = {
    "dim_accounts",
    "bdg_account_contacts",
    "dim_loyalty_levels",
    "fct_ad_touches",
    "fct_behaviour_events",
    "fct_consents",
    "fct_deliveries",
    "fct_experiment_assignments",
    "fct_feedback",
    "fct_invitations",
    "fct_leads",
    "fct_loyalty_ledger",
    "fct_message_events",
    "fct_opportunities",
    "fct_payments",
    "fct_responses",
    "fct_sessions",
    "fct_store_visits",
    "fct_ticket_messages",
    "fct_tickets",
}


@pytest.fixture(scope="module")
def core_columns(both: Installation) -> dict[str, list[str]]:
    """The published columns of core, by table."""
    columns: dict[str, list[str]] = {}
    for table, column in both.published(
        "select table_name, column_name from duckdb_columns() where schema_name = 'core' order by all"
    ):
        columns.setdefault(table, []).append(column)
    return columns


def test_both_are_the_default() -> None:
    assert Settings.from_environment({}).sources == (REAL, SIMULATED)


def test_every_entity_is_filled_and_no_column_is_null_throughout(
    both: Installation, core_columns: dict[str, list[str]]
) -> None:
    empty = []
    for table, columns in core_columns.items():
        counts = both.published(
            f"select count(*), {', '.join(f'count({column})' for column in columns)} from core.{table}"
        )[0]
        empty += [table] if counts[0] == 0 else []
        empty += [
            f"{table}.{column}" for column, count in zip(columns, counts[1:], strict=True) if count == 0
        ]
    assert empty == []


def test_every_row_says_whether_it_is_simulated(
    both: Installation, core_columns: dict[str, list[str]]
) -> None:
    """Each table of core names the source, and the source says whether it is real."""
    assert both.published("select source_system, is_simulated from core.dim_source_systems order by all") == [
        (REAL, False),
        (SIMULATED, True),
    ]
    without_source = [
        table
        for table, columns in core_columns.items()
        if "source_system" not in columns and table not in {"dim_categories", "int_as_of__resolved"}
    ]
    assert without_source == []
    for table in sorted(ONLY_SIMULATED):
        assert both.published(f"select distinct source_system from core.{table}") == [(SIMULATED,)], table
    assert both.published(
        "select count(*) from core.fct_activities as activities "
        "inner join core.dim_source_systems as systems using (source_system) "
        "where activities.is_simulated <> systems.is_simulated"
    ) == [(0,)]


def test_the_report_marks_what_is_simulated(both: Installation) -> None:
    page = (both.settings.published_path.parent / "report.html").read_text()
    assert "SIMULATED" in page


def test_scores_come_from_real_customers_only(both: Installation) -> None:
    """The simulated source declares no churn population: no score rests on made-up customers."""
    assert both.published(
        "select distinct source_system from marts.dim_customers "
        "semi join ml.customer_scores using (customer_id)"
    ) in ([], [(REAL,)])


def test_real_figures_are_those_of_the_real_source_alone(both: Installation, tmp_path: Path) -> None:
    alone = installations.new_installation(tmp_path / "alone", WAREHOUSE_SOURCES=REAL)
    alone.build()
    with duckdb.connect() as connection:
        for name, installation in (("one", both), ("other", alone)):
            connection.execute(f"attach '{installation.settings.published_path}' as {name} (read_only)")
        for table in (
            "core.fct_orders",
            "core.fct_order_lines",
            "marts.fct_sales_daily",
            "marts.fct_rfm_cells",
        ):
            columns = [
                row[0]
                for row in connection.execute(f"select column_name from (describe one.{table})").fetchall()
                if row[0] != "loaded_at"
            ]
            chosen = f"select {', '.join(columns)} from %s.{table} where source_system = '{REAL}'"
            differing = connection.execute(
                f"select count(*) from (({chosen % 'one'} except all {chosen % 'other'}) union all "
                f"({chosen % 'other'} except all {chosen % 'one'}))"
            ).fetchall()[0][0]
            assert differing == 0, table
        assert (
            connection.execute(
                f"select count(*) from one.marts.dim_customers where source_system = '{REAL}'"
            ).fetchall()
            == connection.execute("select count(*) from other.marts.dim_customers").fetchall()
        )


def test_what_landed_was_accepted_or_is_in_quarantine(both: Installation) -> None:
    rows = both.published(
        "select source_table, landed_row_count - accepted_row_count - quarantined_row_count "
        f"from quality.quarantine_summary where source_system = '{SIMULATED}'"
    )
    assert len(rows) == 30
    assert [row for row in rows if row[1] != 0] == []
    reasons = both.published(
        f"select count(distinct reason) from quality.quarantine_reasons where source_system = '{SIMULATED}'"
    )[0][0]
    assert reasons >= 8


def test_a_second_build_finds_nothing_new(both: Installation) -> None:
    answer = both.build()
    assert answer.content["is_new"] is False, answer.output


def test_one_timeline_for_every_customer_record(both: Installation) -> None:
    """Nobody's timeline has a gap in its numbers, or goes back in time."""
    assert both.published(
        "select count(*) from (select customer_id, count(*) as touches, max(activity_number) as last_number "
        "from marts.fct_customer_activities group by customer_id) where touches <> last_number"
    ) == [(0,)]
    assert both.published(
        "select count(*) from (select occurred_at, lag(occurred_at) over (partition by customer_id "
        "order by activity_number) as before from marts.fct_customer_activities) where before > occurred_at"
    ) == [(0,)]


def test_no_view_is_too_long_for_the_catalogue_of_spark(both: Installation) -> None:
    assert (
        both.built(
            "select view_name, length(sql) from duckdb_views() where not internal and length(sql) > 30000"
        )
        == []
    )


def test_customers_are_people(both: Installation) -> None:
    """Of the truth that the twin writes beside its files, most is found, and next to nothing is wrong."""
    truth = both.settings.warehouse_dir / "generated" / f"{SIMULATED}_truth"
    answer = both.insight("match-quality", "--json", "--truth", str(truth))
    assert answer.exit_code == 0, answer.output
    found = {row["metric"]: row["full"] for row in answer.content["quality"]}
    assert found["pairwise_precision"] >= 0.995
    assert found["pairwise_recall"] >= 0.97
    assert found["bcubed_f1"] >= 0.98
    assert found["expected_calibration_error"] <= 0.05
    # Authors of posts are found by the profiles that accounts and members tell of.
    systems = {row["system"]: row for row in answer.content["systems"]}
    assert systems["social"]["bcubed_recall"] >= 0.85
    assert min(row["bcubed_precision"] for row in systems.values()) >= 0.99
    # The measures stay, the truth does not.
    assert both.built("select count(distinct run_id) from quality.match_quality") == [(1,)]
    assert not both.built("select 1 from duckdb_columns() where column_name = 'person_id'")
