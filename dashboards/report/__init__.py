"""The first report: one self-contained, offline HTML page about what a publication says of its customers.

`TABLES` names the published tables that it wants, `render` turns them into the page. Whoever calls opens the
connection; tables that are missing or empty are said to be so on the page.
"""

from dashboards.report.page import render
from dashboards.report.tables import TABLES

__all__ = ["TABLES", "render"]
