"""What tests share is imported by a name that only one file has: any folders run in one command."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from orchestration.settings import PROJECT_DIR

pytestmark = pytest.mark.tier0

TESTS = PROJECT_DIR / "tests"


def _imports_conftest(source: str) -> bool:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module == "conftest":
            return True
        if isinstance(node, ast.Import) and any(alias.name == "conftest" for alias in node.names):
            return True
    return False


@pytest.mark.parametrize("source", ["from conftest import SUITES", "def f():\n    import conftest as shared"])
def test_an_import_of_conftest_is_seen(source: str) -> None:
    assert _imports_conftest(source)


def test_no_test_imports_from_conftest() -> None:
    """Every folder has a ``conftest``: which of them the name means depends on which was loaded first."""
    files = sorted(TESTS.rglob("*.py"))
    assert Path(__file__) in files
    assert [str(path) for path in files if _imports_conftest(path.read_text(encoding="utf-8"))] == []
