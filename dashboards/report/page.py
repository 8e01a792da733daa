"""Puts the sections together: a chapter per source, as currencies must not mix, and one about trust."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import jinja2
import pandas as pd
from markupsafe import Markup

from dashboards.report import formats
from dashboards.report.parts import Section, anchor
from dashboards.report.sections import (
    baskets,
    campaigns,
    categories,
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
from dashboards.report.source import ONE_DAY, Source, read_sources
from dashboards.report.tables import Tables

_BY_SOURCE = (
    key_figures.section,
    sales.section,
    cohorts.section,
    segments.section,
    lifecycle.section,
    categories.section,
    baskets.section,
    hours.section,
    campaigns.section,
    churn_risk.section,
)


@dataclass(frozen=True)
class Chapter:
    """Sections that belong together, with what is known of their source."""

    key: str
    title: str
    sections: list[Section]
    source: Source | None = None

    @property
    def own_anchor(self) -> str:
        """The anchor of the chapter itself."""
        return anchor(self.key)

    def anchor(self, section: Section) -> str:
        """Return the anchor of a section of this chapter."""
        return anchor(self.key, section.key)


def render(frames: Mapping[str, pd.DataFrame], generated_for: str = "") -> str:
    """Return the report as one HTML page that needs nothing beside itself.

    Parameters
    ----------
    frames
        Published tables by ``schema.table``, of those in `TABLES`; missing ones are said to be missing.
    generated_for
        Whom or what the page is made for, shown in its head.
    """
    tables = Tables(frames)
    sources = read_sources(tables)
    names = {source.source_system: source.name for source in sources}
    chapters = [
        Chapter(source.source_system, source.name, [draw(source) for draw in _BY_SOURCE], source)
        for source in sources
    ]
    trust = [churn_model.section(tables), gates.section(tables), quarantine.section(tables, names)]
    chapters.append(Chapter("trust", "How far to trust these numbers", trust))
    publication = tables.get("ops.publication")
    environment = _environment()
    return environment.get_template("page.html.j2").render(
        chapters=chapters,
        sources=sources,
        as_of=formats.day(sources[0].as_of - ONE_DAY) if sources else "",
        built_at=formats.moment(publication["published_at"].max()) if len(publication) else "",
        run_id=publication["run_id"].iloc[-1] if len(publication) else "",
        generated_for=generated_for,
        style=Markup(_read(environment, "page.css")),
        script=Markup(_read(environment, "page.js")),
    )


def _environment() -> jinja2.Environment:
    # Whatever comes from the data is escaped; only what the drawing modules return is markup.
    return jinja2.Environment(
        loader=jinja2.PackageLoader("dashboards.report", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _read(environment: jinja2.Environment, name: str) -> str:
    assert environment.loader is not None
    return environment.loader.get_source(environment, name)[0]
