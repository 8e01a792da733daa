"""Puts the sections together: a chapter per source, as currencies must not mix, and one about trust."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import jinja2
import pandas as pd
from markupsafe import Markup

from dashboards.report import formats
from dashboards.report.parts import SIMULATED, Section, anchor, stamp
from dashboards.report.sections import (
    baskets,
    campaigns,
    categories,
    channels,
    churn_model,
    churn_risk,
    cohorts,
    entities,
    gates,
    hours,
    identities,
    identity,
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
    channels.section,
    campaigns.section,
    churn_risk.section,
)
# So many words cover the largest picture.
_WATERMARK_WORDS = 160


@dataclass(frozen=True)
class Chapter:
    """Sections that belong together, with what is known of their source and what it cannot show."""

    key: str
    title: str
    sections: list[Section]
    source: Source | None = None
    left_out: str = ""

    @property
    def is_simulated(self) -> bool:
        """Whether a generator made up all that the chapter shows."""
        return self.source is not None and self.source.is_simulated

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
    chapters = [_chapter(source) for source in sources]
    trust = [
        part.section(tables) for part in (entities, identities, identity, churn_model, gates, quarantine)
    ]
    chapters.append(Chapter("trust", "How far to trust these numbers", trust))
    publication = tables.get("ops.publication")
    environment = _environment()
    return environment.get_template("page.html.j2").render(
        chapters=chapters,
        sources=sources,
        simulated=[source for source in sources if source.is_simulated],
        stamp=stamp,
        simulated_mark=SIMULATED,
        watermark_words=_WATERMARK_WORDS,
        as_of=formats.day(sources[0].as_of - ONE_DAY) if sources else "",
        built_at=formats.moment(publication["published_at"].max()) if len(publication) else "",
        run_id=publication["run_id"].iloc[-1] if len(publication) else "",
        generated_for=generated_for,
        style=Markup(_read(environment, "page.css")),
        script=Markup(_read(environment, "page.js")),
    )


def _chapter(source: Source) -> Chapter:
    sections = [section for draw in _BY_SOURCE if (section := draw(source)) is not None]
    left_out = ""
    if not source.has_sales:
        # Ten headings that each say that there are no orders would bury what there is.
        titles = [f"“{section.title}”" for section in sections if section.missing]
        sections = [section for section in sections if not section.missing]
        left_out = (
            f"This source has no orders, so that there is nothing to say under {formats.listing(titles)}."
        )
    if source.is_simulated:
        sections = [_marked(section) for section in sections]
    return Chapter(source.source_system, source.label, sections, source, left_out)


def _marked(section: Section) -> Section:
    return replace(section, figures=[replace(figure, mark=SIMULATED) for figure in section.figures])


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
