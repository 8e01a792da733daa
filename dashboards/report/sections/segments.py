"""RFM segments: who bought lately and often, what they are worth, and who went quiet."""

from __future__ import annotations

import pandas as pd
from markupsafe import Markup

from dashboards.report import colours, formats
from dashboards.report.parts import Bar, Figure, Section, bars, side_by_side
from dashboards.report.source import Source
from dashboards.report.tables import records

KEY = "segments"
TITLE = "Customer segments"

_SCORES = range(1, 6)


def section(source: Source) -> Section:
    """Return the RFM heat map of a source."""
    cells = source.rows("marts.fct_rfm_cells")
    if cells.empty:
        return Section(
            KEY, TITLE, missing="No customer has been scored: nobody with a known identity has bought yet."
        )
    segments = by_segment(cells)
    return Section(
        KEY,
        TITLE,
        [
            Figure(
                takeaway(segments, source),
                side_by_side(
                    ("Recency and frequency: share of sales", _grid(cells)),
                    ("Sales by segment", _segment_bars(segments, source)),
                ),
                "Customers scored 1 to 5 by how lately and how often they bought; each cell holds its "
                "segment, its customers and its share of sales over the whole history. Source: "
                "marts.fct_rfm_cells.",
            )
        ],
    )


def by_segment(cells: pd.DataFrame) -> pd.DataFrame:
    """Return customers and sales by segment with their shares, the best-selling first."""
    sums = cells.groupby("rfm_segment")[["customer_count", "sales_amount"]].sum()
    shares = (sums / sums.sum()).set_axis(["customer_share", "sales_share"], axis=1)
    return sums.join(shares).sort_values("sales_amount", ascending=False)


def takeaway(segments: pd.DataFrame, source: Source) -> str:
    """Say which segment carries the sales, and what those who went quiet were worth."""
    top = segments.iloc[0]
    text = (
        f"{str(segments.index[0]).capitalize()} are {formats.share(top['customer_share'])} of the customers "
        f"and bring {formats.share(top['sales_share'])} of sales"
    )
    quiet = segments[segments.index.isin(["at risk", "cannot lose"])].sum()
    if not quiet["customer_count"]:
        return f"{text}."
    worth = formats.short_money(quiet["sales_amount"], source.currency)
    return (
        f"{text}; {formats.plural(quiet['customer_count'], 'once frequent customer')} (at risk, cannot lose) "
        f"who spent {worth} have gone quiet."
    )


def _grid(cells: pd.DataFrame) -> Markup:
    total = cells["sales_amount"].sum() or 1.0
    most = max(cells["sales_amount"].max() / total, 1e-9)
    by_score = {(int(row.recency_score), int(row.frequency_score)): row for row in records(cells)}
    lines = []
    for recency in reversed(_SCORES):
        line = []
        for frequency in _SCORES:
            row = by_score.get((recency, frequency))
            if row is None:
                line.append(Markup('<td class="none">{}</td>').format(formats.NOTHING))
                continue
            share = row.sales_amount / total
            colour = colours.sequential(share / most)
            line.append(
                Markup(
                    '<td style="background:{};color:{}"><b>{}</b><span>{}</span><span>{}</span></td>'
                ).format(
                    colour,
                    colours.text_on(colour),
                    row.rfm_segment,
                    formats.count(row.customer_count),
                    formats.share(share, 1),
                )
            )
        lines.append(Markup('<tr><th scope="row">{}</th>{}</tr>').format(recency, Markup("").join(line)))
    head = Markup("").join(Markup('<th scope="col">{}</th>').format(score) for score in _SCORES)
    return Markup(
        '<div class="scroll"><table class="grid rfm"><thead><tr><th scope="col">recency ↓<br>frequency →</th>'
        '{}</tr></thead><tbody>{}</tbody></table></div><p class="axis">recency 5 = bought most lately, '
        "frequency 5 = bought most often; second line: customers, third: share of sales</p>"
    ).format(head, Markup("").join(lines))


def _segment_bars(segments: pd.DataFrame, source: Source) -> Markup:
    most = segments["sales_share"].max() or 1.0
    return bars(
        [
            Bar(
                str(row.Index),
                max(row.sales_share, 0) / most,
                formats.short_money(row.sales_amount, source.currency),
                f"{formats.share(row.sales_share, 1)} of sales, "
                f"{formats.money(row.sales_amount / row.customer_count, source.currency)} per customer",
                f"{formats.count(row.customer_count)} customers, {formats.share(row.customer_share)}",
            )
            for row in records(segments)
        ]
    )
