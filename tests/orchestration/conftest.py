import sys
from pathlib import Path

import pytest

from orchestration.builds import locking
from orchestration.settings import Settings

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture
def settings(tmp_path):
    settings = Settings(
        sources=("toy",),
        data=str(tmp_path / "data"),
        warehouse_dir=tmp_path / "warehouse",
        engine="duckdb",
        as_of=None,
        memory_limit="1GB",
    )
    yield settings
    locking.release(settings)
