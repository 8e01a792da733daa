import subprocess
import sys

import pytest

from orchestration.builds import locking

pytestmark = pytest.mark.tier1

HOLD = """
import sys, time
from pathlib import Path
from orchestration.builds import locking
from orchestration.settings import Settings
settings = Settings(("toy",), None, Path(sys.argv[1]), "duckdb", None, "1GB")
locking.hold(settings)
print("held", flush=True)
time.sleep(60)
"""


@pytest.fixture
def other_process(settings):
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(settings.warehouse_dir)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()


def test_a_second_build_is_told_who_builds(settings, other_process):
    with pytest.raises(
        locking.BuildInProgressError, match=f"process {other_process.pid}, since .* Wait for it"
    ):
        locking.hold(settings)
    assert f"process {other_process.pid}" in locking.current_holder(settings)


def test_a_killed_build_leaves_no_lock(settings, other_process):
    other_process.kill()
    other_process.wait()
    assert locking.current_holder(settings) is None
    with locking.holding(settings):
        assert locking.current_holder(settings)
    assert locking.current_holder(settings) is None


def test_steps_of_one_process_share_the_lock(settings):
    with locking.holding(settings):
        locking.hold(settings)
        with locking.holding(settings):
            pass
        assert locking.current_holder(settings)
    assert locking.current_holder(settings) is None
