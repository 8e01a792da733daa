"""What the Python steps between dbt models read: all of it declared, nothing listed twice."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING

from orchestration.builds.fingerprints import hash_of_files, hash_of_values
from orchestration.modelling import predictive_models, record_linkage
from orchestration.settings import PROJECT_DIR

if TYPE_CHECKING:
    from ml.declaration import Declaration

_CODE = {".py", ".yml"}
_LIBRARIES = ("duckdb", "numpy", "pandas", "scikit-learn", "splink")


def read_by_python() -> dict[str, tuple[str, ...]]:
    """Return the tables, as ``schema.table``, that are read to write each dbt source, by its name."""
    from ml.declaration import declared_names, load_declaration
    from ml.record_linkage.declaration import load_linkage

    learnt_from = [table for name in declared_names() for table in load_declaration(name).input_tables]
    return {
        predictive_models.SCHEMA: tuple(dict.fromkeys(learnt_from)),
        record_linkage.SCHEMA: (load_linkage(record_linkage.LINKAGE).input_table,),
    }


def step_code() -> dict[str, str]:
    """Return a hash of all code that decides what Python writes into each dbt source, by its name."""
    from ml.declaration import declared_names, load_declaration

    linkage = PROJECT_DIR / "ml" / "record_linkage"
    trained = {name: training_code(load_declaration(name)) for name in declared_names()}
    return {
        predictive_models.SCHEMA: hash_of_values(trained),
        record_linkage.SCHEMA: hash_of_values({**_common_code(), "linkage": hash_of_files(linkage, _CODE)}),
    }


def training_code(declaration: Declaration) -> str:
    """Return a hash of all code that decides what one predictive model gives, its declaration included."""
    learning = hash_of_files(PROJECT_DIR / "ml", {".py"}, without={"record_linkage"})
    return hash_of_values({**_common_code(), "learning": learning, "declaration": declaration})


def _common_code() -> dict[str, object]:
    return {
        "feeding": hash_of_files(PROJECT_DIR / "orchestration" / "modelling", _CODE),
        "libraries": [(name, version(name)) for name in _LIBRARIES],
    }
