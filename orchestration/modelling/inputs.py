"""What the Python steps between dbt models read: all of it declared, nothing listed twice."""

from __future__ import annotations

from orchestration.modelling import predictive_models, record_linkage


def read_by_python() -> dict[str, tuple[str, ...]]:
    """Return the tables, as ``schema.table``, that are read to write each dbt source, by its name."""
    from ml.declaration import declared_names, load_declaration
    from ml.record_linkage.declaration import load_linkage

    learnt_from = [table for name in declared_names() for table in load_declaration(name).input_tables]
    return {
        predictive_models.SCHEMA: tuple(dict.fromkeys(learnt_from)),
        record_linkage.SCHEMA: (load_linkage(record_linkage.LINKAGE).input_table,),
    }
