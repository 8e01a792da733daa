"""Commands for a Spark cluster on this machine."""

from __future__ import annotations

from pathlib import Path

import click

from orchestration.cli.answering import answering
from orchestration.settings import Settings


@click.group()
def cluster() -> None:
    """Start, stop or look at a Spark cluster on this machine: a master, workers and one server.

    For a cluster that is there already none of this is needed: see docs/scale.md. Ports, workers and their
    memory: environment variables WAREHOUSE_SPARK_PORT, _CONNECT_PORT, _MASTER_PORT, _MASTER_UI_PORT,
    _SERVER_UI_PORT, _WORKERS, _WORKER_MEMORY, _SERVER_MEMORY, _JAVA_OPTIONS.
    """


@cluster.command()
@answering
def start(settings: Settings, is_json: bool, log_path: Path) -> None:
    """Start the cluster, or what is missing of it, and wait until it answers."""
    from orchestration.warehouse import cluster as local

    local.start(settings)
    _show_cluster(settings, is_json, "Started.")


@cluster.command()
@answering
def stop(settings: Settings, is_json: bool, log_path: Path) -> None:
    """End exactly the processes that were started; tables and catalogue stay."""
    from orchestration.cli import terminal
    from orchestration.warehouse import cluster as local

    stopped = [{"role": process.role, "pid": process.pid} for process in local.stop(settings)]
    if is_json:
        terminal.show_json({"stopped": stopped})
    elif stopped:
        terminal.show_table("Stopped", stopped)
    else:
        terminal.show_values("No cluster was running.", {})


@cluster.command("status")
@answering
def cluster_status(settings: Settings, is_json: bool, log_path: Path) -> None:
    """Show its processes, the workers that the master counts, where it answers, and how to use it."""
    _show_cluster(settings, is_json, "The cluster runs.")


def _show_cluster(settings: Settings, is_json: bool, title: str) -> None:
    from orchestration.cli import terminal
    from orchestration.warehouse import cluster as local

    answer = local.describe(settings)
    if is_json:
        terminal.show_json(answer)
    elif not answer["processes"]:
        terminal.show_values("No cluster was started. Start one with `make cluster`.", {})
    else:
        whole = (
            title if answer["is_running"] else "Not all of it runs: `make cluster` starts what is missing."
        )
        terminal.show_values(whole, {})
        terminal.show_table("Processes", answer["processes"])
        terminal.show_values("Workers", {"alive": answer["workers_alive"]})
        terminal.show_values("Addresses", answer["addresses"])
        terminal.show_values("\n  ".join(["To use it", *answer["to_use_it"]]), {})
