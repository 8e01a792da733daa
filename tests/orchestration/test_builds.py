import pytest
from toy_warehouse import record_build

from orchestration.builds import history
from orchestration.builds.history import COMPLETE, FAILED, KILLED
from orchestration.warehouse import WarehouseError

pytestmark = pytest.mark.tier1


def test_only_the_first_reason_of_a_build_is_kept(settings):
    history.begin(settings, "run")
    for reason in (None, "fct_orders changed", "fct_sessions changed"):
        history.start_models(settings, "run", reason)
    assert history.recent(settings)[0]["full_refresh_reason"] == "fct_orders changed"


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
    history.start_models(settings, "partial")
    history.mark_built(settings, "partial")
    with pytest.raises(WarehouseError, match="no whole build"):
        history.publishable(settings)
