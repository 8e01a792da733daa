"""What Dagster sees: everything below `orchestration.defs`, in one process.

The warehouse has one writer, so the steps of a run take turns: the in-process executor, three times faster
here than a process per step.
"""

from __future__ import annotations

from pathlib import Path

import dagster as dg


@dg.definitions
def defs() -> dg.Definitions:
    """Load all definitions below `orchestration.defs`."""
    return dg.Definitions.merge(
        dg.Definitions(executor=dg.in_process_executor),
        dg.load_from_defs_folder(path_within_project=Path(__file__).parent),
    )
