"""A build reaches no network and does not try to."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from finished_builds import FirstBuilds
from networkless import without_network

pytestmark = [pytest.mark.tier3, pytest.mark.builds(1), pytest.mark.timeout(1800)]

# An address that is nobody's, by RFC 5737.
TRIES = """
import socket

for connect in (socket.create_connection, socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect):
    try:
        connect(("192.0.2.1", 80))
    except OSError:
        pass
"""


def test_attempts_would_be_noticed(tmp_path: Path) -> None:
    networkless = without_network(tmp_path)
    environment = {**os.environ, **networkless.variables}
    subprocess.run([sys.executable, "-c", TRIES], env=environment, check=True)
    assert any("socket.connect" in attempt for attempt in networkless.attempts)
    assert any("socket.getaddrinfo" in attempt for attempt in networkless.attempts)
    if networkless.prefix:
        # Without the watch on sockets: the kernel's count alone.
        subprocess.run([*networkless.prefix, sys.executable, "-c", TRIES], check=True)
        assert networkless.unroutable > 0


def test_no_process_of_a_build_tries_to_reach_a_network(first_builds: FirstBuilds) -> None:
    networkless = first_builds.networkless
    assert networkless.attempts == []
    # The command line itself and dbt, which is a process of its own.
    assert any("orchestration.cli" in process for process in networkless.processes)
    assert any("orchestration.transformation.process" in process for process in networkless.processes)


def test_a_build_succeeds_where_there_is_no_network_at_all(first_builds: FirstBuilds) -> None:
    if not first_builds.networkless.prefix:
        pytest.skip("this system lets nobody make a network namespace")
    assert first_builds.both_days_answer.exit_code == 0
    assert first_builds.both_days.settings.report_path.exists()
    assert first_builds.networkless.unroutable == 0
