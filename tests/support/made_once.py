"""What is dear to make is made once, also where several processes share the tests among them."""

from __future__ import annotations

import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from filelock import FileLock

T = TypeVar("T")


def made_once(folder: Path, make: Callable[[Path], T]) -> T:
    """Return what ``make`` made in ``folder``: the first one who asks makes it, the others wait.

    Parameters
    ----------
    folder
        A folder that all processes of a test session know by the same name, below the fixture `shared`.
    make
        Gets the new, empty folder; what it returns has to be picklable. What it made is for reading: who
        wants to change it takes a copy.
    """
    made = folder.with_suffix(".pickle")
    with FileLock(folder.with_suffix(".lock")):
        if not made.exists():
            # Whoever tried before has failed; the next one shall meet the reason, not what was left of it.
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            made.write_bytes(pickle.dumps(make(folder)))
        result: T = pickle.loads(made.read_bytes())
        return result
