from __future__ import annotations

import datetime
import re
from decimal import Decimal
from html.parser import HTMLParser
from xml.etree import ElementTree

import pandas as pd
import pytest
from report_frames import full_frames, without_scores

from dashboards.report import TABLES, render

pytestmark = pytest.mark.tier1

BY_SOURCE = [
    "key-figures", "sales", "cohorts", "segments", "lifecycle", "categories", "baskets", "hours", "channels",
    "campaigns", "churn-risk",
]  # fmt: skip
TRUST = ["entities", "identities", "identity", "churn-model", "gates", "quarantine"]
HOSTILE = "<script>alert('x')</script>\"&"


class PageText(HTMLParser):
    """Collects what a reader sees, and complains about tags that are closed out of order."""

    VOID = frozenset({"meta", "br"})

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.texts: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not {"script", "style"} & set(self.open):
            self.texts.append(data)


@pytest.fixture(scope="module")
def frames() -> dict[str, pd.DataFrame]:
    return full_frames()


@pytest.fixture(scope="module")
def page(frames: dict[str, pd.DataFrame]) -> str:
    return render(frames)


def article(page: str, key: str) -> str:
    return page.split(f'<article id="{key}"')[1].split("</article>", maxsplit=1)[0]


def section(page: str, anchor: str) -> str:
    return page.split(f'<section id="{anchor}">')[1].split("</section>", maxsplit=1)[0]


def text_of(page: str) -> str:
    return " ".join(" ".join(PageText(page).texts).split())


def test_every_section_of_every_source_is_there_and_linked(page: str) -> None:
    anchors = [f"{source}--{key}" for source in ("grocer", "gift_shop") for key in BY_SOURCE]
    for anchor in [*anchors, *(f"trust--{key}" for key in TRUST)]:
        assert page.count(f'id="{anchor}"') == 1, anchor
        assert f'href="#{anchor}"' in page


def test_every_figure_has_a_takeaway_and_a_caption(page: str) -> None:
    figures = re.findall("<figure[ >]", page)
    assert len(figures) == page.count('class="takeaway"') == page.count("<figcaption>")
    assert len(figures) >= 35
    assert not re.search(r'class="takeaway">(<span class="stamp">[A-Z ]+</span>)?\s*</p>', page)


def test_the_head_says_what_is_real_and_what_is_simulated(page: str) -> None:
    head = text_of(page.split("<header")[1].split("</header>", maxsplit=1)[0])
    assert "The Grocer real data" in head
    assert "The Gift Shop SIMULATED orders" in head
    assert "as of the end of 3 Jan 2024" in head
    assert "published 4 Jan 2024, 05:06 UTC" in head


def test_currencies_stay_in_their_chapter(page: str) -> None:
    assert "$" in article(page, "grocer")
    assert "£" not in article(page, "grocer")
    assert "£" in article(page, "gift_shop")
    assert "$" not in article(page, "gift_shop")
    assert not re.search("[$£]", article(page, "trust"))


def test_nothing_is_loaded_from_elsewhere(page: str) -> None:
    assert not re.search(
        r"https?:|//[a-z]+\.|\bsrc=|@import|url\(|fetch\(|XMLHttpRequest|<link|<iframe", page
    )
    assert set(re.findall(r'href="(.)', page)) == {"#"}
    assert "default-src 'none'" in page


def test_the_page_is_small_and_well_formed(page: str) -> None:
    assert len(page.encode()) < 700_000
    assert PageText(page).open == []
    drawings = re.findall(r"<svg.*?</svg>", page, re.DOTALL)
    assert len(drawings) > 20
    for drawing in drawings:
        ElementTree.fromstring(drawing)


def test_no_number_is_left_unformatted(page: str) -> None:
    assert not re.search(r"\b(nan|NaN|NaT|None|inf|NA)\b|[{}]", text_of(page))
    assert not re.search(r"[ (>][$£]?\d{5,}\b", text_of(page))


def test_without_scores_and_gates_the_page_says_why(frames: dict[str, pd.DataFrame]) -> None:
    page = render(without_scores(frames))
    for anchor in ("grocer--churn-risk", "gift_shop--churn-risk", "trust--churn-model"):
        assert "Not published yet: no churn model has been trained" in section(page, anchor)
    assert "no gate has run here" in section(page, "trust--gates")
    assert "no churn scores published yet" in section(page, "grocer--key-figures")
    assert "<figure" in section(page, "trust--quarantine")


