"""Nobody can take simulated data for real: each test takes away one way to do so."""

from __future__ import annotations

import re

import pandas as pd
import pytest
from report_frames import full_frames, with_clicks_only, with_purchases_only

from dashboards.report import render
from dashboards.report.parts import PARTLY_SIMULATED, SIMULATED
from dashboards.report.sections import churn_backtests, entities, identities, quarantine
from dashboards.report.source import read_sources
from dashboards.report.tables import Tables

pytestmark = pytest.mark.tier1

Frames = dict[str, pd.DataFrame]
STAMP = '<span class="stamp">SIMULATED</span>'


@pytest.fixture(scope="module")
def frames() -> Frames:
    return full_frames()


@pytest.fixture(scope="module")
def page(frames: Frames) -> str:
    return render(frames)


def article(page: str, key: str) -> str:
    return page.split(f'<article id="{key}"')[1].split("</article>", maxsplit=1)[0]


def figures(part: str) -> list[str]:
    return re.findall(r"<figure.*?</figure>", part, re.DOTALL)


def unmarked(chapter: str) -> list[str]:
    """Everything in the chapter of a simulated source that lacks a mark of its own."""
    lacking = []
    if not re.match(rf'[^>]*class="chapter simulated">\s*<div class="band">\s*<p>{STAMP}', chapter):
        lacking.append("band")
    for number, heading in enumerate(re.findall(r"<h3>.*?</h3>", chapter, re.DOTALL)):
        if STAMP not in heading:
            lacking.append(f"heading {number}")
    for number, figure in enumerate(figures(chapter)):
        marks = {
            "frame": '<figure class="simulated">',
            "watermark": '<div class="watermark" aria-hidden="true"><span>SIMULATED SIMULATED ',
            "takeaway": f'<p class="takeaway">{STAMP}',
            "caption": '<figcaption><b class="origin">Simulated data: a generator made it up.</b>',
        }
        lacking += [f"{name} of figure {number}" for name, mark in marks.items() if mark not in figure]
    for number, tile in enumerate(re.findall(r'<div class="tile"><h4>.*?</h4>', chapter)):
        if STAMP not in tile:
            lacking.append(f"key figure {number}")
    return lacking


def test_everything_in_a_simulated_chapter_is_marked(page: str) -> None:
    chapter = article(page, "gift_shop")
    assert len(figures(chapter)) >= 14
    assert chapter.count('class="tile"') >= 8
    assert unmarked(chapter) == []


@pytest.mark.parametrize(
    ("marked", "bare"),
    [
        ('<div class="band">', "<div>"),
        (f"<h3>Channels {STAMP}", "<h3>Channels"),
        ('<figure class="simulated">', "<figure>"),
        ('<div class="watermark"', "<div"),
        (f'<p class="takeaway">{STAMP}', '<p class="takeaway">'),
        ('<b class="origin">', "<b>"),
        (f"Sales, 12 weeks {STAMP}", "Sales, 12 weeks"),
    ],
)
def test_one_missing_mark_is_noticed(page: str, marked: str, bare: str) -> None:
    chapter = article(page, "gift_shop")
    assert marked in chapter
    assert len(unmarked(chapter.replace(marked, bare, 1))) == 1


def test_a_simulated_chapter_has_its_marks_without_a_real_one_beside_it(frames: Frames) -> None:
    alone = {
        name: frame[frame["source_system"] == "gift_shop"] if "source_system" in frame else frame
        for name, frame in frames.items()
    }
    page = render(alone)
    assert unmarked(article(page, "gift_shop")) == []
    assert "Nothing in this report is real." in page
    assert "real data" not in page


def test_a_real_chapter_has_no_mark_but_on_what_learned_from_simulated_rows(frames: Frames) -> None:
    runs = frames["ml.model_runs"].assign(source_systems="grocer")
    chapter = article(render(frames | {"ml.model_runs": runs}), "grocer")
    assert "simulated" not in chapter.lower()


