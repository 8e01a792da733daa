from datetime import UTC, datetime, timedelta

import pytest
from toy_warehouse import record_build

from orchestration.builds import history
from orchestration.builds.history import (
    COMPLETE,
    FAILED,
    KILLED,
    PARTIAL,
    BuildInputs,
    EarlierBuild,
    full_refresh_reason,
)
from orchestration.ledger import landing_log
from orchestration.ledger import store as ledger
from orchestration.warehouse import WarehouseError

pytestmark = pytest.mark.tier1

BEFORE = EarlierBuild("run-1", COMPLETE, frozenset({"shop", "crm"}), "code-1")


@pytest.mark.parametrize(
    ("state", "now", "reason"),
    [
        (None, BuildInputs(frozenset({"shop"}), "code-1"), "first build of this warehouse"),
        (BEFORE, BuildInputs(frozenset({"crm", "shop"}), "code-1"), None),
        (
            BEFORE,
            BuildInputs(frozenset({"shop"}), "code-1"),
            "enabled sources changed from crm, shop to shop",
        ),
        (BEFORE, BuildInputs(BEFORE.sources, "code-2"), "the dbt project changed"),
        (
            BEFORE,
            BuildInputs(BEFORE.sources, "code-1", ("shop.orders", "crm.people")),
            "a batch replaced rows of crm.people, shop.orders",
        ),
        *(
            (
                EarlierBuild("run-1", status, BEFORE.sources, "code-1"),
                BuildInputs(BEFORE.sources, "code-1"),
                "the build before (run-1) did not complete",
            )
            for status in (FAILED, KILLED, PARTIAL)
        ),
    ],
)
def test_incremental_models_are_rebuilt_when_they_cannot_be_trusted(state, now, reason):
    assert full_refresh_reason(state, now) == reason


def _land(settings, is_replacement, loaded_at):
    batch = landing_log.LandedBatch(
        "toy", "orders", f"batch of {loaded_at}", "orders.csv", "hash", 1, ["id"], [], "replace",
        is_replacement, loaded_at, 0.1, f"toy/orders/{loaded_at}.parquet",
    )  # fmt: skip
    with ledger.writing(settings) as log:
        landing_log.write(log, [batch])


def _refresh_reason(settings, run_id):
    history.begin(settings, run_id)
    return history.decide_full_refresh(settings, run_id)


def test_a_replacing_batch_counts_until_the_next_complete_build(settings):
    now = datetime.now(UTC).replace(tzinfo=None)
    _land(settings, is_replacement=False, loaded_at=now - timedelta(hours=1))
    record_build(settings, "first")
    assert _refresh_reason(settings, "nothing new") is None
    history.finish(settings, "nothing new", COMPLETE)
    _land(settings, is_replacement=True, loaded_at=datetime.now(UTC).replace(tzinfo=None))
    assert _refresh_reason(settings, "replaced") == "a batch replaced rows of toy.orders"
    history.finish(settings, "replaced", COMPLETE)
    assert _refresh_reason(settings, "after it") is None


def test_both_dbt_steps_of_a_build_get_the_same_answer(settings):
    record_build(settings, "first")
    _land(settings, is_replacement=True, loaded_at=datetime.now(UTC).replace(tzinfo=None))
    first = _refresh_reason(settings, "second")
    assert _refresh_reason(settings, "second") == first == "a batch replaced rows of toy.orders"


def test_a_build_that_never_ran_dbt_changes_nothing(settings):
    record_build(settings, "first")
    history.begin(settings, "red arrival gate")
    history.finish(settings, "red arrival gate", FAILED)
    assert _refresh_reason(settings, "next") is None


def test_a_killed_build_is_marked_by_the_next_one(settings):
    record_build(settings, "killed", status=history.RUNNING)
    history.begin(settings, "next")
    status = {row["run_id"]: row["status"] for row in history.recent(settings)}
    assert status == {"killed": KILLED, "next": history.RUNNING}


def test_a_killed_build_is_marked_even_if_nothing_is_left_to_do(settings):
    history.begin(settings, "run-1")
    history.finish(settings, "run-1", COMPLETE)
    history.begin(settings, "run-2")
    history.close_killed(settings)
    statuses = {build["run_id"]: build["status"] for build in history.recent(settings)}
    assert statuses == {"run-1": COMPLETE, "run-2": KILLED}


def test_a_complete_build_stays_complete_when_its_report_fails(settings):
    record_build(settings, "published")
    history.finish(settings, "published", FAILED, "report failed")
    assert history.recent(settings)[0]["status"] == COMPLETE


def test_only_a_whole_build_is_publishable(settings):
    with pytest.raises(WarehouseError, match="no whole build"):
        history.publishable(settings)
    record_build(settings, "broken", status=FAILED)
    with pytest.raises(WarehouseError, match="no whole build"):
        history.publishable(settings)
    record_build(settings, "whole")
    assert history.publishable(settings)[0] == "whole"


def test_a_partial_run_is_never_publishable(settings):
    record_build(settings, "whole")
    history.begin(settings, "partial", is_partial=True)
    history.decide_full_refresh(settings, "partial")
    history.mark_built(settings, "partial")
    with pytest.raises(WarehouseError, match="no whole build"):
        history.publishable(settings)
