"""Sentences are computed: each story changes the data and expects the sentence to follow."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_frames import full_frames

from dashboards.report import formats
from dashboards.report.drawing import ticks
from dashboards.report.sections import (
    baskets,
    campaigns,
    categories,
    churn_backtests,
    churn_model,
    churn_risk,
    cohorts,
    gates,
    hours,
    key_figures,
    lifecycle,
    quarantine,
    sales,
    segments,
)
from dashboards.report.sections.churn_backtests import scored_customers
from dashboards.report.sections.treemap import Box, squarify
from dashboards.report.source import Source, read_sources
from dashboards.report.tables import Tables
from ml import declaration, metrics

pytestmark = pytest.mark.tier1

Frames = dict[str, pd.DataFrame]


@pytest.fixture
def frames() -> Frames:
    return full_frames()


def grocer(frames: Frames) -> Source:
    return next(source for source in read_sources(Tables(frames)) if source.source_system == "grocer")


def with_change(
    frames: Frames, table: str, column: str, change: object, where: pd.Series | None = None
) -> Frames:
    frame = frames[table].copy()
    rows = slice(None) if where is None else where
    frame.loc[rows, column] = change(frame.loc[rows, column]) if callable(change) else change
    return frames | {table: frame}


def test_sales_that_double_are_said_to_grow(frames: Frames) -> None:
    dates = frames["marts.fct_sales_daily"]["order_date"]
    end = pd.Timestamp("2024-01-04")
    flat = with_change(frames, "marts.fct_sales_daily", "sales_amount", 100.0)
    assert key_figures.takeaway(grocer(flat)).startswith("Sales hardly moved against the 12 weeks before")
    last = dates >= end - pd.Timedelta(days=84)
    doubled = with_change(flat, "marts.fct_sales_daily", "sales_amount", 200.0, last)
    assert key_figures.takeaway(grocer(doubled)).startswith(
        "Sales grew by 100.0% against the 12 weeks before"
    )
    halved = with_change(flat, "marts.fct_sales_daily", "sales_amount", 50.0, last)
    assert "Sales fell by 50.0%" in key_figures.takeaway(grocer(halved))


def test_the_best_week_is_a_whole_one(frames: Frames) -> None:
    dates = frames["marts.fct_sales_daily"]["order_date"]
    flat = with_change(frames, "marts.fct_sales_daily", "sales_amount", 100.0)
    peak = with_change(flat, "marts.fct_sales_daily", "sales_amount", 400.0, dates == "2023-03-15")
    # The last week has three days only: neither its sales nor their lack make it the best or the weakest.
    peak = with_change(peak, "marts.fct_sales_daily", "sales_amount", 0.0, dates >= "2024-01-01")
    source = grocer(peak)
    text = sales.takeaway(source, sales.weekly_sales(source))
    assert "A usual week brings $700; the best one, from 13 Mar 2023, brought $1,000 (+43%)" in text
    assert "2024" not in text
    section = sales.section(source)
    assert "3 of 7 days" in " ".join(section.figures[0].notes)
    assert "week not complete" in section.figures[0].body


def test_retention_leaves_the_first_months_of_the_history_out(frames: Frames) -> None:
    rows = frames["marts.fct_cohort_retention"]
    late = rows["cohort_month"] >= "2023-04-01"
    after = rows["months_since_first_order"] > 0
    changed = with_change(frames, "marts.fct_cohort_retention", "active_customer_count", 0, after & ~late)
    changed = with_change(
        changed,
        "marts.fct_cohort_retention",
        "active_customer_count",
        rows["cohort_customer_count"] // 2,
        after & late,
    )
    source = grocer(changed)
    assert cohorts.takeaway(source.rows("marts.fct_cohort_retention"), source) == (
        "Of the newcomers since Apr 2023, 50% bought again in the month after their first order and 50% six "
        "months later."
    )
    grid = cohorts.section(source).figures[0]
    assert "Jan 2023°" in grid.body
    assert "Apr 2023°" not in grid.body
    assert 'class="incomplete"' in grid.body


def test_the_richest_segment_leads(frames: Frames) -> None:
    where = frames["marts.fct_rfm_cells"]["rfm_segment"] == "lapsed"
    changed = with_change(frames, "marts.fct_rfm_cells", "sales_amount", 1e6, where)
    source = grocer(changed)
    text = segments.takeaway(segments.by_segment(source.rows("marts.fct_rfm_cells")), source)
    assert text.startswith(
        "Lapsed are 6% of the customers and bring 99% of sales; 69 once frequent customers"
    )


def test_the_stage_that_moved_most_is_named(frames: Frames) -> None:
    rows = frames["marts.fct_lifecycle_stages"]
    flat = with_change(frames, "marts.fct_lifecycle_stages", "customer_count", 100)
    last = (rows["lifecycle_stage"] == "lost") & (rows["as_of_date"] == rows["as_of_date"].max())
    assert "no stage changed" in lifecycle.takeaway(
        lifecycle.by_date(grocer(flat).rows("marts.fct_lifecycle_stages"))
    )
    moved = with_change(flat, "marts.fct_lifecycle_stages", "customer_count", 400, last)
    assert lifecycle.takeaway(lifecycle.by_date(grocer(moved).rows("marts.fct_lifecycle_stages"))) == (
        "40% of 1,000 customers are engaged (new, active, loyal or won back); over the last twelve weeks "
        "“lost” grew most, from 100 to 400."
    )


def test_growth_compares_whole_months(frames: Frames) -> None:
    rows = frames["marts.fct_category_sales"]
    flat = with_change(frames, "marts.fct_category_sales", "sales_amount", 100.0)
    # January 2024 has three days: it belongs to neither period.
    flat = with_change(
        flat, "marts.fct_category_sales", "sales_amount", 0.0, rows["order_month"] == "2024-01-01"
    )
    autumn = rows["order_month"].between("2023-10-01", "2023-12-01")
    changed = with_change(
        flat, "marts.fct_category_sales", "sales_amount", 150.0, autumn & (rows["category_id"] == "milk")
    )
    changed = with_change(
        changed, "marts.fct_category_sales", "sales_amount", 20.0, autumn & (rows["category_id"] == "wine")
    )
    source = grocer(changed)
    shaped = categories.by_category(source.rows("marts.fct_category_sales"), source)
    ranked = shaped.sort_values("growth", ascending=False)
    assert categories.growth_takeaway(ranked) == (
        "Milk grew most (+50%), Wine shrank most (−80%); 1 of 6 larger categories grew."
    )
    assert "Dairy is the largest department" in categories.takeaway(shaped)


def test_the_strongest_pair_needs_support(frames: Frames) -> None:
    source = grocer(frames)
    pairs = baskets.strongest_pairs(source.rows("marts.fct_category_affinity"), source)
    assert list(pairs["lift"]) == [1.9, 1.3]
    assert (
        baskets.takeaway(pairs)
        == "45% of the baskets with “Bread” also hold “Cheese”: 1.9 times as many as by chance."
    )


def test_the_busiest_hour_follows_the_orders(frames: Frames) -> None:
    rows = frames["marts.fct_sales_by_hour"]
    busy = (rows["weekday_number"] == 6) & (rows["hour_of_day"] == 11)
    changed = with_change(frames, "marts.fct_sales_by_hour", "order_count", 10_000, busy)
    text = hours.takeaway(hours.by_hour(grocer(changed).rows("marts.fct_sales_by_hour")))
    assert text.startswith("The busiest hour is Saturday 11–12 h; Saturday is the strongest day with 9")


def test_campaigns_count_only_when_the_interval_leaves_out_zero(frames: Frames) -> None:
    def text(changed: Frames) -> str:
        source = grocer(changed)
        rows = source.rows("marts.fct_campaign_effect")
        return campaigns.takeaway(rows[rows["is_measurable"]], source)

    assert text(frames) == (
        "4 of 6 measurable campaigns show more spending by recipients than chance explains; the clearest is "
        "Campaign 5 with +$45 per recipient; Campaign 0 was redeemed most (10%)."
    )
    none = with_change(frames, "marts.fct_campaign_effect", "effect_lower_amount", -1.0)
    assert text(none).startswith("0 of 6 measurable campaigns show more spending")


def test_churn_risk_follows_the_bands(frames: Frames) -> None:
    band = (
        frames["ml.customer_scores"]["customer_id"]
        .isin(["grocer:1", "grocer:2"])
        .map({True: "high", False: "low"})
    )
    changed = with_change(frames, "ml.customer_scores", "churn_band", lambda _: band)
    changed = with_change(changed, "ml.customer_scores", "churn_score", 0.5)
    changed = with_change(changed, "marts.dim_customers", "sales_amount", 1000.0)
    source = grocer(changed)
    scored = scored_customers(source)
    assert churn_risk.distribution_takeaway(scored, source) == (
        "2 customers at high risk hold 1% of the 150 expected leavers; they have spent $2,000 so far."
    )
    shown = churn_risk.most_at_risk(scored)
    assert set(shown["customer_id"]) == {"grocer:1", "grocer:2"}
    assert "have spent $2,000, 100% of what all" in churn_risk.at_risk_takeaway(shown, scored, source)


def test_the_rule_to_beat_is_the_best_one_at_each_origin(frames: Frames) -> None:
    rows = frames["ml.model_backtests"]
    first = rows["origin_date"] == rows["origin_date"].min()
    lucky = first & (rows["candidate"] == "mean_gap") & (rows["metric"] == "roc_auc")
    changed = with_change(frames, "ml.model_backtests", "metric_value", 0.99, lucky)
    tests = churn_backtests.by_origin(Tables(changed).get("ml.model_backtests"))
    assert tests["rule"].iloc[0] == "mean_gap"
    assert tests["rule_roc_auc"].iloc[0] == 0.99
    assert churn_backtests.takeaway(tests).startswith(
        "The model beats the best simple rule on 4 of 5 back-tests"
    )


def test_a_rule_that_need_not_be_beaten_sets_no_bar(frames: Frames) -> None:
    rows = frames["ml.model_backtests"]
    bar = rows[rows["candidate"] == "recency"].assign(candidate=churn_backtests.BEST_RULE)
    reference = rows[rows["candidate"] == "mean_gap"].assign(metric_value=0.95)
    others = rows[rows["candidate"] != "mean_gap"]
    changed = {"ml.model_backtests": pd.concat([others, reference, bar], ignore_index=True)}
    tests = churn_backtests.by_origin(Tables(changed).get("ml.model_backtests"))
    assert set(tests["rule"]) == {"recency"}
    assert churn_backtests.takeaway(tests).startswith("The model beats the best simple rule on 5 of 5")


def test_the_names_are_those_that_evaluation_writes() -> None:
    assert churn_backtests.BEST_RULE == declaration.BEST_RULE
    assert set(churn_backtests.METRICS) <= set(metrics.METRICS)


def test_back_tests_without_a_rule_claim_no_victory(frames: Frames) -> None:
    rows = frames["ml.model_backtests"]
    tests = churn_backtests.by_origin(
        Tables({"ml.model_backtests": rows[~rows["is_baseline"]]}).get("ml.model_backtests")
    )
    assert "no simple rule was tested" in churn_backtests.takeaway(tests)


def test_calibration_gap_is_weighted_by_customers() -> None:
    rows = pd.DataFrame(
        {"row_count": [90.0, 10.0], "mean_predicted": [0.1, 0.5], "observed_share": [0.1, 0.7]}
    )
    assert churn_model.calibration_takeaway(rows) == (
        "Predicted and observed shares differ by 2.0 percentage points on average, most where 50% was "
        "predicted and 70% left."
    )


def test_slices_with_few_leavers_are_not_judged(frames: Frames) -> None:
    assert churn_model.slice_takeaway(Tables(frames).get("ml.model_slices")) == (
        "The score ranks best for value tier gold (AUC 0.880) and worst for value tier bronze (AUC 0.830)."
    )


def test_a_critical_failure_stops_and_a_warning_tells(frames: Frames) -> None:
    def told(changed: Frames) -> tuple[str, str]:
        (figure,) = gates.section(Tables(changed)).figures
        return figure.takeaway, figure.body

    text, body = told(frames)
    assert text == "43 of 44 checks at 3 gates passed; failed: 1 warning."
    assert "passed with warnings" in body
    assert body.count("Returns are rows of their own.") == 1
    assert "stopped" not in body
    text, body = told(with_change(frames, "quality.validation_results", "severity", "critical"))
    assert text.endswith("failed: 1 critical.")
    assert "stopped" in body
    text, _ = told(with_change(frames, "quality.validation_results", "is_passed", True))
    assert text == "44 of 44 checks at 3 gates passed."


def test_only_the_last_run_of_a_gate_counts(frames: Frames) -> None:
    rows = frames["quality.validation_results"]
    old = rows.assign(
        run_id="run-6", is_passed=False, validated_at=rows["validated_at"] - pd.Timedelta(days=1)
    )
    both = {"quality.validation_results": pd.concat([rows, old], ignore_index=True)}
    assert gates.section(Tables(both)).figures[0].takeaway.startswith("43 of 44 checks")


def test_quarantine_adds_up(frames: Frames) -> None:
    summary, reasons = (
        table[table["source_system"] == "grocer"]
        for table in (frames["quality.quarantine_summary"], frames["quality.quarantine_reasons"])
    )
    assert quarantine.takeaway(summary, reasons) == (
        "4,872 of 116,204 landed rows (4.19%) are kept out, most of them for “exact duplicate” in coupons."
    )
    assert (
        quarantine.takeaway(summary.assign(quarantined_row_count=0), reasons)
        == "All 116,204 landed rows were accepted."
    )


def test_many_campaigns_that_cannot_be_measured_are_counted(frames: Frames) -> None:
    rows = frames["marts.fct_campaign_effect"]
    many = pd.concat([rows] * 3, ignore_index=True).assign(is_measurable=False)
    source = grocer(frames | {"marts.fct_campaign_effect": many})
    assert campaigns.section(source).missing.endswith("Campaign 2, Campaign 2 and 13 more.")


def test_a_small_share_of_unknown_customers_is_not_written_as_none(frames: Frames) -> None:
    few = with_change(frames, "marts.fct_sales_daily", "sales_amount", 1000.0)
    few = with_change(few, "marts.fct_sales_daily", "anonymous_sales_amount", 2.5)
    assert "; 0.25% by unknown customers" in key_figures.section(grocer(few)).figures[0].body


def test_no_oddities_need_no_table(frames: Frames) -> None:
    none = with_change(frames, "quality.data_notes", "row_count", 0)
    figure = quarantine.section(Tables(none)).figures[2]
    assert figure.takeaway == "None of the known oddities was found."
    assert figure.body == ""
    assert "order lines with quantity zero" in figure.notes[0]


def test_real_sources_come_first(frames: Frames) -> None:
    turned = with_change(frames, "core.dim_source_systems", "is_simulated", [True, False])
    assert [source.source_system for source in read_sources(Tables(turned))] == ["gift_shop", "grocer"]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (formats.money(-1234.5, "USD", 2), "−$1,234.50"),
        (formats.money(-0.2, "GBP"), "£0"),
        (formats.money(1234.0, "SEK"), "SEK 1,234"),
        (formats.short_money(4_596_039.58, "USD"), "$4.60 M"),
        (formats.short_money(999_900.0, "USD"), "$1.00 M"),
        (formats.short_money(float("nan"), "USD"), "–"),
        (formats.axis_money(2500.0, 20_000.0, "USD"), "$2.5 k"),
        (formats.change(0.123), "+12.3%"),
        (formats.change(-0.0001), "0.0%"),
        (formats.share(1.5), "150%"),
        (formats.listing(["a", "b", "c"]), "a, b and c"),
        (formats.listing([]), ""),
        (formats.plural(1, "category", "categories"), "1 category"),
        (formats.day(pd.Timestamp("2017-12-03")), "3 Dec 2017"),
    ],
)
def test_numbers_are_written_for_people(written: str, expected: str) -> None:
    assert written == expected


@given(st.lists(st.floats(1, 1e6), min_size=1, max_size=30), st.floats(50, 900), st.floats(50, 900))
def test_a_treemap_fills_its_box_in_proportion(values: list[float], width: float, height: float) -> None:
    values = sorted(values, reverse=True)
    boxes = squarify(values, Box(0, 0, width, height))
    for value, box in zip(values, boxes, strict=True):
        assert box.width * box.height == pytest.approx(
            value / sum(values) * width * height, rel=1e-6, abs=1e-6
        )
        assert box.x >= -1e-6
        assert box.x + box.width <= width + 1e-6
        assert box.y >= -1e-6
        assert box.y + box.height <= height + 1e-6


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6))
def test_ticks_are_few_and_within_the_axis(low: float, span: float) -> None:
    found = ticks(low, low + span)
    assert 1 <= len(found) <= 8
    assert all(low - span * 1e-6 <= tick <= low + span * (1 + 1e-6) for tick in found)