def test_a_score_says_which_simulated_rows_it_learned_from(frames: Frames, page: str) -> None:
    partly = f'<p class="takeaway"><span class="stamp">{PARTLY_SIMULATED.upper()}</span>'
    marked = [figure for figure in figures(article(page, "grocer")) if partly in figure]
    assert len(marked) == 2
    assert all('<figure class="simulated">' in figure for figure in marked)
    assert all("learned from the simulated rows of The Gift Shop (simulated)" in figure for figure in marked)
    assert all("<span>PARTLY\u202fSIMULATED PARTLY\u202fSIMULATED " in figure for figure in marked)
    evaluation = page.split('<section id="trust--churn-model">')[1].split("</section>", maxsplit=1)[0]
    assert evaluation.count(partly) == len(figures(evaluation)) == 3
    tile = re.search(r"<h4>At high risk to leave .*?</h4>", article(page, "grocer"))
    assert tile
    assert PARTLY_SIMULATED.upper() in tile.group()

    def learned(sources: str) -> str:
        runs = frames["ml.model_runs"].assign(source_systems=sources)
        return churn_backtests.learned_from(Tables(frames | {"ml.model_runs": runs}))[0]

    assert learned("grocer") == ""
    assert learned("gift_shop") == SIMULATED
    assert learned("grocer, nobody_knows") == PARTLY_SIMULATED


def test_the_navigation_says_what_is_simulated(page: str) -> None:
    navigation = page.split("<nav")[1].split("</nav>", maxsplit=1)[0]
    entry = re.search(r'<div class="simulated">\s*<a class="chapter" href="#gift_shop">(.*?)</a>', navigation)
    assert entry
    assert entry.group(1) == f"The Gift Shop (simulated) {STAMP}"
    assert navigation.count("stamp") == 1


def test_the_head_says_who_made_it_up(page: str) -> None:
    head = " ".join(page.split("<header")[1].split("<nav", maxsplit=1)[0].split())
    assert "The Gift Shop (simulated)</h1>" in head
    assert f'<aside class="band" aria-label="Simulated data"> <p>{STAMP}' in head
    assert "The Gift Shop: a generator made up every row of this source; none of it happened." in head
    assert "The Gift Shop (simulated)" in page.split("<title>")[1].split("</title>", maxsplit=1)[0]
    assert "Nothing in this report is real" not in head


def test_without_a_simulated_source_nobody_speaks_of_one(frames: Frames) -> None:
    real = {
        "core.dim_source_systems": frames["core.dim_source_systems"].assign(is_simulated=False),
        "marts.dim_customers": frames["marts.dim_customers"].assign(has_simulated_records=False),
        "marts.fct_golden_coverage": frames["marts.fct_golden_coverage"].assign(is_simulated=False),
    }
    page = render(frames | real)
    body = page.split("<body>")[1].split("<script>", maxsplit=1)[0]
    assert "stamp" not in body
    assert "generator" not in body
    assert "watermark" not in body


@pytest.mark.parametrize("column", ["dropped", "null"])
def test_a_source_that_is_not_called_real_counts_as_simulated(frames: Frames, column: str) -> None:
    systems = frames["core.dim_source_systems"]
    unclear = (
        systems.drop(columns="is_simulated") if column == "dropped" else systems.assign(is_simulated=None)
    )
    page = render(frames | {"core.dim_source_systems": unclear})
    assert unmarked(article(page, "grocer")) == []
    assert "real data" not in page


def test_real_chapters_come_first(frames: Frames) -> None:
    many = with_purchases_only(with_clicks_only(frames))
    order = re.findall(r'<article id="([^"]+)"', render(many))
    assert order[-2:] == ["gift_shop", "trust"]
    assert set(order[:-2]) == {"grocer", "web_shop", "butcher"}


