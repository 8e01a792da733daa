"""The documentation of the warehouse as offline pages: every model and column, and where it comes from.

What is documented is written beside the models; this only has it drawn.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import subprocess
import sys
from pathlib import Path

from orchestration.settings import Settings
from orchestration.transformation.command import Dbt, DbtError
from orchestration.warehouse import is_on_cluster

logger = logging.getLogger("insight.docs")


def write_documentation(settings: Settings) -> list[Path]:
    """Draw the documentation from the project and the build; return its pages.

    Raises
    ------
    DbtError
        If dbt or the lineage tool cannot draw it.
    """
    dbt = Dbt(settings)
    target = settings.dbt_target_dir / "docs"
    target.mkdir(parents=True, exist_ok=True)
    settings.docs_dir.mkdir(parents=True, exist_ok=True)
    errors = [
        event["info"]["msg"]
        for event in dbt.events(["docs", "generate", "--static"], target)
        if event["info"]["level"] == "error"
    ]
    if errors:
        raise DbtError("dbt cannot draw the documentation:\n" + "\n".join(errors))
    models = settings.docs_dir / "index.html"
    shutil.copyfile(target / "static_index.html", models)
    logger.info("models and columns: %s", models)
    lineage = _write_lineage(target, settings)
    logger.info("column lineage: %s", lineage)
    return [models, lineage]


def _write_lineage(target: Path, settings: Settings) -> Path:
    manifest = target / "manifest.json"
    if is_on_cluster(settings):
        # The lineage tool knows Spark's SQL only under the name of its largest vendor.
        content = json.loads(manifest.read_bytes())
        content["metadata"]["adapter_type"] = "databricks"
        manifest = target / "lineage_manifest.json"
        manifest.write_text(json.dumps(content), encoding="utf-8")
    command = [
        str(Path(sys.executable).parent / "colibri"),
        "generate",
        "--disable-telemetry",
        "--light",
        "--manifest",
        str(manifest),
        "--catalog",
        str(target / "catalog.json"),
        "--output-dir",
        str(target / "lineage"),
    ]
    environment = {**os.environ, **settings.as_environment()}
    drawn = subprocess.run(command, cwd=target, env=environment, capture_output=True, text=True, check=False)
    pages = sorted((target / "lineage").glob("*.html"))
    if drawn.returncode or not pages:
        raise DbtError("dbt-colibri cannot draw the lineage:\n" + (drawn.stderr or drawn.stdout)[-2000:])
    lineage = settings.docs_dir / "lineage.html"
    shutil.copyfile(pages[0], lineage)
    return lineage
