"""Whether the churn score can be trusted: back-tests against the best simple rule, calibration, slices."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
from markupsafe import Markup

from dashboards.report import colours, drawing, formats
from dashboards.report.drawing import Drawing, Scale
from dashboards.report.parts import Figure, Section, side_by_side, table
from dashboards.report.sections import churn_backtests
from dashboards.report.sections.churn_backtests import METRICS
from dashboards.report.tables import Tables, largest, records, smallest

KEY = "churn-model"
TITLE = "Can the churn score be trusted?"

_SMALL = 30


def section(tables: Tables) -> Section:
    """Return the evaluation of the churn model that is in use, or of the last one if none is.

    It is marked if the model learned from simulated rows.
    """
    runs = churn_backtests.runs_of_churn(tables)
    if runs.empty:
        return Section(
            KEY, TITLE, missing="Not published yet: no churn model has been trained on this warehouse."
        )
    run = churn_backtests.run_in_use(runs)
    mark, why = churn_backtests.learned_from(tables)

    def of_run(table_name: str) -> pd.DataFrame:
        rows = tables.get(table_name)
        return rows[(rows["run_id"] == run["run_id"]) & (rows["predictive_model"] == "churn")]

    tests = churn_backtests.by_origin(of_run("ml.model_backtests"))
    calibration = of_run("ml.model_calibration").sort_values("bin_number")
    slices = of_run("ml.model_slices")
    figures = []
    if len(tests):
        figures.append(churn_backtests.figure(tests, run, runs))
    if len(calibration):
        figures.append(_calibration(calibration))
    if len(slices):
        figures.append(_slices(slices))
    if not figures:
        return Section(KEY, TITLE, missing="The last run of the churn model left no back-tests.")
    return Section(
        KEY,
        TITLE,
        [replace(figure, mark=mark, notes=[*figure.notes, *([why] if why else [])]) for figure in figures],
    )


def calibration_takeaway(rows: pd.DataFrame) -> str:
    """Say how far predicted and observed shares lie apart."""
    weights = rows["row_count"] / rows["row_count"].sum()
    gap = float((weights * (rows["mean_predicted"] - rows["observed_share"]).abs()).sum())
    worst = largest(rows.assign(gap=(rows["mean_predicted"] - rows["observed_share"]).abs()), "gap")
    return (
        f"Predicted and observed shares differ by {formats.decimal(gap * 100, 1)} percentage points on "
        f"average, most where {formats.share(worst['mean_predicted'])} was predicted and "
        f"{formats.share(worst['observed_share'])} left."
    )


def slice_takeaway(rows: pd.DataFrame) -> str:
    """Say for which customers the model ranks best and worst."""
    judged = rows[(rows["metric"] == "roc_auc") & (rows["positive_count"] >= _SMALL)]
    if judged.empty:
        return f"No slice has the {_SMALL} leavers that a judgement takes."
    best, worst = largest(judged, "metric_value"), smallest(judged, "metric_value")

    def name(row: pd.Series) -> str:
        auc = formats.decimal(row["metric_value"], 3)
        return f"{formats.words(row['slice_name'])} {row['slice_value']} (AUC {auc})"

    return f"The score ranks best for {name(best)} and worst for {name(worst)}."


def _calibration(rows: pd.DataFrame) -> Figure:
    lines = [
        (
            formats.share(row.mean_predicted, 1),
            formats.share(row.observed_share, 1),
            formats.count(row.row_count),
        )
        for row in records(rows)
    ]
    return Figure(
        calibration_takeaway(rows),
        side_by_side(
            ("", drawing.for_both_widths(lambda width: _calibration_curve(rows, min(width, 440.0)))),
            ("", table(("Predicted", "Left", "Customers"), lines, numbers_from=0)),
        ),
        "Back-tested customers in bins of equal size by predicted probability; on the dashed line "
        "predictions are exact. Larger dots: more customers. Source: ml.model_calibration.",
    )


def _calibration_curve(rows: pd.DataFrame, width: float) -> Markup:
    left, bottom, height = 50.0, 290.0, 330.0
    picture = Drawing(width, height, "Observed share of leavers by predicted probability")
    most = min(
        1.0, max(float(rows["mean_predicted"].max()), float(rows["observed_share"].max())) * 1.1 or 1.0
    )
    x, y = Scale(0, most, left, width - 12), Scale(0, most, bottom, 10)
    for tick in drawing.ticks(0, most):
        picture.line(left, y(tick), width - 12, y(tick))
        picture.text(left - 8, y(tick) + 4, formats.share(tick), text_anchor="end")
        picture.text(x(tick), bottom + 17, formats.share(tick), text_anchor="middle")
    picture.text((left + width) / 2, bottom + 35, "predicted", text_anchor="middle")
    picture.text(left + 6, 22, "observed", class_="small")
    picture.line(x(0), y(0), x(most), y(most), stroke=colours.MUTED, stroke_dasharray="4 4")
    points = [(x(row.mean_predicted), y(row.observed_share)) for row in records(rows)]
    picture.path(points, stroke=colours.ACCENT, stroke_width=2)
    largest = rows["row_count"].max() or 1.0
    for row, (at, up) in zip(records(rows), points, strict=True):
        picture.shape(
            "circle",
            f"predicted {formats.share(row.mean_predicted, 1)}, left {formats.share(row.observed_share, 1)}, "
            f"{formats.plural(row.row_count, 'customer')}",
            cx=at,
            cy=up,
            r=3 + 3 * (row.row_count / largest) ** 0.5,
            fill=colours.ACCENT,
        )
    return picture.markup()


def _slices(rows: pd.DataFrame) -> Figure:
    lines = []
    for (name, value), group in rows.groupby(["slice_name", "slice_value"]):
        values = group.groupby("metric")["metric_value"].mean()
        positives = group["positive_count"].max()
        mark = " *" if positives < _SMALL else ""
        lines.append(
            (
                formats.words(str(name)),
                f"{value}{mark}",
                formats.count(group["row_count"].max()),
                formats.count(positives),
                *(
                    formats.decimal(values.get(metric, float("nan")), 4 if metric == "brier" else 3)
                    for metric in METRICS
                ),
            )
        )
    columns = ("Slice", "Value", "Customers", "Left", "AUC", "Average precision", "Lift top tenth", "Brier")
    return Figure(
        slice_takeaway(rows),
        table(columns, lines, numbers_from=2),
        f"Back-test metrics by group of customers, over all origins. * fewer than {_SMALL} leavers: chance "
        "decides. Average precision and lift depend on how many leave and are not comparable across rows. "
        "Source: ml.model_slices.",
    )
