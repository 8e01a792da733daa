"""Runs dbt as a process that ends when the one that started it does, however that one ended.

A build that is killed must not leave a dbt behind that goes on writing into the warehouse and locks the next
build out. Standard input is a pipe that only the starting process holds open: when it closes, nobody waits.
"""

from __future__ import annotations

import os
import signal
import threading


def main() -> None:
    """Run dbt's command line with the arguments given."""
    threading.Thread(target=_end_with_the_starting_process, daemon=True).start()
    from dbt.cli.main import cli

    cli()


def _end_with_the_starting_process() -> None:
    # Not through sys.stdin: a thread that waits in there would keep the interpreter from ending in peace.
    os.read(0, 1)
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main()
