"""Conditions under which nothing reaches a network, and every attempt leaves a trace."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

# Runs in every Python process that is started below, before anything else.
WATCHING_SOCKETS = """
import sys

RECORD = {record!r}
LOOPBACK = ("127.", "::1", "localhost")


def note(line):
    with open(RECORD, "a") as record:
        record.write(line + "\\n")


def refuse(event, arguments):
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        address = arguments[1]
        # Sockets between processes of this machine have a path for an address, or none.
        has_host = isinstance(address, tuple) and isinstance(address[0], str)
        is_elsewhere = has_host and not address[0].startswith(LOOPBACK)
    elif event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"):
        address = arguments[0]
        is_elsewhere = bool(address) and not str(address).startswith(LOOPBACK)
    else:
        return
    if is_elsewhere:
        note(f"attempt {{event}} {{address}} by {{sys.orig_argv}}")
        raise OSError(f"no network in this test: {{event}} {{address}}")


note(f"process {{sys.orig_argv}}")
sys.addaudithook(refuse)
"""

# The kernel counts what had nowhere to go, whoever sent it: libraries that are not Python, too.
COUNTING = '"$@"; code=$?; cat /proc/self/net/snmp > {counters}; exit $code'


@dataclass(frozen=True)
class Networkless:
    """How to start a command without a network, and what it left.

    Attributes
    ----------
    variables
        Environment variables that put the watch on sockets into every Python process.
    prefix
        Command that starts another one in a network namespace without any network; empty if this system lets
        nobody make one.
    """

    variables: dict[str, str]
    prefix: tuple[str, ...]
    record: Path
    counters: Path

    @property
    def processes(self) -> list[str]:
        """The Python processes that were watched."""
        return self._noted("process")

    @property
    def attempts(self) -> list[str]:
        """What Python processes tried to reach."""
        return self._noted("attempt")

    @property
    def unroutable(self) -> int:
        """How many packets found no way out of the namespace."""
        names, values = (
            line.split()[1:] for line in self.counters.read_text().splitlines() if line.startswith("Ip:")
        )
        return int(dict(zip(names, values, strict=True))["OutNoRoutes"])

    def _noted(self, kind: str) -> list[str]:
        return [line for line in self.record.read_text().splitlines() if line.startswith(kind)]


def without_network(folder: Path) -> Networkless:
    """Prepare the conditions in ``folder``."""
    folder.mkdir(exist_ok=True)
    record, counters = folder / "record.txt", folder / "counters.txt"
    record.touch()
    (folder / "sitecustomize.py").write_text(WATCHING_SOCKETS.format(record=str(record)))
    namespace = _namespace()
    prefix = (*namespace, "sh", "-c", COUNTING.format(counters=counters), "sh") if namespace else ()
    return Networkless({"PYTHONPATH": str(folder)}, prefix, record, counters)


def _namespace() -> tuple[str, ...]:
    """Return the command that gives another one a network namespace of its own, as root or as anybody."""
    for command in [("unshare", "--net"), ("unshare", "--map-root-user", "--net")]:
        if shutil.which(command[0]) and subprocess.run([*command, "true"], check=False).returncode == 0:
            return command
    return ()
