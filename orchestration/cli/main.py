"""The command line `insight`: asks the rest of `orchestration`, shows the answer.

Heavy libraries are imported by the commands that need them: `insight status` must answer at once.
"""

from __future__ import annotations

import click

from orchestration.cli.builds import build, publish, rollback, status
from orchestration.cli.cluster import cluster
from orchestration.cli.identity import IDENTITY_COMMANDS
from orchestration.cli.pages import docs, erd, report
from orchestration.cli.quarantine import quarantine
from orchestration.cli.simulation import twin
from orchestration.cli.sources import source


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def main() -> None:
    """Build, publish and look into the customer insight warehouse.

    Which sources, which data and where: environment variables WAREHOUSE_SOURCES, WAREHOUSE_DATA,
    WAREHOUSE_DIR, WAREHOUSE_AS_OF, WAREHOUSE_MEMORY (`make demo SOURCES=... DATA=...` sets them). On which
    engine: WAREHOUSE_ENGINE, and WAREHOUSE_SPARK_... for where the cluster is.
    """


PAGE_COMMANDS = (report, docs, erd)

OTHERS = (source, cluster, twin)

for each in (build, status, publish, rollback, quarantine, *IDENTITY_COMMANDS, *PAGE_COMMANDS, *OTHERS):
    main.add_command(each)


if __name__ == "__main__":
    main()
