"""One source system as the sections see it: its rows, its currency, and the periods that can be compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from dashboards.report import formats
from dashboards.report.parts import SIMULATED
from dashboards.report.tables import Tables, records

ONE_DAY = pd.Timedelta(days=1)


@dataclass(frozen=True)
class Source:
    """A source system of the publication.

    Attributes
    ----------
    tables
        The published tables.
    source_system
        Its key in every mart.
    name
        What people call it.
    is_simulated
        Whether its rows are made up by a generator.
    currency
        Code of the currency of its amounts.
    time_zone
        The zone that its days and hours are counted in.
    as_of
        "Today" of the warehouse: the first day that is not seen.
    first_day
        First day with an order.
    last_day
        Last day with an order before ``as_of``.
    first_activity_day
        First day with any touch of a customer or visitor.
    last_activity_day
        Last day with any touch before ``as_of``.
    """

    tables: Tables
    source_system: str
    name: str
    is_simulated: bool
    currency: str
    time_zone: str
    as_of: pd.Timestamp
    first_day: pd.Timestamp
    last_day: pd.Timestamp
    first_activity_day: pd.Timestamp
    last_activity_day: pd.Timestamp

    def rows(self, table: str) -> pd.DataFrame:
        """Return the rows of a mart that belong to this source system."""
        return self.tables.get(table, self.source_system)

    def past_rows(self, table: str, date: str) -> pd.DataFrame:
        """Return the rows of a mart whose date lies before ``as_of``."""
        rows = self.rows(table)
        return rows[rows[date] < self.as_of].reset_index(drop=True)

    @property
    def label(self) -> str:
        """The name, which says of a simulated source that it is one."""
        is_told = not self.is_simulated or SIMULATED in self.name.lower()
        return self.name if is_told else f"{self.name} ({SIMULATED})"

    @property
    def end(self) -> pd.Timestamp:
        """The first day after the data of this source system."""
        return self.last_day + ONE_DAY

    def days_before_end(self, dates: pd.Series) -> pd.Series:
        """Return how many days lie between dates and the end of the data; 1 for the last day."""
        return dates.map(lambda date: (self.end - date).days)

    @property
    def has_sales(self) -> bool:
        """Whether there is any order to report on."""
        return not pd.isna(self.first_day)

    @property
    def period(self) -> str:
        """The days with orders, or with any activity where there are no orders, in words."""
        if not self.has_sales and pd.isna(self.first_activity_day):
            return "no orders published"
        if not self.has_sales:
            first, last = formats.day(self.first_activity_day), formats.day(self.last_activity_day)
            return f"activity {first} to {last}, no orders"
        return f"orders {formats.day(self.first_day)} to {formats.day(self.last_day)}"

    @property
    def compared_days(self) -> int | None:
        """Length of the last period that can be compared with the one before: whole weeks, or ``None``."""
        if not self.has_sales:
            return None
        known = (self.end - self.first_day).days
        return next((days for days in (84, 28) if known >= 2 * days), None)

    def is_complete_month(self, month: pd.Timestamp) -> bool:
        """Whether the data cover a month from its first to its last day."""
        return bool(month >= self.first_day and month + pd.offsets.MonthBegin(1) <= self.end)


def read_sources(tables: Tables) -> list[Source]:
    """Return the source systems of a publication, real ones first, the one with most orders first.

    A source of which the publication does not say that it is real counts as simulated.
    """
    sales = tables.get("marts.fct_sales_daily")
    dates = tables.get("marts.fct_lifecycle_stages")["as_of_date"].max()
    activities, sessions = tables.get("marts.fct_channel_days"), tables.get("marts.fct_session_days")
    touched = pd.concat(
        [
            activities[["source_system", "activity_date"]].set_axis(["source_system", "date"], axis=1),
            sessions[["source_system", "session_date"]].set_axis(["source_system", "date"], axis=1),
        ]
    )
    known = sales["order_date"] if len(sales) else touched["date"]
    as_of = dates if pd.notna(dates) else known.max() + ONE_DAY
    touched = touched[touched["date"] < as_of]
    order_counts = sales.groupby("source_system")["order_count"].sum().to_dict()
    sources = []
    for row in records(tables.get("core.dim_source_systems")):
        days = sales.loc[sales["source_system"] == row.source_system, "order_date"]
        active_days = touched.loc[touched["source_system"] == row.source_system, "date"]
        sources.append(
            Source(
                tables=tables,
                source_system=str(row.source_system),
                name=str(row.source_name or row.source_system),
                is_simulated=bool(row.is_simulated),
                currency=str(row.currency),
                time_zone=str(row.time_zone),
                as_of=as_of,
                first_day=days.min(),
                last_day=days.max(),
                first_activity_day=active_days.min(),
                last_activity_day=active_days.max(),
            )
        )
    return sorted(
        sources,
        key=lambda each: (each.is_simulated, -order_counts.get(each.source_system, 0.0), each.source_system),
    )


def by_reality(rows: pd.DataFrame, sources: Sequence[Source]) -> list[tuple[str, pd.DataFrame]]:
    """Split rows into those of real and those of simulated sources, so that nothing adds them up.

    Parameters
    ----------
    rows
        Rows with a column ``source_system``.
    sources
        The sources of the publication; rows of any other one are not known to be real.

    Returns
    -------
    The mark and the rows of each part that has any, the real one first.
    """
    real = [source.source_system for source in sources if not source.is_simulated]
    is_real = rows["source_system"].isin(real)
    parts = [("", rows[is_real]), (SIMULATED, rows[~is_real])]
    return [(mark, part) for mark, part in parts if len(part)]
