"""The HTML pages of the gates: what Great Expectations renders, in a frame that needs no network.

GX renders the checks of a table; its own frame loads styles, scripts and a logo from the network, so the
frame is ours (``data_docs_templates/``). One site holds the gates of one run.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from expectations.report import GateReport

TEMPLATES_DIR = Path(__file__).with_name("data_docs_templates")


def write_pages(docs_dir: Path, report: GateReport, answers: Mapping[str, Sequence[Any]]) -> Path:
    """Write the pages of one gate beside those of the other gates of its run, and return the index page.

    Parameters
    ----------
    docs_dir
        Folder of the site; what an earlier run left in it is removed.
    report
        The report of the gate.
    answers
        By ``schema.table``, the answers of GX (`ExpectationValidationResult`) that the report rests on.
    """
    from great_expectations.render.renderer import ValidationResultsPageRenderer
    from great_expectations.render.view import DefaultJinjaPageView

    templates = DefaultJinjaPageView(custom_views_directory=str(TEMPLATES_DIR)).env
    gates = [gate for gate in _earlier_gates(docs_dir, report.run_id) if gate["gate"] != report.gate]
    gate = _gate(report)
    gates.append(gate)

    (docs_dir / report.gate).mkdir(parents=True, exist_ok=True)
    for table in gate["tables"]:
        content = ValidationResultsPageRenderer().render(_as_suite_result(report, table["table"], answers))
        page = templates.get_template("gate_page.j2").render(
            gate=gate,
            table=table,
            renderer_type="ValidationResultsPageRenderer",
            # GX's first section is an overview that links to pages of its own site.
            sections=content.to_json_dict()["sections"][1:],
        )
        (docs_dir / table["page"]).write_text(page, encoding="utf-8")
    index = docs_dir / "index.html"
    index_page = templates.get_template("gate_index.j2").render(run_id=report.run_id, gates=gates)
    index.write_text(index_page, encoding="utf-8")
    (docs_dir / "gates.json").write_text(
        json.dumps({"run_id": report.run_id, "gates": gates}, indent=2), encoding="utf-8"
    )
    return index


def _earlier_gates(docs_dir: Path, run_id: str) -> list[dict[str, Any]]:
    """Return the gates of this run that the site already shows; removes the pages of another run."""
    listing = docs_dir / "gates.json"
    if not listing.exists():
        return []
    site = json.loads(listing.read_text(encoding="utf-8"))
    if site["run_id"] == run_id:
        return list(site["gates"])
    for gate in site["gates"]:
        shutil.rmtree(docs_dir / gate["gate"], ignore_errors=True)
    return []


def _gate(report: GateReport) -> dict[str, Any]:
    """Return what the pages say about a gate, as plain values that can be listed."""
    tables = []
    for table, checks in report.results.groupby(_table_names(report.results), sort=False):
        tables.append(
            {
                "table": table,
                "page": f"{report.gate}/{table}.html",
                "checks": checks[["is_passed", "severity", "message"]].to_dict("records"),
            }
        )
    return {
        "gate": report.gate,
        "is_passed": report.passed,
        "validated_at": f"{report.results['validated_at'].max():%Y-%m-%d %H:%M} UTC",
        "tables": tables,
    }


def _table_names(results: pd.DataFrame) -> pd.Series:
    return results["schema_name"] + "." + results["table_name"]


def _as_suite_result(report: GateReport, table: str, answers: Mapping[str, Sequence[Any]]) -> Any:
    from great_expectations.core import ExpectationSuiteValidationResult, RunIdentifier

    of_table = list(answers.get(table, []))
    successful = sum(bool(answer.success) for answer in of_table)
    return ExpectationSuiteValidationResult(
        success=successful == len(of_table),
        results=of_table,
        suite_name=f"{report.gate}.{table}",
        statistics={
            "evaluated_expectations": len(of_table),
            "successful_expectations": successful,
            "unsuccessful_expectations": len(of_table) - successful,
            "success_percent": 100 * successful / len(of_table) if of_table else 0,
        },
        meta={"run_id": RunIdentifier(run_name=report.run_id), "active_batch_definition": {}},
    )