def test_the_marks_are_printed(page: str) -> None:
    style = page.split("<style>")[1].split("</style>", maxsplit=1)[0]
    printed = style.split("@media print")[1]
    assert "print-color-adjust: exact" in printed
    hidden = re.findall(r"([^{};]+)\{[^}]*display: none", printed)
    assert not re.search(r"band|stamp|watermark|origin|figcaption|takeaway", " ".join(hidden))
    assert "box-decoration-break: clone" in style
    frame = re.search(r"figure\.simulated \{([^}]*)\}", style)
    assert frame
    assert "repeating-linear-gradient" in frame.group(1)


def test_real_and_simulated_rows_are_not_added_up_in_the_quarantine(frames: Frames) -> None:
    drawn = quarantine.section(Tables(frames)).figures
    marks = [figure.mark for figure in drawn]
    assert marks == ["", "", "", SIMULATED, SIMULATED, SIMULATED]
    landed = [figure.takeaway for figure in drawn if "landed rows" in figure.takeaway]
    assert landed[0].startswith("4,872 of 116,204 landed rows")
    assert landed[1].startswith("300 of 5,000 landed rows")
    for figure in drawn:
        assert ("The Gift Shop (simulated)" in figure.body) == (figure.mark == SIMULATED)
        assert ("The Grocer" in figure.body) == (figure.mark == "")


def test_a_change_of_simulated_rows_moves_no_real_figure(frames: Frames, page: str) -> None:
    runs = frames["ml.model_runs"].assign(source_systems="grocer")
    before = render(frames | {"ml.model_runs": runs})
    changed = {}
    for name, frame in frames.items():
        numbers = list(frame.select_dtypes("number").columns)
        if "source_system" in frame and numbers and name.split(".")[0] in {"marts", "quality"}:
            more = frame.astype(dict.fromkeys(numbers, "float64"))
            more.loc[more["source_system"] == "gift_shop", numbers] *= 1.5
            changed[name] = more
    # Scores and places in a week are no amounts.
    for name in ("marts.fct_rfm_cells", "marts.fct_sales_by_hour", "marts.fct_cohort_retention"):
        del changed[name]
    after = render(frames | changed | {"ml.model_runs": runs})
    assert article(after, "gift_shop") != article(before, "gift_shop")
    assert article(after, "grocer") == article(before, "grocer")
    real = [figure for figure in figures(article(after, "trust")) if SIMULATED not in figure]
    assert len(real) >= 6
    assert real == [figure for figure in figures(article(before, "trust")) if SIMULATED not in figure]


def test_failed_checks_of_a_simulated_source_are_marked(frames: Frames) -> None:
    results = frames["quality.validation_results"]
    failed = results.assign(schema_name=results["schema_name"].replace("raw_grocer", "raw_gift_shop"))

    def gates(changed: Frames) -> str:
        return render(changed).split('<section id="trust--gates">')[1].split("</section>", maxsplit=1)[0]

    assert f"<li>{STAMP}<b>arrival, warning</b>" in gates(frames | {"quality.validation_results": failed})
    assert STAMP not in gates(frames)
    arrival = results.assign(gate=results["gate"].replace("arrival", "arrival_gift_shop"))
    assert f"<td>arrival gift shop {STAMP}</td>" in gates(frames | {"quality.validation_results": arrival})


def test_entities_stand_by_source_real_or_simulated(frames: Frames) -> None:
    section = entities.section(Tables(frames))
    (figure,) = section.figures
    assert figure.takeaway == (
        "2 of 4 entities hold real rows; 2 hold simulated rows only: behaviour events and tickets."
    )
    rows = re.findall(r"<tr>(.*?)</tr>", figure.body)
    assert 'class="number">The Grocer <span class="badge real">real</span>' in rows[0]
    assert f'class="number simulated">The Gift Shop {STAMP}' in rows[0]
    assert rows[1:] == [
        '<td>behaviour events</td><td class="number"></td><td class="number simulated">91,000</td>',
        '<td>campaigns</td><td class="number">7</td><td class="number simulated"></td>',
        '<td>orders</td><td class="number">15,000</td><td class="number simulated">14,000</td>',
        '<td>tickets</td><td class="number"></td><td class="number simulated">4,100</td>',
    ]
    assert "29,000" not in figure.body


