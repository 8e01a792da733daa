"""What a mapping reads from odd columns and values is the same on a cluster."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from orchestration import warehouse
from orchestration.settings import Settings

sys.path.append(str(Path(__file__).resolve().parents[1] / "onboarding"))

from five_systems import FILES, NewProject

pytestmark = [pytest.mark.tier4, pytest.mark.timeout(600)]

ODD = FILES.with_name("odd")
LAND = """
from orchestration.ingestion.entries import load_entry
from orchestration.ingestion.landing import land
from orchestration.ingestion.shipping import ship
from orchestration.settings import Settings
settings, entry = Settings.from_environment(), load_entry("odd")
land(settings, entry)
ship(settings, entry)
"""
READ = """
select cast(day_of as string), who, cast(mes_m_d as string), cast(named as string), cast(compact as string),
    cast(when_utc as string), cast(preis as string), cast(cast(point as decimal(18, 4)) as string),
    cast(truth as string), tel_mobile
from staging.base_odd__readings order by no
"""


def build(project: NewProject, variables: dict[str, str]) -> list[tuple[Any, ...]]:
    """Land the source, build its staging folder, and return what was read of it."""
    folder = project.folder / variables["WAREHOUSE_ENGINE"]
    environment = {**variables, "WAREHOUSE_DIR": str(folder), "WAREHOUSE_SOURCES": "odd"}
    dbt = Path(sys.executable).with_name("dbt")
    command = [
        dbt,
        "run",
        "--profiles-dir",
        ".",
        "--select",
        "path:models/staging/odd",
        "--target-path",
        folder,
    ]
    for arguments, where in [([sys.executable, "-c", LAND], "."), (command, "dbt_project")]:
        subprocess.run(
            arguments,
            cwd=project.folder / where,
            env={**os.environ, **environment, "PYTHONPATH": str(project.folder)},
            check=True,
        )
    with warehouse.tables(Settings.from_environment({**environment, "WAREHOUSE_SOURCES": ""})) as tables:
        return [tuple(row.values()) for row in tables.query(READ).to_pylist()]


def test_odd_names_and_values_are_read_alike(
    cluster_variables: dict[str, str], empty_catalogue: None, tmp_path: Path
) -> None:
    project = NewProject.at(tmp_path / "project")
    project.insight("source", "new", "odd", str(ODD), "--mapping", str(ODD.with_suffix(".yml")))
    here = build(project, {"WAREHOUSE_ENGINE": "duckdb"})
    assert len(here) == 4
    assert build(project, cluster_variables) == here
