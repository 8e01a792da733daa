"""The staging models of every source that has a mapping are what the mapping says."""

from __future__ import annotations

import pytest

from orchestration.onboarding.plugging import Project, stale_files

pytestmark = pytest.mark.tier0


def test_generated_files_follow_from_their_mappings() -> None:
    project = Project()
    stale = {source: list(stale_files(source, project)) for source in project.mapped_sources()}
    assert {source: paths for source, paths in stale.items() if paths} == {}, "run `insight source generate`"