def test_many_simulated_entities_are_counted_and_not_listed(frames: Frames) -> None:
    counts = pd.DataFrame(
        {"entity": [f"entity {n}" for n in range(9)], "source_system": "gift_shop", "row_count": 1}
    )
    more = pd.concat([frames["quality.entity_counts"], counts], ignore_index=True)
    (figure,) = entities.section(Tables(frames | {"quality.entity_counts": more})).figures
    assert figure.takeaway == "2 of 13 entities hold real rows; 11 hold simulated rows only."


def test_entities_of_simulated_sources_alone_are_marked_as_a_whole(frames: Frames) -> None:
    counts = frames["quality.entity_counts"]
    simulated = {"quality.entity_counts": counts[counts["source_system"] == "gift_shop"]}
    assert entities.section(Tables(frames | simulated)).figures[0].mark == SIMULATED
    unknown = {"quality.entity_counts": counts.assign(source_system="nobody_knows")}
    assert entities.section(Tables(frames | unknown)).figures[0].mark == SIMULATED
    real = {"quality.entity_counts": counts[counts["source_system"] == "grocer"]}
    figure = entities.section(Tables(frames | real)).figures[0]
    assert figure.mark == ""
    assert figure.takeaway == "2 entities hold rows, all of them real."
    none = {"quality.entity_counts": counts.assign(row_count=0)}
    assert entities.section(Tables(frames | none)).missing.startswith("Not published yet")


def test_who_is_who_says_how_much_of_it_is_made_up(frames: Frames) -> None:
    records, known, shop_records, shop_known = identities.section(Tables(frames)).figures
    assert records.takeaway == (
        "500 records of all systems are 300 customers of The Grocer, 1.67 each; 100 of them have records "
        "that a generator made up."
    )
    assert "<td>gift_shop, grocer</td>" in records.body
    assert known.takeaway == (
        "3 attributes of the customers of The Grocer are known; most of what is said about 1 of them is "
        "simulated."
    )
    assert "<td>email</td><td>The Gift Shop (simulated)</td><td>simulated</td>" in known.body
    assert [figure.mark for figure in (records, known)] == [PARTLY_SIMULATED, PARTLY_SIMULATED]
    assert shop_records.takeaway == (
        "300 records of all systems are 300 customers of The Gift Shop (simulated), 1.00 each."
    )
    assert [figure.mark for figure in (shop_records, shop_known)] == [SIMULATED, SIMULATED]


def test_who_is_who_of_real_records_alone_bears_no_mark(frames: Frames) -> None:
    customers, coverage = frames["marts.dim_customers"], frames["marts.fct_golden_coverage"]
    real = {
        "marts.dim_customers": customers[customers["source_system"] == "grocer"].assign(
            source_systems="grocer", has_simulated_records=False
        ),
        "marts.fct_golden_coverage": coverage[~coverage["is_simulated"]],
    }
    records, known = identities.section(Tables(frames | real)).figures
    assert [records.mark, known.mark] == ["", ""]
    assert "generator" not in records.takeaway
    assert known.takeaway == (
        "2 attributes of the customers of The Grocer are known, all of them from real sources."
    )


def test_a_name_that_says_it_already_is_not_said_twice(frames: Frames) -> None:
    systems = frames["core.dim_source_systems"].assign(source_name="Digital twin (simulated)")
    labels = [source.label for source in read_sources(Tables(frames | {"core.dim_source_systems": systems}))]
    assert labels == ["Digital twin (simulated)", "Digital twin (simulated)"]
