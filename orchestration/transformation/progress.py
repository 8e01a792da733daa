"""What a person wants to see of a dbt run: a line per model, a sum of the tests, every failure in full.

Reads dbt's structured log; decides nothing about the run, except whether it failed.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping
from typing import Any

logger = logging.getLogger("insight.dbt")

_NODE_RESULTS = {"LogModelResult", "LogSeedResult", "LogSnapshotResult"}
_TEST_RESULT = "LogTestResult"
_BROKEN = {"error", "fail", "runtime error", "partial success"}
_WORDS = {"pass": "passed", "warn": "warned", "fail": "failed", "error": "broken", "skipped": "skipped"}
# Said about a node beside its error; alone they are no failure.
_SAID_ALREADY = {*_NODE_RESULTS, _TEST_RESULT, "RunResultFailure"}


class DbtProgress:
    """Follows one dbt run.

    Parameters
    ----------
    node_count
        How many models, seeds and snapshots the run is going to build.
    full_refresh_reason
        Why incremental models are rebuilt, or ``None`` if they are continued.
    known_count
        Of how many, if there are others, which are as they should be.
    """

    def __init__(
        self, node_count: int, full_refresh_reason: str | None = None, known_count: int | None = None
    ) -> None:
        mode = f"from scratch: {full_refresh_reason}" if full_refresh_reason else "incremental"
        known = node_count if known_count is None else known_count
        if node_count == known:
            logger.info("%d models and seeds, %s", node_count, mode)
        elif node_count:
            logger.info("%d of %d models and seeds, %s; the others are as wanted", node_count, known, mode)
        else:
            logger.info("%d models and seeds are as wanted", known)
        self._good: set[str] = set()
        self._node_count = node_count
        self._finished = 0
        self._tests: Counter[str] = Counter()
        self._test_seconds = 0.0
        self._skipped: list[str] = []
        self._errors: dict[str, list[str]] = {}
        self._compiled: dict[str, str] = {}

    def follow(self, event: Mapping[str, Any]) -> None:
        """Take in one event; log a line if a person wants to see it now."""
        name, data = event["info"]["name"], event["data"]
        node_id = data.get("node_info", {}).get("unique_id", "")
        if name in _NODE_RESULTS:
            self._node(data)
        elif name == _TEST_RESULT:
            self._test(data)
        elif name == "SkippingDetails":
            self._skipped.append(data["node_name"])
        elif name == "SQLCompiledPath":
            self._compiled[node_id] = data["path"]
        elif event["info"]["level"] == "error" and name not in _SAID_ALREADY:
            self._errors.setdefault(node_id, []).append(event["info"]["msg"].strip())

    @property
    def good(self) -> frozenset[str]:
        """Unique ids of what was built, and of the tests that passed."""
        return frozenset(self._good)

    def finish(self) -> None:
        """Log the sum of the tests."""
        if self._tests:
            parts = [
                f"{self._tests[status]} {word}" for status, word in _WORDS.items() if self._tests[status]
            ]
            logger.info("tests: %s (%.1f s)", ", ".join(parts), self._test_seconds)

    def failures(self) -> str | None:
        """Return every failure in full, with the path of its compiled SQL, or ``None`` if nothing failed."""
        if not self._errors:
            return None
        blocks = []
        for node_id, messages in self._errors.items():
            lines = [_name(node_id), *(f"  {line}" for message in messages for line in message.splitlines())]
            if node_id in self._compiled:
                lines.append(f"  compiled SQL: {self._compiled[node_id]}")
            blocks.append("\n".join(lines))
        if self._skipped:
            blocks.append(f"skipped because of this: {len(self._skipped)} models and tests")
        return "\n".join(blocks)

    def _node(self, data: Mapping[str, Any]) -> None:
        self._finished += 1
        node = data["node_info"]
        is_broken = node["node_status"] in _BROKEN
        if node["node_status"] == "success":
            self._good.add(node["unique_id"])
        logger.log(
            logging.ERROR if is_broken else logging.INFO,
            "[%*d/%d] %s.%s %.1f s%s",
            len(str(self._node_count)),
            self._finished,
            self._node_count,
            node["node_relation"]["schema"],
            node["node_relation"]["alias"],
            data["execution_time"],
            "  FAILED" if is_broken else "",
        )

    def _test(self, data: Mapping[str, Any]) -> None:
        self._tests[data["status"]] += 1
        if data["status"] == "pass":
            self._good.add(data["node_info"]["unique_id"])
        self._test_seconds += data["execution_time"]
        if data["status"] not in {"pass", "skipped"}:
            level = logging.ERROR if data["status"] in _BROKEN else logging.WARNING
            logger.log(
                level, "test %s %s: %s rows", data["name"], _WORDS[data["status"]], data["num_failures"]
            )


def _name(node_id: str) -> str:
    # "test.insight.unique_stores.1f55af94a1": the hash says nothing to a person.
    kind, _, rest = node_id.partition(".")
    return f"{kind} {rest.split('.')[1]}" if rest.count(".") else "dbt"
