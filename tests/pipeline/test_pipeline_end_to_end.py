"""From deliveries to a publication and a report, by the command line alone."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pytest
import sliced_data
from finished_builds import Grown
from installations import Installation, differences, identity_of

pytestmark = [pytest.mark.tier3, pytest.mark.builds(1), pytest.mark.timeout(1800)]

SOURCE = "complete_journey"


def test_readers_get_what_is_theirs_and_nothing_else(sliced: Installation) -> None:
    tables = sliced.published("select schema_name, table_name from duckdb_tables()")
    assert {schema for schema, _ in tables} == {"core", "identity", "marts", "ml", "ops", "quality"}
    assert not [table for _, table in tables if table.startswith(("base_", "stg_", "int_"))]
    assert {
        ("core", "fct_order_lines"),
        ("core", "fct_orders"),
        ("marts", "dim_customers"),
        ("marts", "fct_customer_lifecycle"),
        ("ml", "model_backtests"),
        ("ml", "scores"),
        ("quality", "quarantine"),
        ("quality", "validation_results"),
    } <= set(tables)


def test_what_was_delivered_is_what_was_published(sliced: Installation) -> None:
    delivered = duckdb.sql(
        "select count(*), count(distinct basket_id), round(sum(sales_value), 2) "
        f"from '{sliced.data}/transactions.parquet'"
    ).fetchall()
    assert delivered == sliced.published(
        "select count(*), count(distinct order_id), cast(sum(sales_amount) as double) "
        "from core.fct_order_lines"
    )
    assert delivered == sliced.published(
        "select sum(line_count), count(*), cast(sum(sales_amount) as double) from core.fct_orders"
    )


def test_everybody_who_is_known_is_a_customer(sliced: Installation) -> None:
    buyers, known = duckdb.sql(
        f"""
        with buyers as (select distinct household_id from '{sliced.data}/transactions.parquet'),
        known as (from buyers union select household_id from '{sliced.data}/demographics.parquet')
        select (select count(*) from buyers), (select count(*) from known)
        """
    ).fetchall()[0]
    assert buyers == sliced_data.SHOPPERS < known
    stages = sliced.published(
        "select lifecycle_stage = 'prospect', order_count > 0, count(*) from marts.dim_customers "
        "group by all order by all"
    )
    assert stages == [(False, True, buyers), (True, False, known - buyers)]


def test_all_three_gates_looked_and_passed(sliced: Installation) -> None:
    gates = sliced.published(
        "select gate, bool_and(is_passed or severity <> 'critical'), count(*) "
        "from quality.validation_results group by gate"
    )
    assert {gate: passed for gate, passed, _ in gates} == {
        f"arrival_{SOURCE}": True,
        "training_churn": True,
        "publishing": True,
    }


def test_the_model_was_judged_and_its_scores_came_back_to_the_customers(sliced: Installation) -> None:
    [(is_published, verdict)] = sliced.published("select is_published, verdict from ml.model_runs")
    assert is_published, f"choose another seed for the slice: {verdict}"
    scored = sliced.published(
        "select count(*), count(churn_score), min(churn_score), max(churn_score), count(churn_reason_1) "
        "from marts.dim_customers inner join ml.customer_scores using (customer_id)"
    )[0]
    assert scored[0] == scored[1] == scored[4] == sliced.published("select count(*) from ml.scores")[0][0]
    assert scored[0] > 100
    assert 0 <= scored[2] < scored[3] <= 1


def test_the_report_is_one_file_that_needs_nothing_else(sliced: Installation) -> None:
    page = sliced.settings.report_path.read_text(encoding="utf-8")
    loads = re.findall(r"""<(?:script|img|iframe|source|embed)[^>]*\ssrc\s*=\s*["']?([^"'\s>]+)""", page)
    loads += re.findall(r"""<link[^>]*\shref\s*=\s*["']?([^"'\s>]+)""", page)
    loads += re.findall(r"""@import\s+["']?([^"';]+)|url\(\s*["']?(?!data:|#)([^"')]+)""", page)
    assert [address for address in loads if not str(address).startswith(("data:", "#"))] == []
    assert page.count("<svg") > 5
    assert {path.name for path in sliced.settings.published_dir.iterdir()} == {
        "insight.duckdb",
        "report.html",
    }


def test_status_says_what_is_published_and_how_it_came_about(sliced: Installation) -> None:
    status = sliced.insight("status", "--json").content
    publication = status["publication"]
    assert (publication["as_of"], publication["sources"]) == ("2017-12-31", [SOURCE])
    assert publication["report"] == str(sliced.settings.report_path)
    assert {gate["gate"]: gate["failed"] for gate in publication["gates"]} == {
        f"arrival_{SOURCE}": 0,
        "training_churn": 0,
        "publishing": 0,
    }
    assert publication["predictive_models"][0]["predictive_model"] == "churn"
    assert [build["status"] for build in status["builds"]] == ["complete"]
    assert status["building"] is None


def test_building_again_with_nothing_new_stops_at_once_and_touches_nothing(sliced: Installation) -> None:
    files = [sliced.settings.published_path, sliced.settings.report_path]
    before = [identity_of(path) for path in files]
    answer = sliced.build()
    assert not answer.content["is_new"]
    assert answer.seconds < 20
    assert [identity_of(path) for path in files] == before


def test_a_later_day_is_taken_in_without_building_again(grown: Grown, last_day: Path) -> None:
    assert grown.answer.content["is_new"]
    assert grown.answer.content["as_of"] == "2018-01-01"
    newest = grown.installation.builds()[0]
    assert (newest["status"], newest["full_refresh_reason"]) == ("complete", None)
    landed = grown.installation.published(
        f"select file_name, row_count from ops.landed_batches where file_name = '{last_day.name}'"
    )
    assert landed == duckdb.sql(f"select '{last_day.name}', count(*) from '{last_day}'").fetchall()


def test_a_day_taken_in_later_gives_the_same_as_all_days_at_once(
    grown: Grown, both_days: Installation
) -> None:
    assert differences(grown.installation, both_days) == []


def test_the_quarantine_shows_what_was_kept_out_and_why(grown: Grown) -> None:
    counts = grown.installation.insight("quarantine", "--json").content
    assert {(row["source_table"], row["reason"]): row["row_count"] for row in counts}[
        "transactions", "quantity is negative or missing"
    ] == sliced_data.WARTS["negative quantity"][0]
    rows = grown.installation.insight("quarantine", "--rows", "--limit", "1", "--json").content
    assert len(rows) == len(counts)
    assert all(row["row_content"].startswith("{") for row in rows)


def test_rollback_brings_the_day_before_back_and_publish_the_last_one(grown: Grown, tmp_path: Path) -> None:
    installation = grown.installation.copy_to(tmp_path / "installation")
    new, old = (ask_run(installation, path) for path in ("published_path", "previous_path"))
    rolled_back = installation.insight("rollback", "--json").content
    assert (rolled_back["run_id"], rolled_back["as_of"]) == (old, "2017-12-31")
    assert ask_run(installation, "published_path") == old
    assert ask_run(installation, "previous_path") == new
    assert old in installation.settings.report_path.read_text(encoding="utf-8")
    # The build file still holds the last build, which passed its gate.
    published = installation.insight("publish", "--json").content
    assert (published["run_id"], published["as_of"]) == (new, "2018-01-01")
    assert ask_run(installation, "published_path") == new
    assert not differences(installation, grown.installation)


def ask_run(installation: Installation, which: str) -> str:
    path = getattr(installation.settings, which)
    with duckdb.connect(str(path), read_only=True) as connection:
        return str(connection.execute("select run_id from ops.publication").fetchall()[0][0])
