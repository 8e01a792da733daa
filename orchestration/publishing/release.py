"""From a finished build to a publication: the publishing gate, the copy, the record.

The only caller of `orchestration.publishing` that publishes: no way leads around the gate.
"""

from __future__ import annotations

import logging

from orchestration.builds import history, state
from orchestration.gates.running import publishing_gate, require_green
from orchestration.publishing import publications
from orchestration.publishing.publications import Publication
from orchestration.settings import Settings
from orchestration.warehouse import readers_place

logger = logging.getLogger("insight.publishing")


def release(settings: Settings, accept_new_levels: bool = False, is_forced: bool = False) -> Publication:
    """Publish the build that the build file holds, if the publishing gate lets it through.

    Parameters
    ----------
    settings
        Where the build is and the publication goes.
    accept_new_levels
        Whether the gate takes what it sees as the new normal.
    is_forced
        Whether to publish everything again, even what readers have.

    Raises
    ------
    GateRedError
        If the gate is red.
    PublishingError
        If the copy cannot be made; either way the last publication stays.
    """
    built_by, fingerprint = history.publishable(settings)
    if not (accept_new_levels or is_forced) and (shown := publications.showing_the_build(settings)):
        state.note_shown(settings, fingerprint, shown.run_id)
        history.finish(settings, built_by, history.COMPLETE, "nothing that readers see has changed")
        logger.info("nothing that readers see has changed")
        return shown
    require_green(settings, publishing_gate(), built_by, accept_new_levels)
    publication = publications.publish(settings, built_by, fingerprint, is_whole=is_forced)
    history.finish(settings, built_by, history.COMPLETE)
    logger.info(
        "%d tables, %s rows in %s",
        len(publication.row_counts),
        f"{sum(publication.row_counts.values()):,}",
        readers_place(settings),
    )
    return publication