def test_a_model_that_was_not_published_is_shown_with_its_verdict(frames: dict[str, pd.DataFrame]) -> None:
    runs = frames["ml.model_runs"].assign(
        is_published=False, verdict="not published: loses to recency on 2 origins"
    )
    page = render(
        without_scores(frames) | {"ml.model_runs": runs, "ml.model_backtests": frames["ml.model_backtests"]}
    )
    assert "No scores yet. Not published: loses to recency on 2 origins." in section(
        page, "grocer--churn-risk"
    )
    assert "Not published: loses to recency on 2 origins" in section(page, "trust--churn-model")


def test_a_source_without_campaigns_says_so(page: str) -> None:
    assert "This source has no campaigns." in section(page, "gift_shop--campaigns")
    assert "not randomised" in section(page, "grocer--campaigns")
    assert "Not measurable" in section(page, "grocer--campaigns")


def test_returns_and_anonymous_sales_are_told(page: str) -> None:
    assert re.search(r"\d returns beside them", section(page, "gift_shop--key-figures"))
    assert "20% by unknown customers" in section(page, "gift_shop--key-figures")
    assert "unknown customers" not in section(page, "grocer--key-figures")


@pytest.mark.parametrize("keep", [[], ["core.dim_source_systems"], ["marts.fct_sales_daily"]])
def test_a_page_of_next_to_nothing(frames: dict[str, pd.DataFrame], keep: list[str]) -> None:
    page = render({name: frames[name] for name in keep})
    assert PageText(page).open == []
    assert "<figure" not in page


@pytest.mark.slow
@pytest.mark.parametrize("table", TABLES)
def test_any_table_may_be_empty(frames: dict[str, pd.DataFrame], table: str) -> None:
    assert PageText(render(frames | {table: frames[table].iloc[0:0]})).open == []


def test_three_days_of_data_are_enough(frames: dict[str, pd.DataFrame]) -> None:
    sales = frames["marts.fct_sales_daily"]
    page = render(frames | {"marts.fct_sales_daily": sales[sales["order_date"] >= "2024-01-01"]})
    assert "too short for a comparison" in section(page, "grocer--key-figures")
    assert "no complete week" in section(page, "grocer--sales")


def test_values_are_escaped_wherever_they_come_from(frames: dict[str, pd.DataFrame]) -> None:
    hostile = dict(frames)
    for table, column in [
        ("core.dim_source_systems", "source_name"),
        ("marts.dim_customers", "customer_id"),
        ("marts.dim_customers", "source_systems"),
        ("marts.fct_golden_coverage", "attribute_name"),
        ("marts.fct_golden_coverage", "value_source_system"),
        ("ml.customer_scores", "churn_reason_1"),
        ("marts.fct_campaign_effect", "campaign_name"),
        ("marts.fct_category_sales", "category_name"),
        ("marts.fct_category_sales", "department_name"),
        ("marts.fct_rfm_cells", "rfm_segment"),
        ("marts.fct_lifecycle_stages", "lifecycle_stage"),
        ("ml.model_runs", "verdict"),
        ("ml.model_slices", "slice_value"),
        ("quality.validation_results", "message"),
        ("quality.quarantine_reasons", "reason"),
        ("quality.data_notes", "note"),
        ("quality.entity_counts", "entity"),
        ("marts.fct_channel_days", "channel"),
        ("marts.fct_channel_days", "activity_type"),
        ("marts.fct_session_days", "channel"),
        ("ops.publication", "run_id"),
    ]:
        hostile[table] = hostile[table].assign(**{column: HOSTILE})
    page = render(hostile, generated_for=HOSTILE)
    assert "<script>alert" not in page
    assert page.count("<script>") == 1
    assert "&lt;script&gt;alert" in page
    assert PageText(page).open == []


def test_anchors_are_safe_whatever_a_source_is_called(frames: dict[str, pd.DataFrame]) -> None:
    renamed = {
        name: frame.assign(source_system='a "b') if "source_system" in frame else frame
        for name, frame in frames.items()
    }
    assert 'id="a--b--sales"' in render(renamed)


def test_decimals_dates_and_nullable_numbers_read_alike(frames: dict[str, pd.DataFrame], page: str) -> None:
    sales = frames["marts.fct_sales_daily"].copy()
    sales["sales_amount"] = [Decimal(f"{value:.2f}") for value in sales["sales_amount"]]
    sales["order_date"] = [datetime.date(day.year, day.month, day.day) for day in sales["order_date"]]
    sales["order_count"] = sales["order_count"].astype("Int64")
    again = render(frames | {"marts.fct_sales_daily": sales})
    assert section(again, "grocer--sales") == section(page, "grocer--sales")


def test_the_same_frames_give_the_same_page(frames: dict[str, pd.DataFrame], page: str) -> None:
    assert render(frames) == page


def test_whom_the_page_is_for_is_shown(frames: dict[str, pd.DataFrame]) -> None:
    assert "report for the board" in render(frames, generated_for="the board")
