"""The build file is disposable: without it, the next build gives what was there, to the moment."""

from __future__ import annotations

import duckdb
import pytest
from finished_builds import Grown
from installations import Installation, differences

pytestmark = [pytest.mark.tier3, pytest.mark.builds(1), pytest.mark.timeout(1800)]

# Ids and their history, and when each record was first known, which they rest on.
REMEMBERED = (
    "core.dim_customer_records",
    "identity.bdg_customer_aliases",
    "identity.bdg_customer_keys",
    "identity.fct_customer_memberships",
    "identity.fct_identity_changes",
)


@pytest.fixture(scope="module")
def rebuilt(grown: Grown, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """Return the warehouse after its build file was deleted, and the next build had ended."""
    installation = grown.installation.copy_to(tmp_path_factory.mktemp("rebuilt") / "installation")
    installation.settings.build_path.unlink()
    answer = installation.build()
    assert answer.content["is_new"]
    everything = set(grown.installation.row_counts("core", "identity", "marts"))
    assert set(installation.row_counts("core", "identity", "marts")) == everything
    return installation


def test_what_readers_see_is_what_they_saw(grown: Grown, rebuilt: Installation) -> None:
    assert differences(grown.installation, rebuilt) == []


@pytest.mark.parametrize("table", REMEMBERED)
def test_ids_and_moments_are_the_same(grown: Grown, rebuilt: Installation, table: str) -> None:
    with duckdb.connect() as connection:
        for name, installation in [("before", grown.installation), ("after", rebuilt)]:
            connection.execute(f"attach '{installation.settings.published_path}' as {name} (read_only)")
        rows = connection.execute(f"select count(*) from before.{table}").fetchall()[0][0]
        assert rows or table == "identity.bdg_customer_aliases"
        for one, other in [("before", "after"), ("after", "before")]:
            assert connection.execute(f"from {one}.{table} except all from {other}.{table}").fetchall() == []


def test_scores_and_verdicts_of_earlier_runs_are_the_same(grown: Grown, rebuilt: Installation) -> None:
    earlier = grown.installation.published("select distinct run_id from ml.model_runs order by 1")
    runs = [run_id for (run_id,) in earlier]
    assert len(runs) == 2
    for table in ("model_runs", "model_backtests", "scores", "score_reasons"):
        query = f"select * from ml.{table} where list_contains({runs}, run_id) order by all"
        assert rebuilt.published(query) == grown.installation.published(query) != []


def test_history_and_levels_of_gates_go_on(grown: Grown, rebuilt: Installation) -> None:
    assert [build["run_id"] for build in rebuilt.builds()[1:]] == [
        build["run_id"] for build in grown.installation.builds()
    ]
    newest = rebuilt.builds()[0]["run_id"]
    bounds = rebuilt.published(
        "select expected_min is not null or expected_max is not null from quality.validation_results "
        f"where run_id = '{newest}' and contains(kwargs, 'relative_to_last')"
    )
    assert bounds
    assert all(is_compared for (is_compared,) in bounds)
    landed = "select source_system, table_name, batch_id, loaded_at from ops.landed_batches order by all"
    assert rebuilt.published(landed) == grown.installation.published(landed)
